"""Prompts: from words to what they mean."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from acestep_desktop.domain.elements import Element, find_elements
from acestep_desktop.domain.exclusions import Exclusions, find_exclusions
from acestep_desktop.domain.figures import Figures, read_figures
from acestep_desktop.domain.reading import PromptReading, SectionWish, Span, SpanKind
from acestep_desktop.domain.request import MAX_BARS
from acestep_desktop.domain.sentence import Sentence

MAX_IGNORED: Final = 100
"""More words than these that mean nothing are not listed."""

_HAND_PERCUSSION: Final = "kit_latin"
"""The kit that has no drummer."""

_QUOTED: Final = 40
"""So many characters of a word are repeated to the person at most."""

_NAMED: Final = (
    "instrument",
    "family",
    "effect",
    "mood",
    "style",
    "section",
    "era",
    "piece",
    "role",
)
_GENRES: Final = ("genre", "genre_near", "genre_adjective")
_RULED_OUT: Final = ("instrument", "family", *_GENRES, "effect", "mood", "style", "section", "era")
_SHOWN: Final[dict[str, SpanKind]] = {
    "effect": "effect",
    "genre": "genre",
    "genre_near": "genre",
    "genre_adjective": "genre",
    "mood": "mood",
    "energy": "energy",
    "era": "era",
    "style": "style",
    "section": "section",
}
"""What a phrase with several meanings is shown as: the first of these."""

_READ_SCRIPTS: Final = ("LATIN", "HIRAGANA", "KATAKANA", "CJK", "FULLWIDTH", "HALFWIDTH")


def read_prompt(text: str) -> PromptReading:
    """Return what `text` means; never raises, whatever the text.

    Case, Unicode form, hyphens and plurals do not matter; the longest phrase
    wins. Explicit numbers beat words ("waltz in 7/8" is in 7/8).
    """
    sentence = Sentence.of(text)
    elements = find_elements(sentence)
    texts = [" ".join(sentence.texts(e.start, e.end - e.start)) for e in elements]
    exclusions = find_exclusions(elements, texts)
    figures = read_figures(sentence, elements, exclusions)
    gathered = _Gathered(sentence, elements, exclusions, figures)
    for index in range(len(elements)):
        gathered.take(index)
    return gathered.reading()


@dataclass(slots=True)
class _Gathered:
    """The phrases of one prompt, gathered by kind while its elements are walked through."""

    sentence: Sentence
    elements: tuple[Element, ...]
    exclusions: Exclusions
    figures: Figures
    named: dict[str, list[str]] = field(default_factory=dict)
    genres: list[list[str]] = field(default_factory=list)
    weak_genres: list[str] = field(default_factory=list)
    implied_genres: list[str] = field(default_factory=list)
    sections: list[SectionWish] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    energies: list[float] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, index: int) -> None:
        """Take in one element."""
        element = self.elements[index]
        if element.role == "word":
            word = self._original(element)
            if not (len(word) == 1 and word.isascii() and word.isalpha()):
                self.ignored.append(word)
        elif index in self.exclusions.out:
            self._rule_out(index)
        elif element.says_something and index not in self.exclusions.dropped:
            self._name(index)
        elif element.has("solo_before", "solo_after") and self.exclusions.alone:
            self._show(element, "solo", "solo")

    def _rule_out(self, index: int) -> None:
        element, negation = self.elements[index], self.elements[self.exclusions.out[index]]
        exact = element.values("negated_noun") or element.values("piece")
        ids = exact or tuple(value for kind in _RULED_OUT for value in element.values(kind))
        if not ids:
            return
        self.without.extend(ids)
        near = abs(negation.end - element.start) <= 1 or abs(element.end - negation.start) <= 1
        first, last = sorted((element, negation), key=lambda e: e.start) if near else (element,) * 2
        self.spans.append(self.sentence.span(first.start, last.end, "without", self._labels(ids)))

    def _name(self, index: int) -> None:
        element = self.elements[index]
        for kind, value in element.meanings:
            if kind in _NAMED:
                self.named.setdefault(kind, []).append(value)
            if kind == "section":
                bars = self.figures.section_bars.get(index)
                self.sections.append(SectionWish(value, bars))
            elif kind == "exclusion":
                self.without.append(value)
            elif kind in ("mood", "energy"):
                energy = self.sentence.vocabulary.terms[kind][value].energy
                self.energies.extend(() if energy is None else (energy,))
        self._name_genres(index)
        self._show_names(element)

    def _name_genres(self, index: int) -> None:
        """Weigh genres: of those in a row the last is the noun ("dub techno" is a techno)."""
        element = self.elements[index]
        if genres := element.values("genre"):
            before = self.elements[index - 1] if index else None
            in_a_row = before is not None and before.has("genre") and before.end == element.start
            if in_a_row and self.genres and index - 1 not in self.exclusions.out:
                self.genres[-1].insert(0, genres[0])
            else:
                self.genres.append([genres[0]])
        near = element.values("genre_near")
        self.weak_genres.extend((*near, *element.values("genre_adjective")))
        if near and not genres and not element.plays:
            label = self.sentence.vocabulary.label("genre", near[0])
            said = self._original(element)
            self._note(f'"{said}" is not a genre of its own here; {label} comes closest.')
        first = self.sentence.find(element.start, "genre") if element.plays else None
        if first is not None and first.length < element.end - element.start:
            self.implied_genres.append(first.value("genre"))

    def _show_names(self, element: Element) -> None:
        """Show a phrase as the most telling thing that it means."""
        vocabulary = self.sentence.vocabulary
        if element.plays:
            players = (*element.values("instrument"), *element.values("family"))
            ids = element.values("piece") or players or element.values("role")
            exact = element.has("instrument")
            self._show(element, "instrument" if exact else "family", self._labels(ids))
            return
        for kind, shown in _SHOWN.items():
            if values := element.values(kind):
                self._show(element, shown, vocabulary.label(shown, values[0]))
                return
        if element.has("exclusion"):
            self._show(element, "without", self._labels(element.values("exclusion")))

    def reading(self) -> PromptReading:
        """Return what was gathered, made consistent."""
        figures = self.figures
        instruments = self._kept("instrument")
        sections = tuple(s for s in self.sections if s.form not in self.without)
        bars = figures.bars
        if bars is None and figures.seconds is None:
            bars = _total_bars(sections)
        genres = _unique([*(g for run in self.genres for g in run), *self.weak_genres])
        spans = sorted((*self.spans, *figures.spans), key=lambda s: (s.start, s.end))
        ignored = _unique_words([*self.ignored, *figures.ignored])
        return PromptReading(
            text=self.sentence.text,
            bpm=figures.bpm,
            bpm_range=None if figures.bpm else figures.bpm_range,
            tempo_words=figures.tempo_words,
            key=figures.key,
            mode=figures.mode,
            meter=figures.meter,
            bars=bars,
            seconds=figures.seconds,
            genres=tuple(
                g for g in genres or _unique(self.implied_genres) if g not in self.without
            ),
            moods=self._kept("mood"),
            energy=round(sum(self.energies) / len(self.energies), 3) if self.energies else None,
            eras=self._kept("era"),
            instruments=instruments,
            families=self._families(instruments),
            styles=self._kept("style"),
            without=_unique(self.without),
            pieces=self._kept("piece"),
            whole_kit=self._names_a_kit(),
            roles=self._kept("role"),
            solo=self._is_solo(),
            sections=sections,
            effects=self._kept("effect"),
            spans=tuple(spans),
            ignored=ignored[:MAX_IGNORED],
            notes=self._notes(ignored),
        )

    def _is_out(self, id: str) -> bool:
        """Return whether an id is ruled out: itself, or as a kit where drums are."""
        instrument = self.sentence.vocabulary.instruments.get(id)
        drums = instrument is not None and instrument.family == "drums" and "drums" in self.without
        return drums or id in self.without

    def _kept(self, kind: str) -> tuple[str, ...]:
        return tuple(id for id in _unique(self.named.get(kind, [])) if not self._is_out(id))

    def _families(self, instruments: tuple[str, ...]) -> tuple[str, ...]:
        table = self.sentence.vocabulary.instruments
        exact = {table[id].family for id in instruments}
        return tuple(id for id in self._kept("family") if id not in exact)

    def _is_solo(self) -> bool:
        """Return whether all that plays was named as playing alone."""
        alone = self.exclusions.alone - set(self.exclusions.out)
        playing = {
            index
            for index, element in enumerate(self.elements)
            if element.plays and index not in self.exclusions.out
        }
        # "piano chords" are one player: what one half of it does, the other does as well.
        paired = {i + by for i in alone for by in (-1, 1) if self._are_one(i, i + by)}
        return bool(alone) and playing <= alone | paired

    def _are_one(self, index: int, other: int) -> bool:
        """Return whether two neighbours name a player and its role, as in "piano chords"."""
        if not 0 <= other < len(self.elements):
            return False
        pair = (self.elements[index], self.elements[other])
        return all(each.plays for each in pair) and any(each.has("role") for each in pair)

    def _names_a_kit(self) -> bool:
        """Return whether drums were named as such, and not only pieces of them."""
        table = self.sentence.vocabulary.instruments
        return any(
            not element.has("piece")
            and (
                "drums" in element.values("family")
                or any(
                    table[id].family == "drums" and id != _HAND_PERCUSSION
                    for id in element.values("instrument")
                )
            )
            for index, element in enumerate(self.elements)
            if index not in self.exclusions.out
        )

    def _check_wishes(self) -> None:
        """Note what was both asked for and ruled out, and wishes for no music at all."""
        for index, element in enumerate(self.elements):
            asked = (*element.values("instrument"), *element.values("family"))
            asked = element.values("piece") or asked
            if asked and index not in self.exclusions.out and all(map(self._is_out, asked)):
                said = self._original(element)
                self._note(f'"{said}" was asked for and ruled out; it was left out.')
        if self.exclusions.everything:
            self._note("Music without any instrument would be silence; that wish was left out.")

    def _notes(self, ignored: tuple[str, ...]) -> tuple[str, ...]:
        self._check_wishes()
        if not self.sentence.text.strip():
            self._note("The prompt is empty; everything is left to the engine.")
        elif not (self.spans or self.figures.spans or self.figures.notes or self.notes):
            self._note("None of these words was understood; everything is left to the engine.")
        if any(map(_is_foreign, ignored)):
            self._note("Some words are in a script that is not read here; they were left out.")
        return _unique([*self.figures.notes, *self.notes])

    def _original(self, element: Element) -> str:
        return self.sentence.original(element.start, element.end)[:_QUOTED]

    def _labels(self, ids: Iterable[str]) -> str:
        return ", ".join(_unique(map(self.sentence.vocabulary.label_of, ids)))

    def _show(self, element: Element, kind: SpanKind, value: str) -> None:
        self.spans.append(self.sentence.span(element.start, element.end, kind, value))

    def _note(self, note: str) -> None:
        self.notes.append(note)


def _total_bars(sections: tuple[SectionWish, ...]) -> int | None:
    """Return the bars of all sections together, if each of them was measured."""
    measured = [section.bars for section in sections if section.bars is not None]
    if not measured or len(measured) < len(sections):
        return None
    return min(sum(measured), MAX_BARS)


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _unique_words(words: Iterable[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for word in words:
        first.setdefault(word.casefold(), word)
    return tuple(first.values())


def _is_foreign(word: str) -> bool:
    letters = (character for character in word if not character.isascii() and character.isalpha())
    return any(not unicodedata.name(c, "LATIN").startswith(_READ_SCRIPTS) for c in letters)
