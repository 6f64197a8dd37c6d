"""Sentences: a prompt's tokens, with the vocabulary at hand to look phrases up in them."""

from dataclasses import dataclass

from acestep_desktop.domain.phrases import Phrase
from acestep_desktop.domain.reading import Span, SpanKind
from acestep_desktop.domain.tokens import Token, tokenise
from acestep_desktop.domain.vocabulary import Vocabulary, vocabulary


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens of `text` in order, and the phrases that begin at each, longest first."""

    text: str
    tokens: tuple[Token, ...]
    phrases: tuple[tuple[Phrase, ...], ...]
    vocabulary: Vocabulary

    @classmethod
    def of(cls, text: str) -> "Sentence":
        """Return the sentence that `text` is, with the program's own vocabulary."""
        words = vocabulary()
        tokens = tokenise(text)
        phrases = tuple([words.index.at(tokens, at) for at in range(len(tokens))])
        return cls(text, tokens, phrases, words)

    def token(self, at: int) -> Token | None:
        """Return the token at `at`, or None beyond either end."""
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def texts(self, at: int, count: int) -> tuple[str, ...]:
        """Return the texts of up to `count` tokens from `at` on."""
        return tuple(token.text for token in self.tokens[max(at, 0) : max(at, 0) + count])

    def is_sign(self, at: int, sign: str) -> bool:
        """Return whether the token at `at` is this sign."""
        token = self.token(at)
        return token is not None and token.text == sign

    def find(self, at: int, *kinds: str) -> Phrase | None:
        """Return the longest phrase at `at` that can mean one of `kinds`; any, without kinds."""
        if not 0 <= at < len(self.tokens):
            return None
        for phrase in self.phrases[at]:
            if not kinds or not phrase.kinds.isdisjoint(kinds):
                return phrase
        return None

    def skip(self, at: int, kind: str, most: int) -> int:
        """Return the first token from `at` on behind at most `most` phrases of `kind`."""
        for _ in range(most):
            found = self.find(at, kind)
            if found is None:
                break
            at += found.length
        return at

    def original(self, start: int, end: int) -> str:
        """Return the tokens [start, end) as they were written."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def span(self, start: int, end: int, kind: SpanKind, value: str) -> Span:
        """Return where the tokens [start, end) stand in the text, and what they mean."""
        return Span(self.tokens[start].start, self.tokens[end - 1].end, kind, value)
