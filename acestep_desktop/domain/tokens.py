"""Tokens: a prompt cut into words, numbers and signs, whatever its script and Unicode form."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

TokenKind = Literal["number", "word", "ideograph", "sign"]

_KANA_AND_KANJI: Final = (
    r"\u3005\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_TOKEN: Final = re.compile(
    r"(?P<number>\d+(?:\.\d+|,\d{1,2}(?!\d))?(?:e[+-]?\d{1,3}(?![^\W_]))?)"
    rf"|(?P<ideograph>[{_KANA_AND_KANJI}])"
    rf"|(?P<word>[^\W\d_{_KANA_AND_KANJI}]+)"
    r"|(?P<sign>[^\s\-_'\u2018\u2019\u00b4`\u2010-\u2015\u2212\u30fb\ufe0e\ufe0f\u200b-\u200d\ufffd]|\n)"
)
_REPLACED: Final = {"♯": "#", "♭": "b", "⁄": "/", "／": "/", "×": "x"}
_MARKS: Final = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u093c\u094d\u0e31\u0e34-\u0e3a"
    r"\u0e47-\u0e4e\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\uff9e\uff9f"
)
"""Characters that belong to the letter before them."""

_UNCHANGED: Final = r"\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff"
"""Kana and kanji that folding leaves as they are."""

_CLUSTER: Final = re.compile(
    rf"(?P<plain>[\x00-\x7f{_UNCHANGED}]+(?![{_MARKS}]))|(?P<marked>[^{_MARKS}]?[{_MARKS}]*)",
    re.DOTALL,
)


class Token(NamedTuple):
    """One word, number or sign; Chinese and Japanese letters stand alone.

    `gap` is what separates it from the token before. `start` and `end` count
    characters of the prompt as it was written.
    """

    text: str
    kind: TokenKind
    gap: str
    start: int
    end: int

    @property
    def glued(self) -> bool:
        """Whether nothing but an apostrophe separates it from the token before."""
        return self.gap in ("", "'", "\u2019", "`", "\u2018", "\u00b4")

    @property
    def hyphened(self) -> bool:
        """Whether a hyphen or dash, and nothing else, separates it from the token before."""
        return len(self.gap) > 0 and not self.gap.strip("-\u2010\u2011\u2012\u2013\u2014\u2212")


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text in lower case without accents, and where each character came from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def tokenise(text: str) -> tuple[Token, ...]:
    """Return the tokens of `text`: lower case, without accents, compatibility forms unfolded."""
    folded = _fold(text)
    tokens: list[Token] = []
    previous = 0
    for match in _TOKEN.finditer(folded.text):
        start, end = match.span()
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]
        gap = folded.text[previous:start]
        tokens.append(Token(match.group(), kind, gap, folded.starts[start], folded.ends[end - 1]))
        previous = end
    return tuple(tokens)


def _fold(text: str) -> _Folded:
    if text.isascii():
        return _Folded(text.lower(), range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _CLUSTER.finditer(text):
        start, end = match.span()
        cluster = match.group()
        if match.lastgroup == "plain":
            pieces.append(cluster.lower())
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            piece = _fold_cluster(cluster)
            pieces.append(piece)
            starts.extend([start] * len(piece))
            ends.extend([end] * len(piece))
    return _Folded("".join(pieces), starts, ends)


@lru_cache(maxsize=1024)
def _fold_cluster(cluster: str) -> str:
    if cluster in _REPLACED:
        return _REPLACED[cluster]
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", cluster).casefold())
    plain = "".join(c for c in folded if not "\u0300" <= c <= "\u036f")
    return "".join(map(_plain_character, unicodedata.normalize("NFC", plain)))


def _plain_character(character: str) -> str:
    if character in _REPLACED:
        return _REPLACED[character]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return character
