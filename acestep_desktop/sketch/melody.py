"""Melody: a motif stated, varied and answered, on the tones of the chords."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from acestep_desktop.sketch.dice import Dice
from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.grid import SIXTEENTH, Hit, fit
from acestep_desktop.sketch.harmony import Chord, scale_for
from acestep_desktop.sketch.score import Bar, Score
from acestep_desktop.sketch.tables import Style, instruments, styles

_PHRASES: Final = (
    ("A", "B", "A", "C"),
    ("A", "A", "B", "C"),
    ("A", "-", "A", "C"),
    ("A", "B", "A", "-"),
    ("A", "a", "B", "C"),
)
# Four bars: A states, a varies its end, B answers, C closes, - rests.

_REPEAT_COST: Final = 4
_HOME_PULL: Final = 3
"""By how many semitones the tonic seems nearer than it is, where a note weighs."""

_MINOR_PENTATONIC: Final = (0, 3, 5, 7, 10)
_MAJOR_PENTATONIC: Final = (0, 2, 4, 7, 9)


@dataclass(frozen=True, slots=True)
class Motif:
    """A bar of melody: its rhythm, and how far above the motif's first tone each note lies."""

    rhythm: str
    contour: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What stays the same along a melody: its style, and the range it keeps to."""

    style: Style
    low: int
    high: int


def play_melody(score: Score, role_style: str) -> list[Stroke]:
    """Return the strokes of the melody."""
    style = styles("melody")[role_style]
    line = _line(score, style)
    strokes: list[Stroke] = []
    previous = (line.low + line.high) // 2
    for bar in score.bars("melody"):
        form = _phrase(score, bar)
        letter = form[bar.in_section % 4]
        if letter == "-":
            continue
        motif = _motif(score, bar, letter, style)
        closing = letter == "C" or bar.is_last
        played = _play_motif(score, bar, motif, line, previous, closing=closing)
        if played:
            previous = played[-1].pitch
        strokes += played
    return strokes


def _line(score: Score, style: Style) -> Line:
    instrument = instruments()[score.player.instrument]
    centre = (instrument.low + instrument.high) // 2
    if len(score.player.roles) > 1:
        centre = max(centre, 76)
    centre = max(64, min(78, centre)) if instrument.family != "bass" else centre
    low = max(instrument.low, centre - style.span // 2 - 1)
    return Line(style, low, min(instrument.high, low + style.span + 3))


def _phrase(score: Score, bar: Bar) -> tuple[str, ...]:
    phrase = score.dice("phrase", bar.section.name).pick(_PHRASES)
    if bar.section.bars < 4 and phrase[0] == "-":
        return ("A", "B", "A", "C")
    return phrase


def _motif(score: Score, bar: Bar, letter: str, style: Style) -> Motif:
    theme = f"{bar.section.name} {bar.in_section // 4}" if style.improvise else bar.section.name
    base = _new_motif(score.dice("motif", theme, "A"), style)
    if letter == "A":
        return base
    if letter == "a":
        dice = score.dice("motif", theme, "a")
        kept = len(base.contour) // 2
        changed = tuple(step + dice.pick((-2, -1, 1, 2)) for step in base.contour[kept:])
        return Motif(base.rhythm, base.contour[:kept] + changed)
    if letter == "B":
        dice = score.dice("motif", theme, "B")
        turned = tuple(-step for step in base.contour)
        rhythm = base.rhythm if dice.happens(0.4) else dice.pick(style.patterns)
        return Motif(rhythm, turned + _new_motif(dice, style).contour)
    return _new_motif(score.dice("motif", theme, "C", bar.in_section // 8 % 2), style)


def _new_motif(dice: Dice, style: Style) -> Motif:
    rhythm = dice.pick(style.patterns)
    count = sum(symbol in "xX" for symbol in rhythm)
    direction = dice.pick((-1, 1))
    place, contour = 0, [0]
    for _ in range(max(0, count - 1)):
        if dice.happens(style.step / 100):
            place += direction
        else:
            place += direction * dice.within(2, 4)
            direction = -direction
        if abs(place) > 4 or dice.happens(0.28):
            direction = -1 if place > 0 else 1
        contour.append(place)
    return Motif(rhythm, tuple(contour))


def _play_motif(
    score: Score, bar: Bar, motif: Motif, line: Line, previous: int, *, closing: bool
) -> list[Stroke]:
    hits = fit(motif.rhythm, score.blueprint.grid, 0)
    if closing:
        hits = _resting(hits, score)
    if not hits:
        return []
    dice = score.dice("play", bar.number)
    anchor = _anchor(score, bar.start + hits[0].at, line, previous)
    strokes: list[Stroke] = []
    pitch = previous
    for index, hit in enumerate(hits):
        at = bar.start + hit.at
        step = motif.contour[index % len(motif.contour)]
        last = index == len(hits) - 1
        pitch = _pitch(score, at, anchor, step, line)
        if last or _weighty(score, hit):
            pitch = _resting_tone(score, at, pitch, previous, line)
        pitch = _without_leap(score, at, pitch, previous, line)
        if _leads_home(score, at, previous) and previous < line.high:
            pitch = previous + 1
        strokes.append(_stroke(score, bar, hit, pitch, line.style))
        previous = pitch
    if closing and strokes:
        edge = bar.start + score.blueprint.grid.bar * 7 // 8
        strokes[-1] = _resolved(score, strokes[-1], line, edge)
    return _approached(score, strokes, line, dice)


def _resting(hits: tuple[Hit, ...], score: Score) -> tuple[Hit, ...]:
    """Return the hits up to the last strong one, so that the phrase can breathe."""
    edge = score.blueprint.grid.bar * 11 // 16
    kept = tuple(hit for hit in hits if hit.at <= edge)
    return kept or hits[:1]


def _weighty(score: Score, hit: Hit) -> bool:
    return score.blueprint.grid.is_beat(hit.at) or hit.length >= 4 * SIXTEENTH


def _scale(score: Score, chord: Chord, style: Style) -> tuple[int, ...]:
    key = score.blueprint.key
    scale = scale_for(key, chord)
    if not style.pentatonic:
        return scale
    steps = _MINOR_PENTATONIC if key.mode == "minor" else _MAJOR_PENTATONIC
    simple = {(key.pitch_class + step) % 12 for step in steps}
    return tuple(tone for tone in scale if tone in simple or tone in chord.pitch_classes)


def _ladder(tones: Sequence[int], line: Line) -> list[int]:
    return [pitch for pitch in range(line.low, line.high + 1) if pitch % 12 in tones]


def _anchor(score: Score, at: int, line: Line, previous: int) -> int:
    tones = score.chord_at(at).chord.whole.pitch_classes
    centre = (line.low + line.high) // 2
    ladder = _ladder(tones, line) or [centre]
    return min(ladder, key=lambda pitch: (abs(pitch - previous) + abs(pitch - centre), pitch))


def _pitch(score: Score, at: int, anchor: int, step: int, line: Line) -> int:
    """Return the pitch `step` scale steps from the anchor."""
    chord = score.chord_at(at).chord.whole
    ladder = _ladder(_scale(score, chord, line.style), line)
    if not ladder:
        return anchor
    start = min(range(len(ladder)), key=lambda k: (abs(ladder[k] - anchor), k))
    place = _reflected(start + step, len(ladder))
    return ladder[place]


def _resting_tone(score: Score, at: int, pitch: int, previous: int, line: Line) -> int:
    """Return the chord tone near `pitch` that is easy to sing after `previous`."""
    tones = _ladder(score.chord_at(at).chord.whole.pitch_classes, line) or [pitch]
    key = score.blueprint.key
    pull = {key.pitch_class: _HOME_PULL, key.scale[2]: 1 if key.mode == "minor" else 0}

    def effort(tone: int) -> tuple[int, int]:
        leap = abs(tone - previous)
        strain = 2 * abs(tone - pitch) + leap + 2 * max(0, leap - 5)
        return strain + (_REPEAT_COST if leap == 0 else 0) - 2 * pull.get(tone % 12, 0), tone

    return min(tones, key=effort)


def _reflected(place: int, size: int) -> int:
    if place < 0:
        place = -place
    if place >= size:
        place = 2 * (size - 1) - place
    return max(0, min(size - 1, place))


def _without_leap(score: Score, at: int, pitch: int, previous: int, line: Line) -> int:
    """Return the pitch, in the octave nearest to the one before where it would leap far."""
    for moved in (pitch - 12, pitch + 12):
        if abs(pitch - previous) > 9 and line.low <= moved <= line.high:
            pitch = moved
    return pitch


def _leads_home(score: Score, at: int, previous: int) -> bool:
    """Return whether `previous` is a leading tone that the chord at `at` resolves."""
    tonic = score.blueprint.key.pitch_class
    tones = score.chord_at(at).chord.whole.pitch_classes
    return (previous + 1 - tonic) % 12 == 0 and tonic in tones and previous % 12 not in tones


def _stroke(score: Score, bar: Bar, hit: Hit, pitch: int, style: Style) -> Stroke:
    grid = score.blueprint.grid
    velocity = 84 + int(14 * bar.section.energy)
    velocity += 10 if grid.is_strong(hit.at) else 4 if grid.is_beat(hit.at) else 0
    length = max(SIXTEENTH // 3, hit.length * style.gate // 100)
    return Stroke(bar.start + hit.at, length, pitch, min(122, velocity))


def _resolved(score: Score, stroke: Stroke, line: Line, edge: int) -> Stroke:
    """Return the stroke on the tonic where it is a chord tone, else on the nearest chord tone.

    It ends by the tick `edge`, for breath.
    """
    chord = score.chord_at(stroke.at).chord.whole
    tonic = score.blueprint.key.pitch_class
    goal = (tonic,) if tonic in chord.pitch_classes[:4] else chord.pitch_classes[:3]
    tones = _ladder(goal, line) or [stroke.pitch]
    pitch = min(tones, key=lambda tone: (abs(tone - stroke.pitch), tone))
    length = max(SIXTEENTH, min(stroke.length, edge - stroke.at))
    return Stroke(stroke.at, length, pitch, stroke.velocity)


def _approached(score: Score, strokes: list[Stroke], line: Line, dice: Dice) -> list[Stroke]:
    """Return the strokes, some weak notes bent to lead chromatically into what follows."""
    if not line.style.chromatic:
        return strokes
    found = list(strokes)
    grid = score.blueprint.grid
    for index in range(len(strokes) - 1):
        stroke, following = strokes[index], strokes[index + 1]
        weak = not grid.is_beat(stroke.at % grid.bar) and stroke.length <= 2 * SIXTEENTH
        # A note that is led into stays where it is.
        led_into = index > 0 and found[index - 1] != strokes[index - 1]
        if weak and not led_into and dice.happens(line.style.chromatic / 100):
            side = 1 if stroke.pitch > following.pitch else -1
            found[index] = Stroke(stroke.at, stroke.length, following.pitch + side, stroke.velocity)
    return found
