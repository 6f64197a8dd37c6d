"""Chords: comping, pads and arpeggios, all voiced so that the voices move little."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from acestep_desktop.sketch.changes import ChordSpan
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import QUARTER, SIXTEENTH, Hit, fit
from acestep_desktop.sketch.score import Bar, Score
from acestep_desktop.sketch.tables import Style, instruments, styles
from acestep_desktop.sketch.voicing import Manner, Voicing, voice_all

_VELOCITY: Final = {"X": 104, "x": 90, "o": 72, "s": 46, "P": 94, "L": 92, "H": 84}
_PICKED: Final = frozenset("12345678")
_PLAIN: Final = 84

_COMPING: Final = Manner(4, 50, 74)
_ROOTLESS: Final = Manner(4, 50, 72, rootless=True)
_PAD: Final = Manner(4, 48, 76, open=True, colour=False)
_POWER: Final = Manner(3, 40, 64, power=True)
_SYNTH: Final = Manner(4, 56, 81)
_GUITAR: Final = Manner(5, 42, 72, open=True)
_ARP: Final = Manner(4, 57, 79, colour=False)
_ARP_ABOVE: Final = Manner(4, 69, 91, colour=False)
"""Where an arpeggio of plucks or bells lies above a melody that it would hide."""

_LIGHT: Final = ("pluck", "bells")


def play_chords(score: Score, role_style: str) -> list[Stroke]:
    """Return the strokes of a comping instrument."""
    style = styles("chords")[role_style]
    voicings = _voicings(score, _chord_manner(score, role_style))
    return [
        stroke
        for bar in score.bars("chords")
        for stroke in _bar(score, bar, _theme(score, bar, style, "chords"), style, voicings)
    ]


def play_pad(score: Score, role_style: str) -> list[Stroke]:
    """Return the strokes of a pad: every chord held, common tones held through."""
    style = styles("chords")[role_style]
    # Who comps has the sevenths; a pad that doubled them would hide the root.
    accompanied = any("chords" in player.roles for player in score.blueprint.players)
    voicings = _voicings(score, replace(_PAD, plain=accompanied))
    bar_length = score.blueprint.grid.bar
    longest = 4 * bar_length if role_style == "drone" else 0
    held: list[Stroke] = []
    sounding: dict[int, int] = {}
    for bar in score.bars("pad"):
        for span in score.chords_in(bar.start, bar.start + bar_length):
            start = max(span.start, bar.start)
            length = min(span.end, bar.start + bar_length) - start
            velocity = 62 + int(24 * bar.section.energy)
            for pitch in _placed(score, voicings[span]):
                stroke = Stroke(start, length * style.gate // 100, pitch, velocity, tight=True)
                _hold(held, sounding, stroke, longest if bar.in_section else 0)
    return held


def _hold(held: list[Stroke], sounding: dict[int, int], stroke: Stroke, longest: int) -> None:
    """Add the stroke, or lengthen the one before it where its tone is common to both chords."""
    index = sounding.get(stroke.pitch)
    if index is not None:
        before = held[index]
        reach = stroke.at + stroke.length - before.at
        touching = stroke.at - before.at - before.length < SIXTEENTH
        if touching and (reach <= longest):
            held[index] = replace(before, length=reach)
            return
    sounding[stroke.pitch] = len(held)
    held.append(stroke)


def play_arp(score: Score, role_style: str) -> list[Stroke]:
    """Return the strokes of an arpeggio."""
    style = styles("arp")[role_style]
    light = instruments()[score.player.instrument].family in _LIGHT
    sung = any("melody" in player.roles for player in score.blueprint.players)
    voicings = _voicings(score, _ARP_ABOVE if light and sung else _ARP)
    return [
        stroke
        for bar in score.bars("arp")
        for stroke in _bar(score, bar, _theme(score, bar, style, "arp"), style, voicings)
    ]


def _theme(score: Score, bar: Bar, style: Style, role: str) -> str:
    """Return the pattern of a bar: one for the section, another now and then as an answer."""
    main = score.dice(role, bar.section.name).pick(style.patterns)
    place = bar.in_section % 4
    dice = score.dice(role, bar.section.name, bar.in_section % 8)
    chance = max(style.vary, 50 if place == 3 else 0) / 100
    return dice.pick(style.patterns) if dice.happens(chance) else main


def _chord_manner(score: Score, role_style: str) -> Manner:
    if role_style in ("power", "chug", "metal_low"):
        return _POWER
    family = instruments()[score.player.instrument].family
    if family in ("lead", "pluck"):
        return _SYNTH
    if family == "guitar":
        return replace(_GUITAR, rootless=score.player.rootless)
    if score.player.rootless and "bass" not in score.player.roles:
        return _ROOTLESS
    return _COMPING


def _voicings(score: Score, manner: Manner) -> dict[ChordSpan, Voicing]:
    chords = score.blueprint.chords
    instrument = instruments()[score.player.instrument]
    low = max(manner.low, instrument.low)
    high = max(min(manner.high, instrument.high), low + 16)
    fitted = replace(manner, low=low, high=high)
    voicings = voice_all([span.chord for span in chords], fitted)
    return dict(zip(chords, voicings, strict=True))


def _placed(score: Score, voicing: Voicing) -> Voicing:
    """Return the voicing within the instrument's range."""
    instrument = instruments()[score.player.instrument]
    return tuple(_into(pitch, instrument.low, instrument.high) for pitch in voicing)


