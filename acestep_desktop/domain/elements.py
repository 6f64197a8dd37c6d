"""Elements: a sentence cut into known phrases, amounts, unknown words and breaks."""

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from acestep_desktop.domain.amounts import Amount, read_amount
from acestep_desktop.domain.key_words import read_key
from acestep_desktop.domain.phrases import Meaning, Phrase
from acestep_desktop.domain.sentence import Sentence
from acestep_desktop.domain.tokens import Token

CONTENT: Final = frozenset(
    (
        "instrument",
        "family",
        "genre",
        "genre_adjective",
        "genre_near",
        "effect",
        "style",
        "mood",
        "energy",
        "era",
        "tempo",
        "section",
        "meter",
        "mode",
        "exclusion",
        "role",
    )
)
"""Kinds of meaning that say something about the music."""

MODIFIERS: Final = (
    "mood",
    "energy",
    "era",
    "tempo",
    "style",
    "genre",
    "genre_adjective",
    "genre_near",
)
"""Kinds that may stand before an instrument and describe it."""

_BREAKS: Final = frozenset(",.;!?\n()[]{}|:、。，")


@dataclass(frozen=True, slots=True)
class Element:
    """The tokens [start, end) of a sentence, understood together.

    Exactly one of these holds: it is a phrase (`found`), an `amount`, an unknown
    `word`, or a `break` between clauses.
    """

    start: int
    end: int
    role: Literal["phrase", "amount", "word", "break"]
    found: Phrase | None = None
    amount: Amount | None = None

    def has(self, *kinds: str) -> bool:
        """Return whether it is a phrase that can mean one of these kinds."""
        return self.found is not None and not self.found.kinds.isdisjoint(kinds)

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """All that it can mean; nothing unless it is a phrase."""
        return self.found.meanings if self.found else ()

    def values(self, kind: str) -> tuple[str, ...]:
        """Return all that it can mean of this kind."""
        return self.found.values(kind) if self.found else ()

    @property
    def plays(self) -> bool:
        """Whether it names an instrument, a family of them, or a role such as the melody."""
        return self.has("instrument", "family", "role")

    @property
    def modifies(self) -> bool:
        """Whether it describes, and names nothing that plays."""
        return self.has(*MODIFIERS) and not self.plays

    @property
    def says_something(self) -> bool:
        """Whether it is a phrase about the music, and not a mere function word."""
        return self.found is not None and not self.found.kinds.isdisjoint(CONTENT)


def find_elements(sentence: Sentence) -> tuple[Element, ...]:
    """Return the elements of `sentence` in order; function words are phrases without content."""
    elements: list[Element] = []
    at = 0
    while at < len(sentence.tokens):
        element = _element(sentence, at, elements[-1] if elements else None)
        if element is None:
            at += 1
            continue
        elements.append(element)
        at = element.end
    return tuple(elements)


def _element(sentence: Sentence, at: int, previous: Element | None) -> Element | None:
    token = sentence.tokens[at]
    amount = read_key(sentence, at) or read_amount(sentence, at)
    found = None if _continues_unknown(sentence, at, previous) else sentence.find(at)
    if amount is not None and not _outweighs(sentence, at, found, amount):
        return Element(at, amount.end, "amount", amount=amount)
    if token.text in _BREAKS:
        return Element(at, at + 1, "break")
    if found is not None:
        return Element(at, at + found.length, "phrase", found=found)
    if token.kind == "sign" and not _is_letter_like(token):
        return None
    return Element(at, _end_of_word(sentence, at), "word")


def _outweighs(sentence: Sentence, at: int, found: Phrase | None, amount: Amount) -> bool:
    """Return whether a phrase wins over an amount: if longer, or "80s", which is no 80 seconds.

    What is spelled like a key is one: "Ebm" is E flat minor, "EBM" a genre.
    """
    written = sentence.original(at, at + 1)
    if found is None or (amount.kind == "key" and written[:1].isupper() and written[1:].islower()):
        return False
    if found.length != amount.end - at:
        return found.length > amount.end - at
    return not found.kinds.isdisjoint(CONTENT) and all(
        token.glued for token in sentence.tokens[at + 1 : at + found.length]
    )


def _continues_unknown(sentence: Sentence, at: int, previous: Element | None) -> bool:
    """Return whether an unknown katakana word goes on here: "クロック" is no "ロック"."""
    if previous is None or previous.role != "word" or previous.end != at:
        return False
    token, before = sentence.tokens[at], sentence.tokens[at - 1]
    return token.glued and _is_katakana(token) and _is_katakana(before)


def _is_katakana(token: Token) -> bool:
    return "\u30a1" <= token.text <= "\u30ff"


def _is_letter_like(token: Token) -> bool:
    return unicodedata.category(token.text)[0] in "LM" or unicodedata.category(token.text) == "So"


def _end_of_word(sentence: Sentence, at: int) -> int:
    """Return the end of an unknown word: what is written together beyond ASCII stays together."""
    end = at + 1
    while end < len(sentence.tokens):
        token = sentence.tokens[end]
        if not token.glued or token.text.isascii() or token.text in _BREAKS:
            break
        if sentence.find(end) is not None and not _is_katakana(token):
            break
        end += 1
    return end
