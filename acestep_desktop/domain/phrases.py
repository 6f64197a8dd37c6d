"""Phrases: known sequences of words and what each can mean, found longest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from acestep_desktop.domain.tokens import Token, tokenise


class Meaning(NamedTuple):
    """What a phrase can stand for: `value` among the things of a `kind`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A known phrase: how many tokens it has, all that it can mean, and the kinds of that."""

    length: int
    meanings: tuple[Meaning, ...] = ()
    kinds: frozenset[str] = frozenset()

    def value(self, kind: str) -> str:
        """Return the value of the first meaning of this kind; empty where there is none."""
        return next((meaning.value for meaning in self.meanings if meaning.kind == kind), "")

    def values(self, kind: str) -> tuple[str, ...]:
        """Return the values of all meanings of this kind."""
        if kind not in self.kinds:
            return ()
        return tuple(meaning.value for meaning in self.meanings if meaning.kind == kind)

    def also(self, meaning: Meaning) -> "Phrase":
        """Return this phrase with one meaning more."""
        if meaning in self.meanings:
            return self
        return Phrase(self.length, (*self.meanings, meaning), self.kinds | {meaning.kind})


@dataclass(slots=True)
class PhraseIndex:
    """All phrases of a vocabulary.

    One that is added as a noun is found in its plural too, and written together
    ("deep house", "deephouse"), an adjective with the endings of German and of
    comparatives ("trauriger", "slower"); a phrase that was added as it stands
    comes first.
    """

    _exact: dict[tuple[str, ...], Phrase] = field(default_factory=dict)
    _derived: dict[tuple[str, ...], Phrase] = field(default_factory=dict)
    _lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._exact)

    def add(
        self,
        phrases: Iterable[str],
        kind: str,
        value: str = "",
        *,
        noun: bool = False,
        adjective: bool = False,
    ) -> None:
        """Let each of `phrases` mean `value` of `kind`, besides what it means already."""
        meaning = Meaning(kind, value)
        for phrase in phrases:
            words = tuple(token.text for token in tokenise(phrase))
            self._put(self._exact, words, meaning)
            forms = _derived_forms(words) if noun else []
            for form in (*forms, *(_inflected_forms(words) if adjective else ())):
                self._put(self._derived, form, meaning)

    def at(self, tokens: tuple[Token, ...], position: int) -> tuple[Phrase, ...]:
        """Return the phrases that begin at a token, longest first."""
        lengths = self._lengths.get(tokens[position].text)
        if lengths is None:
            return ()
        texts = tuple([token.text for token in tokens[position : position + lengths[0]]])
        phrases = []
        for length in lengths:
            words = texts[:length]
            phrase = self._exact.get(words) or self._derived.get(words)
            if phrase is not None and phrase.length == length:
                phrases.append(phrase)
        return tuple(phrases)

    def _put(
        self, table: dict[tuple[str, ...], Phrase], words: tuple[str, ...], meaning: Meaning
    ) -> None:
        if not words:
            return
        table[words] = table.get(words, Phrase(len(words))).also(meaning)
        lengths = self._lengths.get(words[0], ())
        if len(words) not in lengths:
            self._lengths[words[0]] = tuple(sorted((*lengths, len(words)), reverse=True))


_SHORTEST_COMPOUND: Final = 6
"""Shorter ones, such as "sub" and "up", are likely to be other words."""


_SHORTEST_ADJECTIVE: Final = 4
"""Shorter ones, such as "fun" and "big", become other words with an ending."""


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


def _inflected_forms(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    last = words[-1] if words else ""
    if len(last) < _SHORTEST_ADJECTIVE or not (last.isascii() and last.isalpha()):
        return []
    stem = last.removesuffix("e")
    return [(*words[:-1], stem + ending) for ending in ("e", "er", "es", "en", "em")]


def _plurals(word: str) -> list[str]:
    if not word.isalpha():
        return []
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return [word[:-1] + "ies"]
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return [word + "es"]
    return [word + "s"]