def _into(pitch: int, low: int, high: int) -> int:
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _bar(
    score: Score, bar: Bar, pattern: str, style: Style, voicings: dict[ChordSpan, Voicing]
) -> Iterator[Stroke]:
    grid = score.blueprint.grid
    hits = fit(pattern, grid, bar.number)
    for hit in _with_changes(score, bar, hits):
        at = bar.start + hit.at
        span = score.chord_at(bar.start + grid.bar if hit.symbol == "P" else at)
        length = _length(score, at, hit, style)
        yield from _struck(score, hit.symbol, at, length, voicings[span], bar)


def _with_changes(score: Score, bar: Bar, hits: tuple[Hit, ...]) -> list[Hit]:
    """Return the hits, held ones struck again where the chord changes under them."""
    found: list[Hit] = []
    for hit in hits:
        start, end = bar.start + hit.at, bar.start + hit.at + hit.length
        cuts = [
            span.start
            for span in score.chords_in(start, end)
            if start + SIXTEENTH < span.start <= end - QUARTER
        ]
        places = [start, *cuts, end]
        for begin, finish in itertools.pairwise(places):
            found.append(Hit(begin - bar.start, finish - begin, hit.symbol))
    return found


def _length(score: Score, at: int, hit: Hit, style: Style) -> int:
    if hit.symbol == "s":
        return SIXTEENTH // 3
    wanted = hit.length * style.gate // 100
    if style.gate > 100 and hit.symbol != "P":
        wanted = min(wanted, score.chord_at(at).end - at)
    return max(SIXTEENTH // 4, wanted)


def _struck(
    score: Score, symbol: str, at: int, length: int, voicing: Voicing, bar: Bar
) -> Iterator[Stroke]:
    lift = int(16 * (bar.section.energy - 0.8))
    velocity = max(20, min(124, _VELOCITY.get(symbol, _PLAIN) + lift))
    if symbol in _PICKED:
        index = int(symbol) - 1
        octave, place = divmod(index, len(voicing))
        pitches: Voicing = (voicing[place] + 12 * octave,)
        velocity += 8 if at == bar.start else 0
    elif symbol == "L":
        pitches = voicing[:1]
    elif symbol == "H":
        pitches = voicing[1:] or voicing
    else:
        pitches = voicing
    top = pitches[-1]
    for pitch in _placed(score, pitches):
        softer = 0 if pitch == top else 6
        yield Stroke(at, length, pitch, max(1, velocity - softer))
