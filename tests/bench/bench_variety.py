"""How much Sketch varies, how well its genres can be told apart, and how they measure."""

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from table import Row, at_least, at_most, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from acestep_desktop.domain.notes import Part  # noqa: E402
from acestep_desktop.domain.request import Prompt, Request  # noqa: E402
from acestep_desktop.dsp.measure import crest_db, octave_levels_db, stereo_width  # noqa: E402
from acestep_desktop.dsp.samples import Samples  # noqa: E402
from acestep_desktop.dsp.spectrum import spectral_flux  # noqa: E402
from acestep_desktop.generation.generator import Rendered  # noqa: E402
from acestep_desktop.sketch.blueprint import plan  # noqa: E402
from acestep_desktop.sketch.compose import compose  # noqa: E402
from acestep_desktop.sketch.engine import SketchEngine, create  # noqa: E402
from acestep_desktop.sketch.wish import Wish  # noqa: E402
from tests.sketch.judging import take_of  # noqa: E402

DISTINCT: Final = (
    "house", "drum_and_bass", "dubstep", "trap", "boom_bap", "funk", "jazz", "reggae", "metal",
    "ambient", "folk", "classical",
)  # fmt: skip
PUBLISHED: Final = {
    "house": "6-10", "drum_and_bass": "6-10", "dubstep": "5-9", "trap": "6-10",
    "boom_bap": "8-12", "funk": "10-16", "jazz": "14-20", "reggae": "9-14", "metal": "6-11",
    "ambient": "10-20", "folk": "12-18", "classical": "14-24",
}  # fmt: skip
"""Crest factors in dB as mastering engineers quote them: general knowledge, not measured here."""

EXPLAINED: Final = """
Equal bars, seed against seed: a melody is equal by chance alone (two motifs with one rhythm and
the same tones in the same key); drums are equal where two seeds drew the same of a genre's few
grooves and the bar has neither ghost notes nor a fill: a genre is its groove, so this share is
meant to be high. A bass follows the chords, and repeats where key and progression do.
"""

SIXTEENTH: Final = 240_000
Features = npt.NDArray[np.float64]


@cache
def _engine() -> SketchEngine:
    return create()


