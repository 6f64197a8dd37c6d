"""Phrases: known sequences of words and what each can mean, found longest first."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from acestep_desktop.domain.tokens import Token, tokenise


class Meaning(NamedTuple):
    """What a phrase can stand for: `value` among the things of a `kind`."""

    kind: str
    value: str


class Found(NamedTuple):
    """A phrase found at a token: how many tokens it has, and all that it can mean."""

    length: int
    meanings: tuple[Meaning, ...]

    def value(self, kind: str) -> str:
        """Return the value of the first meaning of this kind; empty where there is none."""
        return next((meaning.value for meaning in self.meanings if meaning.kind == kind), "")


@dataclass(slots=True)
class PhraseIndex:
    """All phrases of a vocabulary.

    One that is added as a noun is found in its plural too, and written together
    ("deep house", "deephouse"); a phrase that was added as it stands comes first.
    """

    _exact: dict[tuple[str, ...], tuple[Meaning, ...]] = field(default_factory=dict)
    _derived: dict[tuple[str, ...], tuple[Meaning, ...]] = field(default_factory=dict)
    _lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def add(
        self, phrases: Iterable[str], kind: str, value: str = "", *, noun: bool = False
    ) -> None:
        """Let each of `phrases` mean `value` of `kind`, besides what it means already."""
        meaning = Meaning(kind, value)
        for phrase in phrases:
            words = tuple(token.text for token in tokenise(phrase))
            self._put(self._exact, words, meaning)
            if noun:
                for form in _derived_forms(words):
                    self._put(self._derived, form, meaning)

    def longest(
        self, tokens: tuple[Token, ...], at: int, kinds: Collection[str] = ()
    ) -> Found | None:
        """Return the longest phrase at token `at`; if `kinds` are given, one that means such."""
        for length in self._lengths.get(tokens[at].text, ()):
            words = tuple(token.text for token in tokens[at : at + length])
            meanings = self._exact.get(words) or self._derived.get(words)
            if meanings is None or len(words) < length:
                continue
            if not kinds or any(meaning.kind in kinds for meaning in meanings):
                return Found(length, meanings)
        return None

    def meanings(self, word: str) -> tuple[Meaning, ...]:
        """Return what a single word can mean."""
        return self._exact.get((word,)) or self._derived.get((word,)) or ()

    def _put(
        self,
        table: dict[tuple[str, ...], tuple[Meaning, ...]],
        words: tuple[str, ...],
        meaning: Meaning,
    ) -> None:
        known = table.get(words, ())
        if words and meaning not in known:
            table[words] = (*known, meaning)
            lengths = {len(words), *self._lengths.get(words[0], ())}
            self._lengths[words[0]] = tuple(sorted(lengths, reverse=True))


_SHORTEST_COMPOUND: Final = 6
"""Shorter ones, such as "sub" and "up", are likely to be other words."""


def _derived_forms(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not all(word.isascii() and word.isalnum() for word in words):
        return []
    forms = [(*words[:-1], plural) for plural in _plurals(words[-1])]
    joined = "".join(words)
    if len(words) == 2 and joined.isalpha() and len(joined) >= _SHORTEST_COMPOUND:
        forms += [(joined,), *((plural,) for plural in _plurals(joined))]
    if words[-1].isdigit():
        forms.append((*words, "s"))
    return forms


def _plurals(word: str) -> list[str]:
    if not word.isalpha():
        return []
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return [word[:-1] + "ies"]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return [word + "es"]
    return [word + "s"]
