"""How much Sketch varies, how well its genres can be told apart, and how they measure.

The dozen genres that have to be told apart are chosen by what they are, not by measures: none is a
kind of another, as deep house is of house. What is learnt is learnt from some seeds, and tried
on others.
"""

import sys
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from table import Row, at_least, at_most, noted, run_alone

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from acestep_desktop.domain.notes import Part  # noqa: E402
from acestep_desktop.domain.request import Prompt, Request  # noqa: E402
from acestep_desktop.domain.time import SAMPLE_RATE  # noqa: E402
from acestep_desktop.dsp.measure import crest_db, octave_levels_db, stereo_width  # noqa: E402
from acestep_desktop.dsp.samples import Samples, as_mono  # noqa: E402
from acestep_desktop.dsp.spectrum import magnitudes, spectral_flux  # noqa: E402
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
SEED: Final = 170
"""The first of the seeds. The features and their scale were settled on others."""

WINDOW: Final = 1024
HOP: Final = 256
REGISTERS_HZ: Final = (0.0, 200.0, 2500.0, 24_000.0)
"""Where kicks, snares and claps, and hats and cymbals begin and end."""

Features = npt.NDArray[np.float64]

NO_DRUMS: Final[Features] = np.zeros((3, 16))
TIMBRES: Final = 14


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


def strikes(drums: Samples, bars: int) -> Features:
    """Return how hard low, middle and high drums strike at each sixteenth of a bar, (3, 16).

    A sixteenth is heard from a quarter of its length before it, so that neither a stroke that
    comes a little early nor the window of the spectrum puts it into the one before.
    """
    mono = np.concatenate((np.zeros(WINDOW // 2), as_mono(drums)))
    hertz = np.fft.rfftfreq(WINDOW, 1.0 / SAMPLE_RATE)
    registers = [(low <= hertz) & (hertz < high) for low, high in pairwise(REGISTERS_HZ)]
    before, rows = np.zeros((1, len(hertz)), np.float32), []
    for spectra in magnitudes(mono, WINDOW, HOP):
        levels = np.log1p(100.0 * spectra)
        growth = np.maximum(np.diff(np.concatenate((before, levels)), axis=0), 0.0)
        rows.append(np.stack([growth[:, bins].sum(axis=1) for bins in registers], axis=1))
        before = levels[-1:]
    flux = np.concatenate(rows)[: len(drums) // HOP]
    steps = np.array_split(np.roll(flux, round(len(flux) / bars / 64), axis=0), bars * 16)
    highest = np.array([step.max(axis=0) for step in steps])
    return np.log1p(0.1 * highest.reshape(bars, 16, 3).mean(axis=0).T.astype(np.float64))


def timbre(mix: Samples) -> Features:
    """Return the levels of ten octaves, their centroid, the crest, the width and the onsets."""
    octaves = np.maximum(octave_levels_db(mix), -60.0)
    powers = 10.0 ** (octaves / 10.0)
    centroid = float(np.arange(10) @ powers / powers.sum())
    rest = (centroid, crest_db(mix) or 0.0, stereo_width(mix), np.log(onset_sharpness(mix)))
    return np.concatenate((octaves, rest))


def features(mix: Samples, take: Rendered, bars: int) -> Features:
    """Return where in a bar the drums strike, and the timbre of the whole; nothing of the tempo.

    Each of the two kinds has the same weight, however many numbers it is made of.
    """
    drums = [stem.samples for stem in take.stems if stem.name in ("Drums", "Percussion")]
    struck = strikes(np.asarray(np.sum(drums, axis=0), np.float32), bars) if drums else NO_DRUMS
    return np.concatenate((struck.ravel(), timbre(mix)))


def confusion(
    learnt: Sequence[Sequence[Features]], tried: Sequence[Sequence[Features]]
) -> npt.NDArray[np.int64]:
    """Return how many held-out takes of each genre (row) are nearest to the centroid of which.

    Every number is counted in what it varies by within a genre, and some of what it varies by
    in all: what hardly moves while learning would count for too much.
    """
    every = np.array([row for rows in learnt for row in rows])
    within = np.sqrt(np.mean([np.array(rows).var(axis=0) for rows in learnt], axis=0))
    sizes = np.array([NO_DRUMS.size] * NO_DRUMS.size + [TIMBRES] * TIMBRES)
    scale = (within + 0.5 * every.std(axis=0) + 1e-6) * np.sqrt(sizes)
    centroids = np.array([np.mean(rows, axis=0) for rows in learnt]) / scale
    table = np.zeros((len(learnt), len(learnt)), np.int64)
    for index, rows in enumerate(tried):
        for row in rows:
            table[index, np.argmin(np.linalg.norm(centroids - row / scale, axis=1))] += 1
    return table


def told(table: npt.NDArray[np.int64]) -> str:
    """Return the confusions as a table: the genre of a take, and whose centroid was nearest."""
    heads = " ".join(f"{genre[:5]:>5s}" for genre in DISTINCT)
    lines = [
        f"{genre:14s} " + " ".join(f"{number or '.':>5}" for number in row)
        for genre, row in zip(DISTINCT, table, strict=True)
    ]
    return "\n".join((f"{'':14s} {heads}", *lines))


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
    levels = " ".join(f"{level:4.0f}" for level in octaves)
    return f"{genre:14s} {crest:5.1f} {PUBLISHED[genre]:>7s} {width:6.2f} {sharp:6.1f}  {levels}"


def measure(full: bool) -> list[Row]:
    """Return the shares of equal bars and of genres recognised; print the measures of genres."""
    learn, try_out, bars = (8, 6, 8) if full else (4, 2, 4)
    learnt, tried = [], []
    print("genre          crest  usual*  width  onset  octaves 31 Hz to 16 kHz, dB of the whole")
    for genre in DISTINCT:
        caption, rows, mixes = genre.replace("_", " "), [], []
        for seed in range(learn + try_out):
            mix, take = take_of(_engine(), Request(Prompt(caption), bars=bars, seed=seed + SEED))
            rows.append(features(mix, take, bars))
            mixes += [mix] if seed < 2 else []
        learnt.append(rows[:learn])
        tried.append(rows[learn:])
        print(proxies(genre, mixes), flush=True)
    print("* crest factors usually quoted for masters of the genre: general knowledge. Ours are at")
    print("  -14 LUFS with peaks below -1 dBTP, which leaves 15 dB at most.")
    print(EXPLAINED)
    table = confusion(learnt, tried)
    print("held-out takes (rows) and the genre whose centroid is nearest (columns):")
    print(told(table))
    right = 100.0 * float(np.trace(table)) / float(table.sum())
    seeds = 50 if full else 20
    return [
        at_most(f"equal bars of melody, {seeds} seeds of pop", equal_bars("melody", seeds), 5, "%"),
        noted(f"equal bars of drums, {seeds} seeds of pop", equal_bars("drums", seeds), "%"),
        noted(f"equal bars of bass, {seeds} seeds of pop", equal_bars("bass", seeds), "%"),
        at_least("held-out takes nearest to their genre", right, 90, "%"),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "variety"))
