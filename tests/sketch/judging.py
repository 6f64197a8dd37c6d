"""A judge of Sketch: prompts as people write them, and what is measured on the audio they make."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Part
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Meter
from acestep_desktop.dsp.loudness import measure_levels
from acestep_desktop.dsp.measure import first_onset, null_db, stereo_correlation
from acestep_desktop.dsp.rhythm import tempo_near
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.dsp.seam import click_ratio, loop_seam, separation
from acestep_desktop.dsp.tonality import key_of, same_notes
from acestep_desktop.generation.generator import AudioChunk, Rendered, Stem, StemAudio
from acestep_desktop.sketch.engine import SketchEngine

GENRES: Final = (
    ("house", "house", 118, 128), ("deep house", "deep_house", 118, 125),
    ("techno", "techno", 126, 138), ("trance", "trance", 132, 142),
    ("drum and bass", "drum_and_bass", 168, 178), ("jungle", "jungle", 158, 172),
    ("dubstep", "dubstep", 138, 145), ("UK garage", "uk_garage", 128, 136),
    ("trap", "trap", 130, 150), ("drill", "drill", 138, 146),
    ("boom bap", "boom_bap", 84, 96), ("lo-fi hip hop", "lo_fi", 68, 90),
    ("R&B", "rnb", 66, 96), ("funk", "funk", 98, 116), ("disco", "disco", 114, 126),
    ("soul", "soul", 72, 110), ("jazz", "jazz", 100, 190), ("bossa nova", "bossa", 110, 140),
    ("reggae", "reggae", 68, 84), ("dub", "dub", 66, 78), ("rock", "rock", 104, 148),
    ("metal", "metal", 110, 170), ("pop", "pop", 92, 126), ("synthwave", "synthwave", 84, 116),
    ("ambient", "ambient", 60, 84), ("cinematic", "cinematic", 70, 130),
    ("folk", "folk", 84, 126), ("classical", "classical", 70, 132),
)  # fmt: skip
"""How a person writes each genre, its id, and tempos that are usual for it."""

MOODS: Final = (
    "happy", "sad", "dark", "bright", "calm", "energetic", "aggressive", "dreamy", "romantic",
    "melancholic", "epic", "tense", "groovy", "chill", "warm", "nostalgic", "mysterious",
)  # fmt: skip
METERS: Final = ("2/4", "3/4", "5/4", "6/8", "7/8")
SHAPES: Final = (
    "{mood} {genre}, {bpm} bpm, {key}{meter}",
    "{genre} in {key}, {bpm} BPM, {mood}{meter}",
    "a {mood} {genre} loop at {bpm} bpm in {key}{meter}",
    "{bpm}bpm {mood} {genre} {key}{meter}",
    "{mood} and {other} {genre}, {key}, {bpm} bpm{meter}",
)
_TONICS: Final = ("C", "C#", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_FOUR_FOUR: Final = Meter(4, 4)
_NEAR_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, and what a person who writes it expects to get."""

    caption: str
    genre: str
    bpm: float
    key: Key
    meter: Meter
    bars: int
    seed: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What was measured on the take of one prompt; a measure that does not apply is None."""

    asked: Asked
    obeyed: bool
    bpm: float | None
    key: Key | None
    pitched: bool
    onset: int | None
    beat_one: bool
    lufs: float
    true_peak_db: float
    dc: float
    correlation: float
    null_db: float
    seam: float
    controls: tuple[float, ...]

    @property
    def in_tempo(self) -> bool:
        """Whether the tempo heard is the one asked for."""
        return self.bpm is not None and abs(self.bpm - self.asked.bpm) <= 0.2

    @property
    def in_key(self) -> bool:
        """Whether the key heard is the one asked for, or its relative; no pitch, no key."""
        return not self.pitched or (self.key is not None and same_notes(self.key, self.asked.key))

    @property
    def begins(self) -> bool:
        """Whether what is to sound on beat one sounds within its first millisecond."""
        return not self.beat_one or (self.onset is not None and self.onset <= SAMPLE_RATE // 1000)

    @property
    def mastered(self) -> bool:
        """Whether loudness, peaks, offset and width are within their limits."""
        level = abs(self.lufs + 14.0) <= 1.5 and self.true_peak_db <= -1.0
        return level and self.dc < 1e-3 and self.correlation > 0.0

    @property
    def faults(self) -> tuple[str, ...]:
        """Return what is wrong, in words."""
        checks = (
            (self.obeyed, "not as asked"),
            (self.in_tempo, f"tempo {self.bpm}"),
            (self.in_key, f"key {self.key}"),
            (self.begins, f"onset {self.onset}"),
            (self.mastered, f"master {self.lufs:.2f} LUFS {self.true_peak_db:.2f} dBTP"),
            (self.null_db <= -120.0, f"stems null at {self.null_db:.0f} dBFS"),
        )
        return tuple(words for good, words in checks if not good)


def prompts(count: int, seed: int, bars: tuple[int, ...] = (8,)) -> tuple[Asked, ...]:
    """Return prompts, each genre as often as the others, all else by chance from `seed`."""
    dice = random.Random(seed)
    found = []
    for number in range(count):
        word, genre, low, high = GENRES[number % len(GENRES)]
        mood, other = dice.sample(MOODS, 2)
        key = Key(dice.choice(_TONICS), dice.choice(("major", "minor")))
        meter = Meter.parse(dice.choice(METERS)) if dice.random() < 0.2 else _FOUR_FOUR
        bpm = dice.randint(low, high)
        caption = dice.choice(SHAPES).format(
            mood=mood, other=other, genre=word, bpm=bpm, key=_spoken(key, dice),
            meter="" if meter == _FOUR_FOUR else f", {meter}",
        )  # fmt: skip
        seed_of_take = dice.randrange(1, 100_000)
        found.append(Asked(caption, genre, bpm, key, meter, dice.choice(bars), seed_of_take))
    return tuple(found)


def _spoken(key: Key, dice: random.Random) -> str:
    """Return a key as people write it: F# minor, F#m, F# min."""
    minor = key.mode == "minor"
    return key.tonic + dice.choice((" minor", "m", " min") if minor else (" major", " maj"))


