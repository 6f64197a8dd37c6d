"""Words of a prompt: cleaned, struck out, exchanged, or rolled anew."""

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Final

from acestep_desktop.domain.request import MAX_CAPTION, Request
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Meter

if TYPE_CHECKING:
    from acestep_desktop.domain.reading import Span
    from acestep_desktop.domain.understanding import Understanding
    from acestep_desktop.domain.vocabulary import Vocabulary

ALTERNATIVES: Final = 14
_CHANGEABLE: Final = ("genre", "mood", "era", "instrument", "family", "style", "effect", "tempo")


def cleaned(text: str) -> str:
    """Return `text` without characters that are no text, such as a web page leaves behind."""
    shown = "".join(c for c in text if c.isprintable() or c == "\n")
    return shown.strip()[:MAX_CAPTION]


def without_span(text: str, span: "Span") -> str:
    """Return the prompt without the words of `span`, and without the gap they leave."""
    before, after = text[: span.start].rstrip(" \t"), text[span.end :].lstrip(" \t")
    if before.endswith(",") or not before:
        after = after.lstrip(" ,")
    if not after or after[0] in ",.;":
        return (before.rstrip(" ,") + after).strip(" ,")
    return f"{before} {after}".strip(" ,")


def with_words(text: str, span: "Span", words: str) -> str:
    """Return the prompt with other words in the place of `span`."""
    return text[: span.start] + words + text[span.end :]


def alternatives(span: "Span") -> list[str]:
    """Return what could stand in the place of `span`, in the words of the prompt."""
    if span.kind not in _CHANGEABLE:
        return []
    labels = _vocabulary().labels.get(span.kind, {})
    others = [words for id, words in _said(span.kind) if labels.get(id) != span.value]
    return others[:ALTERNATIVES]


def seconds_of(meaning: "Understanding") -> float | None:
    """Return how long the music will be, if tempo and length are known."""
    if meaning.seconds is not None or meaning.bars is None or meaning.bpm is None:
        return meaning.seconds
    meter = meaning.meter or Meter()
    return frames_of_bars(meaning.bars, meter, meaning.bpm) / SAMPLE_RATE


def rolled(random: Random, kept: Sequence[str] = ()) -> str:
    """Return a prompt by chance that makes sense: genre, mood, two instruments; `kept` stays."""
    genre = random.choice(_said("genre"))[1]
    mood = random.choice(_said("mood"))[1]
    players = random.sample(_said("instrument"), 2)
    words = [f"{mood} {genre}", *(player for _, player in players)]
    lower = " ".join(words)
    return ", ".join((*(word for word in kept if word.lower() not in lower), *words))


def understood(request: Request) -> "Understanding":
    """Return what is understood of a request."""
    # The window is on the screen before there are words to be understood.
    from acestep_desktop.domain.understanding import understand

    return understand(request)


def _said(kind: str) -> list[tuple[str, str]]:
    """Return the ids of everything of a kind, with a word that is sure to be understood."""
    names = _vocabulary()
    said: dict[str, tuple[str, ...]] = {
        id: entry.words for id, entry in names.terms.get(kind, {}).items()
    }
    if kind == "genre":
        said = {id: entry.words for id, entry in names.genres.items()}
    elif kind == "instrument":
        said = {id: entry.words for id, entry in names.instruments.items()}
    elif kind == "tempo":
        said = {id: entry.words for id, entry in names.tempo.items()}
    return [(id, words[0]) for id, words in said.items() if words]


def _vocabulary() -> "Vocabulary":
    # The window is on the screen before there are words to be understood.
    from acestep_desktop.domain.vocabulary import vocabulary

    return vocabulary()
