"""Bass: lines built on the chords, and on the kick where the style follows it."""

from collections.abc import Iterator
from typing import Final

from acestep_desktop.sketch.changes import ChordSpan
from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import QUARTER, SIXTEENTH, Hit, fit
from acestep_desktop.sketch.harmony import Chord, scale_for
from acestep_desktop.sketch.score import Bar, Score
from acestep_desktop.sketch.tables import Style, instruments, styles

_ACCENT: Final = 112
_NORMAL: Final = 98
_GHOST: Final = 52
_FIFTH: Final = 7
_SOUNDING: Final = frozenset("xXo")


def play_bass(score: Score, role_style: str) -> list[Stroke]:
    """Return the strokes of the bass."""
    style = styles("bass")[role_style]
    register = _register(score)
    strokes: list[Stroke] = []
    for bar in score.bars("bass"):
        if style.walk:
            strokes += _walking_bar(score, bar, register, strokes)
        else:
            strokes += _pattern_bar(score, bar, style, register)
    return strokes


def _register(score: Score) -> tuple[int, int]:
    instrument = instruments()[score.player.instrument]
    low = max(instrument.low, 28)
    return low, min(instrument.high, low + 24)


def _root_pitch(pitch_class: int, low: int) -> int:
    return low + (pitch_class - low) % 12