def take_of(engine: SketchEngine, request: Request) -> tuple[Samples, Rendered]:
    """Return the mix as it was sent, and the take, of a request for one variation."""
    mix = np.zeros((0, 2), np.float32)
    stems: list[Stem] = []
    for output in engine.generate(request, lambda: False):
        if isinstance(output, AudioChunk):
            end = output.start + len(output.samples)
            if end > len(mix):
                mix = np.concatenate((mix, np.zeros((end - len(mix), 2), np.float32)))
            mix[output.start : end] = output.samples
        if isinstance(output, StemAudio):
            stems.append(output.stem)
        if isinstance(output, Rendered):
            take = replace(output, stems=tuple(stems))
    return mix, take


def judge(asked: Asked, engine: SketchEngine) -> Judged:
    """Return what is measured on the take of a prompt."""
    request = Request(Prompt(asked.caption), bars=asked.bars, seed=asked.seed)
    mix, take = take_of(engine, request)
    levels, music = measure_levels(mix), take.recipe.music
    total = np.sum([stem.samples.astype(np.float64) for stem in take.stems], axis=0)
    seam, controls = seams(mix, asked.bars)
    return Judged(
        asked=asked,
        obeyed=music == Music(asked.bpm, asked.key, asked.meter, asked.bars),
        bpm=tempo_near(mix, asked.bpm),
        key=key_of(mix),
        pitched=any(_plays_pitches(part) for part in take.recipe.parts),
        onset=first_onset(mix),
        beat_one=_sounds_on_beat_one(take.recipe.parts, asked),
        lufs=-99.0 if levels.loudness_lufs is None else levels.loudness_lufs,
        true_peak_db=-99.0 if levels.true_peak_db is None else levels.true_peak_db,
        dc=levels.dc,
        correlation=stereo_correlation(mix),
        null_db=null_db(total.astype(np.float32), mix),
        seam=seam,
        controls=controls,
    )


def _plays_pitches(part: Part) -> bool:
    return not part.drums and len({note.pitch for note in part.notes}) > 1


def _sounds_on_beat_one(parts: Sequence[Part], asked: Asked) -> bool:
    """Return whether a note is written for the first beat, be it played a little late."""
    tempo = TempoMap.steady(asked.bpm, asked.meter)
    starts = [tempo.frame_at(note.start) for part in parts for note in part.notes[:1]]
    return min(starts, default=SAMPLE_RATE) < _NEAR_S * SAMPLE_RATE


def seams(mix: Samples, bars: int) -> tuple[float, tuple[float, ...]]:
    """Return the click ratio where a loop meets itself, and at bar lines inside it."""
    bar = len(mix) / bars
    rolled = (np.roll(mix, -round(k * bar), axis=0) for k in range(1, min(bars, 5)))
    return click_ratio(*loop_seam(mix)), tuple(click_ratio(*loop_seam(each)) for each in rolled)


def seam_auc(found: Sequence[Judged]) -> float:
    """Return how well seams of loops can be told from their inner bar lines; 0.5 is not at all."""
    inner = [ratio for each in found for ratio in each.controls]
    return separation([each.seam for each in found], inner)


def shares(found: Sequence[Judged]) -> dict[str, float]:
    """Return how many takes, in percent, are as they should be, measure by measure."""
    pitched = [each for each in found if each.pitched]
    counts = {
        "as asked": [each.obeyed for each in found],
        "tempo within 0.2 bpm": [each.in_tempo for each in found],
        "key equal or relative": [each.in_key for each in pitched],
        "beat one within 1 ms": [each.begins for each in found if each.beat_one],
        "master within limits": [each.mastered for each in found],
        "stems null": [each.null_db <= -120.0 for each in found],
    }
    return {line: 100.0 * sum(good) / max(1, len(good)) for line, good in counts.items()}
