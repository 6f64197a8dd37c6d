"""Key words: keys as people write them in a prompt - "in F# minor", "Am", "fis-moll", "イ短調"."""

import re
from dataclasses import dataclass
from typing import Final, cast

from acestep_desktop.domain.amounts import Amount
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.sentence import Sentence

_LETTERS: Final = re.compile(
    r"(?P<letter>[a-h])(?P<flat>b?)(?P<mode>m|min|minor|maj|major|moll|dur)?"
)
_SHORT_MODES: Final[dict[str, Mode]] = {
    "m": "minor",
    "min": "minor",
    "minor": "minor",
    "moll": "minor",
    "maj": "major",
    "major": "major",
    "dur": "major",
}


@dataclass(frozen=True, slots=True)
class _Tonic:
    """A tonic in the tokens up to `end`, and how sure it is one.

    `plain` is a letter without accidental, `capital` one that was written as
    such; `mode` is a mode that was glued to it ("F#m").
    """

    name: str
    end: int
    plain: bool = False
    capital: bool = True
    needs_mode: bool = False
    mode: str = ""


def read_key(sentence: Sentence, at: int) -> Amount | None:
    """Return the key, or the mode alone, that begins at token `at`.

    The article "a" is told from the tonic: "a minor key" says a mode alone, and a
    bare letter is a key only behind "in" or "key of".
    """
    token = sentence.tokens[at]
    if not (sentence.phrases[at] or _LETTERS.match(token.text)):
        return None
    prefixes = [p for p in sentence.phrases[at] if "key_prefix" in p.kinds]
    starts = [at + prefix.length for prefix in prefixes]
    for start in (*starts, at):
        tonic = _read_letter(sentence, start) or _read_tonic_word(sentence, start)
        amount = _read_mode(sentence, at, start, tonic) if tonic else None
        if amount is not None:
            return amount
    return None


def _read_letter(sentence: Sentence, at: int) -> _Tonic | None:
    token = sentence.token(at)
    match = _LETTERS.fullmatch(token.text) if token and token.kind == "word" else None
    if token is None or match is None:
        return None
    written = sentence.text[token.start : token.end]
    capital = written[0].isupper() and not written[1:].isupper()
    letter, flat, mode = match["letter"].upper(), match["flat"], match["mode"] or ""
    end = at + 1
    sign = "b" if flat else ""
    following = sentence.find(end, "accidental")
    if not sign and not mode and following is not None and _belongs(sentence, end):
        sign = following.value("accidental")
        end += following.length
        mode, end = _read_glued_mode(sentence, end)
    if (after := sentence.token(end)) and after.glued and after.kind == "number":
        return None
    needs_mode = (letter == "A" and sign != "" and not capital) or (bool(flat) and not capital)
    return _Tonic(letter + sign, end, not sign, capital, needs_mode, mode)


def _belongs(sentence: Sentence, at: int) -> bool:
    """Return whether the accidental at `at` belongs to the letter before it: `C#`, not `C #1`."""
    token = sentence.tokens[at]
    return token.kind != "sign" or token.glued


def _read_glued_mode(sentence: Sentence, at: int) -> tuple[str, int]:
    token = sentence.token(at)
    if token and token.glued and token.text in _SHORT_MODES:
        return token.text, at + 1
    return "", at


def _read_tonic_word(sentence: Sentence, at: int) -> _Tonic | None:
    """Read a tonic that is a word of another language: "fis", "sol", "嬰ヘ"."""
    found = sentence.find(at, "tonic")
    if found is None:
        return None
    name, end = found.value("tonic"), at + found.length
    accidental = sentence.find(end, "accidental")
    if accidental is not None and len(name) == 1:
        name, end = name + accidental.value("accidental"), end + accidental.length
    return _Tonic(name, end, needs_mode=True)


def _read_mode(sentence: Sentence, at: int, start: int, tonic: _Tonic) -> Amount | None:
    """Return the key of `tonic` and the mode behind it, or None where it is no tonic after all."""
    if tonic.mode:
        sure = tonic.capital or not tonic.plain or at < start or len(tonic.mode) > 1
        mode = _SHORT_MODES[tonic.mode]
        return _key(sentence, at, tonic.end, tonic, mode) if sure else None
    found = sentence.find(tonic.end, "mode")
    if found is not None:
        mode = cast(Mode, found.value("mode"))
        end = tonic.end + found.length
        if _is_article(sentence, start, end, tonic):
            return Amount(at, end, "mode", mode=mode)
        return _key(sentence, at, end, tonic, mode)
    if tonic.needs_mode or (tonic.plain and not _is_bare_key(sentence, at, start, tonic)):
        return None
    return _key(sentence, at, tonic.end, tonic, None)


def _is_bare_key(sentence: Sentence, at: int, start: int, tonic: _Tonic) -> bool:
    """Return whether a letter alone is a key: behind a prefix, and before no foreign word."""
    if at == start or tonic.name == "H" or (tonic.name == "A" and not tonic.capital):
        return False
    return not _is_unknown_word(sentence, tonic.end)


def _is_article(sentence: Sentence, start: int, end: int, tonic: _Tonic) -> bool:
    """Return whether the tonic A is the article: "a minor key", "a minor detail"."""
    if tonic.name != "A":
        return False
    before = sentence.token(start - 1)
    if tonic.capital and before is not None and before.text not in (".", "!", "?", "\n"):
        return False
    if before is not None and before.text == "of":
        return False
    return sentence.find(end, "after_article") is not None or _is_unknown_word(sentence, end)


def _is_unknown_word(sentence: Sentence, at: int) -> bool:
    token = sentence.token(at)
    return token is not None and token.kind == "word" and sentence.find(at) is None


def _key(sentence: Sentence, at: int, end: int, tonic: _Tonic, mode: Mode | None) -> Amount | None:
    name, note = tonic.name, ""
    last = sentence.find(end - 1, "mode_german")
    german = last is not None or tonic.mode in ("moll", "dur")
    if tonic.name[0] == "H":
        name = "B" + tonic.name[1:]
        if not german:
            said = sentence.original(at, end)
            note = f'There is no key called "{said}": H is German for B, so B was used.'
    elif german and tonic.name == "B":
        name = "Bb"
    other = sentence.find(end - 1, "mode_other") if mode else None
    if other is not None:
        note = f'"{sentence.original(at, end)}" was read as {name} {mode}.'
    try:
        key = Key(name, mode or "major")
    except InvalidValueError:
        return None
    return Amount(at, end, "key" if mode else "tonic", key=key, mode=mode, note=note)