def _pattern_bar(
    score: Score, bar: Bar, style: Style, register: tuple[int, int]
) -> Iterator[Stroke]:
    dice = score.dice("bass", bar.section.name, bar.in_section % 4)
    started: set[int] = set()
    for hit in _hits(score, bar, style):
        at = bar.start + hit.at
        span = score.chord_at(at)
        symbol = hit.symbol
        if span.start not in started and symbol not in "ra":
            started.add(span.start)
            symbol = "R"
        pitch = _pitch(score, span, symbol, register, at, dice)
        length = max(QUARTER // 16, hit.length * style.gate // 100)
        velocity = {"R": _ACCENT, "r": _GHOST, "a": 88}.get(symbol, _NORMAL)
        if symbol == "r":
            length = min(length, SIXTEENTH // 2)
        yield Stroke(at, length, pitch, velocity, tight=bool(style.follow))
        if style.slide and dice.happens(style.slide / 100) and length > QUARTER // 2:
            yield _slide(at, length, pitch, register)


def _slide(at: int, length: int, pitch: int, register: tuple[int, int]) -> Stroke:
    """Return a note that begins before the last one ends: the instrument glides to it."""
    start = at + length * 3 // 4
    target = pitch + 12 if pitch + 12 <= register[1] else pitch + 7
    return Stroke(start, at + length - start, target, _NORMAL)


def _hits(score: Score, bar: Bar, style: Style) -> tuple[Hit, ...]:
    grid = score.blueprint.grid
    if style.follow:
        lanes = dict(score.genre.grooves[score.blueprint.groove])
        kicks = fit(lanes.get(style.follow, "X---------------"), grid, bar.number)
        starts = [hit.at for hit in kicks if hit.symbol in _SOUNDING] or [0]
        ends = [*starts[1:], grid.bar]
        return tuple(Hit(at, end - at, "R") for at, end in zip(starts, ends, strict=True))
    theme = score.dice("pattern", bar.section.name).pick(style.patterns)
    last_of_phrase = bar.in_section % 4 == 3 or bar.is_last
    if last_of_phrase and score.dice("turn", bar.section.name, bar.in_section % 8).happens(0.6):
        theme = score.dice("other", bar.section.name).pick(style.patterns)
    return fit(theme, grid, bar.number)


def _pitch(
    score: Score, span: ChordSpan, symbol: str, register: tuple[int, int], at: int, dice: Dice
) -> int:
    low, high = register
    chord = span.chord
    root = _root_pitch(chord.bass, low)
    if root - low > 8 and symbol in "f":
        root -= 12
    if symbol == "a":
        return _approach(score, span, root, register, dice)
    above = {
        "R": 0,
        "r": 0,
        "8": 12,
        "5": (chord.tone(5) - chord.bass) % 12,
        "f": (chord.tone(5) - chord.bass) % 12 - 12,
        "3": (chord.tone(3) - chord.bass) % 12,
        "7": (chord.tone(7) - chord.bass) % 12 or 12,
    }.get(symbol, 0)
    pitch = root + above
    while pitch > high:
        pitch -= 12
    return pitch if pitch >= low else pitch + 12


def _approach(
    score: Score, span: ChordSpan, root: int, register: tuple[int, int], dice: Dice
) -> int:
    target = _root_pitch(score.chord_at(span.end).chord.bass, register[0])
    if target == root:
        return _fold(root + (span.chord.tone(5) - span.chord.bass) % 12, register)
    step = dice.pick((-1, 1, -2 if target > root else 2))
    return _beside(target, step, register)


def _beside(target: int, step: int, register: tuple[int, int]) -> int:
    """Return the pitch a step from the target, on its other side at the edge of the register."""
    low, high = register
    return target + step if low <= target + step <= high else target - step


def _fold(pitch: int, register: tuple[int, int]) -> int:
    low, high = register
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _walking_bar(
    score: Score, bar: Bar, register: tuple[int, int], before: list[Stroke]
) -> list[Stroke]:
    """Return a note on every beat: root, chord tones and steps, and a lead into the next root."""
    grid, strokes = score.blueprint.grid, []
    dice = score.dice("walk", bar.number)
    previous = before[-1].pitch if before else (register[0] + register[1]) // 2 - 3
    for index, beat in enumerate(_walk_beats(score)):
        at = bar.start + beat
        span = score.chord_at(at)
        after = at + (
            _walk_beats(score)[index + 1] - beat
            if index + 1 < len(_walk_beats(score))
            else grid.bar - beat
        )
        if at == span.start or index == 0:
            pitch = _nearest(span.chord.bass, previous, register)
        elif after >= span.end:
            pitch = _lead_in(score.chord_at(span.end).chord, previous, register, dice)
        else:
            pitch = _step_on(score, span.chord, previous, register, dice)
        strokes.append(Stroke(at, (after - at) * 92 // 100, pitch, 104 if index % 2 else 98))
        if dice.happens(0.09) and after - at >= QUARTER:
            strokes.append(Stroke(at + QUARTER // 2, QUARTER // 3, pitch, 58))
        previous = pitch
    return strokes


def _walk_beats(score: Score) -> list[int]:
    return [beat.start for beat in score.blueprint.grid.beats]


def _nearest(pitch_class: int, previous: int, register: tuple[int, int]) -> int:
    options = [
        pitch for pitch in range(register[0], register[1] + 1) if (pitch - pitch_class) % 12 == 0
    ]
    return min(options, key=lambda pitch: (abs(pitch - previous), pitch))


def _lead_in(chord: Chord, previous: int, register: tuple[int, int], dice: Dice) -> int:
    target = _nearest(chord.bass, previous, register)
    side = -1 if previous < target else 1
    step = dice.weighted(((side, 5), (-side, 2), (2 * side, 2), (_FIFTH, 1)))
    if step == _FIFTH:
        pitch = _nearest(target + _FIFTH, previous, register)
    else:
        pitch = _beside(target, step, register)
    if pitch != previous:
        return pitch
    return _beside(target, -side if step == side else side, register)


def _step_on(
    score: Score, chord: Chord, previous: int, register: tuple[int, int], dice: Dice
) -> int:
    scale = scale_for(score.blueprint.key, chord)
    tones = set(chord.pitch_classes)
    options = []
    for pitch in range(max(register[0], previous - 7), min(register[1], previous + 7) + 1):
        distance = abs(pitch - previous)
        if distance and pitch % 12 in tones:
            options.append((pitch, 6 if distance <= 5 else 3))
        elif distance in (1, 2) and pitch % 12 in scale:
            options.append((pitch, 3))
    return dice.weighted(options) if options else previous
