"""Figures: tempo, key, meter and length of a prompt, made consistent and kept within bounds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from acestep_desktop.domain.amounts import Amount
from acestep_desktop.domain.elements import Element
from acestep_desktop.domain.exclusions import Exclusions
from acestep_desktop.domain.key import Key, Mode
from acestep_desktop.domain.reading import Span, SpanKind
from acestep_desktop.domain.request import MAX_BARS, MAX_SECONDS
from acestep_desktop.domain.sentence import Sentence
from acestep_desktop.domain.tempo import MAX_REQUEST_BPM, MIN_REQUEST_BPM
from acestep_desktop.domain.time import Meter
from acestep_desktop.domain.vocabulary import TempoTerm

MIN_SECONDS: Final = 0.1

_QUOTED: Final = 40
"""So many characters of a prompt are quoted in a note at most."""

_REACH: Final = 3
"""Between "8 bar" and the section that it measures may stand so many words ("piano")."""


@dataclass(slots=True)
class Figures:
    """What the numbers of a prompt say; every one is what a request may hold.

    `section_bars` are the bars said for a section, by the index of its element.
    """

    bpm: float | None = None
    bpm_range: tuple[float, float] | None = None
    tempo_words: tuple[str, ...] = ()
    key: Key | None = None
    mode: Mode | None = None
    meter: Meter | None = None
    bars: int | None = None
    seconds: float | None = None
    section_bars: dict[int, int] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def read_figures(
    sentence: Sentence, elements: Sequence[Element], exclusions: Exclusions
) -> Figures:
    """Return the figures of a sentence: the first of a kind counts, numbers beat words."""
    reader = _Reader(sentence, elements, exclusions, Figures())
    reader.read_tempo()
    reader.read_tempo_words()
    reader.read_key()
    reader.read_meter()
    reader.read_length()
    return reader.figures


@dataclass(frozen=True, slots=True)
class _Reader:
    sentence: Sentence
    elements: Sequence[Element]
    exclusions: Exclusions
    figures: Figures

    def read_tempo(self) -> None:
        """Read "120 bpm", "120-125 bpm", or a bare number where nothing better is there."""
        explicit = self._amounts("bpm", "bpm_range")
        bare = self._amounts("bare_bpm")
        for amount in bare if explicit else bare[1:]:
            self.figures.ignored.append(self.sentence.original(amount.start, amount.end))
        for amount in explicit or bare[:1]:
            if amount.kind == "bpm_range":
                self._take_bpm_range(amount)
            elif (bpm := self._bounded_bpm(amount)) is not None:
                self._show(amount.start, amount.end, "bpm", f"{bpm:g} bpm")
                if self.figures.bpm is None:
                    self.figures.bpm = bpm
                elif bpm != self.figures.bpm:
                    self._note(
                        f"Two tempi were asked for; {self.figures.bpm:g} bpm, the first, counts."
                    )

    def _take_bpm_range(self, amount: Amount) -> None:
        low, high = (
            min(max(bpm, MIN_REQUEST_BPM), MAX_REQUEST_BPM) for bpm in (amount.number, amount.high)
        )
        self.figures.bpm_range = (low, high)
        self._show(amount.start, amount.end, "bpm", f"{low:g}-{high:g} bpm")

    def _bounded_bpm(self, amount: Amount) -> float | None:
        said = self._quoted(amount)
        if not amount.number > 0:
            self._note(f'"{said}" is no tempo; it was left out.')
            return None
        bpm = min(max(amount.number, MIN_REQUEST_BPM), MAX_REQUEST_BPM)
        if bpm != amount.number:
            bounds = f"{MIN_REQUEST_BPM:g} to {MAX_REQUEST_BPM:g}"
            self._note(f'"{said}" is beyond {bounds} bpm; {bpm:g} bpm is used.')
        return bpm

    def read_tempo_words(self) -> None:
        """Read "slow" and "not too fast"; words that exclude each other leave the tempo open."""
        terms = [self._tempo_term(i) for i, e in enumerate(self.elements) if e.has("tempo")]
        said = list({term.id: term for term in terms if term is not None}.values())
        figures = self.figures
        figures.tempo_words = tuple(term.id for term in said)
        if not said or figures.bpm_range is not None:
            return
        low, high = max(term.bpm[0] for term in said), min(term.bpm[1] for term in said)
        labels = " and ".join(f'"{term.label}"' for term in said)
        if low > high:
            self._note(f"{labels} exclude each other; the tempo words were left out.")
        elif figures.bpm is None:
            figures.bpm_range = (low, high)
        elif not _agrees(figures.bpm, low, high):
            self._note(f"{labels} and {figures.bpm:g} bpm exclude each other; the number counts.")

    def _tempo_term(self, index: int) -> TempoTerm | None:
        element = self.elements[index]
        tempo = self.sentence.vocabulary.tempo
        term = tempo[element.values("tempo")[0]]
        if index in self.exclusions.dropped:
            return None
        if index in self.exclusions.out:
            term = tempo[term.negated]
        self._show(element.start, element.end, "tempo", term.label)
        return term

    def read_key(self) -> None:
        """Read "F# minor", "in C", and "minor" alone."""
        figures = self.figures
        modes = [a.mode for a in self._amounts("mode") if a.mode is not None]
        for index, element in enumerate(self.elements):
            if element.has("mode") and index not in self.exclusions.out:
                modes.append("minor" if "minor" in element.values("mode") else "major")
                self._show(element.start, element.end, "key", modes[-1])
        for amount in self._amounts("key", "tonic"):
            key = amount.key
            if key is not None and amount.kind == "tonic" and modes:
                key = Key(key.tonic, modes[0])
            self._show(amount.start, amount.end, "key", str(key))
            figures.key = figures.key or key
            if key != figures.key:
                self._note(f"Two keys were asked for; {figures.key}, the first, counts.")
            self._note(amount.note)
        for amount in self._amounts("mode"):
            self._show(amount.start, amount.end, "key", str(amount.mode))
        figures.mode = figures.key.mode if figures.key else (modes[0] if modes else None)

    def read_meter(self) -> None:
        """Read "7/8" and "in seven"; a word such as "waltz" counts where no number was said."""
        figures = self.figures
        for amount in self._amounts("meter", "nothing"):
            self._note(amount.note)
            if amount.meter is None:
                continue
            self._show(amount.start, amount.end, "meter", str(amount.meter))
            figures.meter = figures.meter or amount.meter
            if amount.meter != figures.meter:
                self._note(f"Two meters were asked for; {figures.meter}, the first, counts.")
        for index, element in enumerate(self.elements):
            if not element.has("meter") or index in self.exclusions.out:
                continue
            meter = Meter.parse(element.values("meter")[0])
            self._show(element.start, element.end, "meter", str(meter))
            figures.meter = figures.meter or meter
            if meter != figures.meter:
                said = self.sentence.original(element.start, element.end)
                self._note(f'"{said}" means {meter}, but {figures.meter} was asked for and counts.')

    def read_length(self) -> None:
        """Read bars and seconds; bars count where both were said."""
        figures = self.figures
        for index, element in enumerate(self.elements):
            amount = element.amount
            if amount is None or amount.kind not in ("bars", "seconds"):
                continue
            if amount.kind == "seconds":
                self._take_seconds(amount)
            elif (bars := self._bounded_bars(amount)) is not None:
                self._show(amount.start, amount.end, "length", f"{bars} bars")
                self._take_bars(index, bars)
        if figures.bars is not None and figures.seconds is not None:
            figures.seconds = None
            self._note("The length was asked for in bars and in time; the bars count.")

    def _take_bars(self, index: int, bars: int) -> None:
        section = self._measured_section(index)
        if section is not None:
            self.figures.section_bars[section] = bars
        elif self.figures.bars is None:
            self.figures.bars = bars
        elif bars != self.figures.bars:
            self._note(f"Two lengths were asked for; {self.figures.bars} bars, the first, counts.")

    def _measured_section(self, index: int) -> int | None:
        """Return which element is the section of "8 bar intro", "drop (16 bars)", if any."""
        for following in range(index + 1, min(index + 1 + _REACH, len(self.elements))):
            element = self.elements[following]
            if element.role in ("break", "amount") or element.values("section") == ("loop",):
                break
            if element.has("section") and following not in self.exclusions.out:
                return following
        before = index - 1
        if before > 0 and self._text(before) in ("(", ":"):
            before -= 1
        if before < 0 or before in self.figures.section_bars or before in self.exclusions.out:
            return None
        named = self.elements[before].values("section")
        return before if named and named != ("loop",) else None

    def _bounded_bars(self, amount: Amount) -> int | None:
        said = self._quoted(amount)
        if not amount.number >= 0.5:
            self._note(f'"{said}" is no length; it was left out.')
            return None
        bars = math.floor(min(amount.number, MAX_BARS) + 0.5)
        if bars != amount.number:
            self._note(f'"{said}" cannot be; {bars} bars are used.')
        return bars

    def _take_seconds(self, amount: Amount) -> None:
        said = self._quoted(amount)
        if not amount.number >= MIN_SECONDS:
            self._note(f'"{said}" is no length; it was left out.')
            return
        seconds = min(amount.number, MAX_SECONDS)
        if seconds != amount.number:
            self._note(f'"{said}" is longer than {MAX_SECONDS:g} seconds, which are used.')
        self._show(amount.start, amount.end, "length", f"{seconds:g} seconds")
        if self.figures.seconds is None:
            self.figures.seconds = seconds
        elif seconds != self.figures.seconds:
            kept = self.figures.seconds
            self._note(f"Two lengths were asked for; {kept:g} seconds, the first, counts.")

    def _amounts(self, *kinds: str) -> list[Amount]:
        amounts = (element.amount for element in self.elements)
        return [amount for amount in amounts if amount is not None and amount.kind in kinds]

    def _text(self, index: int) -> str:
        element = self.elements[index]
        return " ".join(self.sentence.texts(element.start, element.end - element.start))

    def _quoted(self, amount: Amount) -> str:
        sign = "-" if amount.number < 0 else ""
        return sign + self.sentence.original(amount.start, amount.end)[:_QUOTED]

    def _show(self, start: int, end: int, kind: SpanKind, value: str) -> None:
        self.figures.spans.append(self.sentence.span(start, end, kind, value))

    def _note(self, note: str) -> None:
        if note and note not in self.figures.notes:
            self.figures.notes.append(note)


def _agrees(bpm: float, low: float, high: float) -> bool:
    """Return whether `bpm`, or its half or double, lies about within low..high."""
    return any(0.85 * low <= bpm * factor <= 1.15 * high for factor in (0.5, 1.0, 2.0))
