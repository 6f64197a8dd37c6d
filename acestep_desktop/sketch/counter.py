"""Counter lines: guide tones in long notes, or short stabs between the phrases."""

from typing import Final

from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import SIXTEENTH, fit
from acestep_desktop.sketch.score import Bar, Score
from acestep_desktop.sketch.tables import instruments
from acestep_desktop.sketch.voicing import Manner, voice

_STABS: Final = (
    "........x.xx....",
    "..........x..x..",
    "x..x............",
    "......x...x.....",
    "............x.x.",
)


def play_counter(score: Score, role_style: str) -> list[Stroke]:
    """Return the strokes of a counter line."""
    return _stabs(score) if role_style == "stabs" else _guide_tones(score)


def _range(score: Score) -> tuple[int, int]:
    instrument = instruments()[score.player.instrument]
    low = max(instrument.low, min(55, instrument.high - 16))
    return low, min(instrument.high, low + 17)


def _guide_tones(score: Score) -> list[Stroke]:
    """Return thirds and sevenths, each as near to the one before as can be."""
    low, high = _range(score)
    previous = (low + high) // 2
    bar_length = score.blueprint.grid.bar
    strokes: list[Stroke] = []
    for bar in score.bars("counter"):
        for span in score.chords_in(bar.start, bar.start + bar_length):
            chord = span.chord.whole
            tones = {chord.tone(3), chord.tone(7), chord.tone(5)} - {chord.root}
            options = [p for p in range(low, high + 1) if p % 12 in (tones or {chord.root})]
            pitch = min(options, key=lambda p: (abs(p - previous), p))
            start = max(span.start, bar.start)
            end = min(span.end, bar.start + bar_length)
            velocity = 70 + int(20 * bar.section.energy)
            strokes.append(Stroke(start, (end - start) * 97 // 100, pitch, velocity))
            previous = pitch
    return strokes


def _stabs(score: Score) -> list[Stroke]:
    low, high = _range(score)
    manner = Manner(3, low, high, rootless=True)
    strokes: list[Stroke] = []
    for bar in score.bars("counter"):
        if bar.in_section % 2 == 1 or bar.is_last:
            strokes += _stab_bar(score, bar, manner)
    return strokes


def _stab_bar(score: Score, bar: Bar, manner: Manner) -> list[Stroke]:
    rhythm = score.dice("stabs", bar.section.name, bar.in_section % 4).pick(_STABS)
    strokes = []
    for hit in fit(rhythm, score.blueprint.grid, 0):
        at = bar.start + hit.at
        chord = score.chord_at(at).chord
        for pitch in voice(chord, None, manner):
            strokes.append(Stroke(at, min(hit.length, 2 * SIXTEENTH) * 3 // 4, pitch, 104))
    return strokes