def bars_of(part: Part, bar: int, bars: int) -> list[frozenset[tuple[int, int]]]:
    """Return each bar of a part as its pitches at the sixteenths they are nearest to."""
    found: list[set[tuple[int, int]]] = [set() for _ in range(bars)]
    for note in part.notes:
        number = min(bars - 1, note.start // bar)
        found[number].add((round((note.start - number * bar) / SIXTEENTH), note.pitch))
    return [frozenset(each) for each in found]


def equal_bars(role: str, seeds: int, genre: str = "pop", bars: int = 8) -> float:
    """Return the share of pairs of seeds, bar by bar, that play the very same; rests aside."""
    wish = Wish(genres=(genre,), bars=bars)
    played = []
    for seed in range(seeds):
        blueprint = plan(wish, seed)
        parts = zip(blueprint.players, compose(blueprint, seed), strict=True)
        played += [
            bars_of(part, blueprint.grid.bar, bars) for who, part in parts if who.role == role
        ]
    same = [
        a[bar] == b[bar]
        for index, a in enumerate(played)
        for b in played[:index]
        for bar in range(bars)
        if a[bar] or b[bar]
    ]
    return 100.0 * float(np.mean(same))


def features(mix: Samples, take: Rendered, bars: int) -> Features:
    """Return where in a bar the drums strike, the tempo, and the timbre of the whole."""
    drums = [stem.samples for stem in take.stems if stem.name in ("Drums", "Percussion")]
    total = np.sum(drums, axis=0) if drums else np.zeros_like(mix)
    flux = spectral_flux(np.asarray(total, np.float32)) if drums else np.zeros(1024)
    steps = np.array_split(flux, bars * 16)
    strikes = np.array([step.max() for step in steps]).reshape(bars, 16).mean(axis=0)
    strikes /= max(float(strikes.max()), 1e-9)
    drum_timbre = np.array(octave_levels_db(total)) if drums else np.full(10, -60.0)
    timbre = np.array(octave_levels_db(mix))
    bpm = take.recipe.music.bpm or 0.0
    share = float(np.sqrt(np.mean(np.square(total)) / np.mean(np.square(mix))))
    rest = [crest_db(mix) or 0.0, stereo_width(mix) * 20.0, bpm / 4.0, 20.0 * share]
    return np.concatenate((6.0 * strikes, np.maximum(drum_timbre, -60) / 3, timbre / 2, rest))


def separated(learnt: Sequence[Sequence[Features]], tried: Sequence[Sequence[Features]]) -> float:
    """Return how many held-out takes, in percent, are nearest to the centroid of their genre."""
    every = np.array([row for rows in learnt for row in rows])
    spread = np.array([np.array(rows).std(axis=0) for rows in learnt]).mean(axis=0)
    scale = spread + 0.05 * every.std(axis=0) + 1e-6
    centroids = np.array([np.mean(rows, axis=0) for rows in learnt]) / scale
    hits = [
        int(np.argmin(np.linalg.norm(centroids - row / scale, axis=1))) == index
        for index, rows in enumerate(tried)
        for row in rows
    ]
    return 100.0 * float(np.mean(hits))


def onset_sharpness(mix: Samples) -> float:
    """Return how far the strongest strokes stand out: 99th over 50th percentile of the flux."""
    flux = spectral_flux(mix)
    return float(np.percentile(flux, 99) / max(np.percentile(flux, 50), 1e-9))


def proxies(genre: str, mixes: Sequence[Samples]) -> str:
    """Return a line of what is measured on a genre, averaged over its takes."""
    crest = float(np.mean([crest_db(mix) or 0.0 for mix in mixes]))
    width = float(np.mean([stereo_width(mix) for mix in mixes]))
    sharp = float(np.mean([onset_sharpness(mix) for mix in mixes]))
    octaves = np.mean([octave_levels_db(mix) for mix in mixes], axis=0)
    told = " ".join(f"{level:4.0f}" for level in octaves)
    return f"{genre:14s} {crest:5.1f} {PUBLISHED[genre]:>7s} {width:6.2f} {sharp:6.1f}  {told}"


def measure(full: bool) -> list[Row]:
    """Return the shares of equal bars and of genres recognised; print the measures of genres."""
    learn, try_out, bars = (8, 6, 8) if full else (4, 2, 4)
    learnt, tried = [], []
    print("genre          crest  usual*  width  onset  octaves 31 Hz to 16 kHz, dB of the whole")
    for genre in DISTINCT:
        caption, rows, mixes = genre.replace("_", " "), [], []
        for seed in range(learn + try_out):
            mix, take = take_of(_engine(), Request(Prompt(caption), bars=bars, seed=seed + 70))
            rows.append(features(mix, take, bars))
            mixes += [mix] if seed < 2 else []
        learnt.append(rows[:learn])
        tried.append(rows[learn:])
        print(proxies(genre, mixes), flush=True)
    print("* crest factors usually quoted for masters of the genre: general knowledge. Ours are at")
    print("  -14 LUFS with peaks below -1 dBTP, which leaves 15 dB at most.")
    print(EXPLAINED)
    seeds = 50 if full else 20
    return [
        at_most(f"equal bars of melody, {seeds} seeds of pop", equal_bars("melody", seeds), 5, "%"),
        noted(f"equal bars of drums, {seeds} seeds of pop", equal_bars("drums", seeds), "%"),
        noted(f"equal bars of bass, {seeds} seeds of pop", equal_bars("bass", seeds), "%"),
        at_least("held-out takes nearest to their genre", separated(learnt, tried), 90, "%"),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "variety"))
