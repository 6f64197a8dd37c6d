"""Measure Sketch: time and memory, and the limits of its masters, genre by genre.

Run as `python tests/bench/bench_sketch.py [--seeds N] [--bars N] [GENRE ...]`.
"""

import argparse
import os
import resource
import sys
import time
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from acestep_desktop.generation.registry import find_engine

# As in the engine's own process; it counts only before NumPy is there.
os.environ.update(find_engine("sketch").environment)

import numpy as np
from table import Row, at_most, noted

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.understanding import understand
from acestep_desktop.dsp.loudness import measure_levels
from acestep_desktop.dsp.measure import (
    crest_db,
    first_onset,
    null_db,
    octave_levels_db,
    stereo_correlation,
    stereo_width,
)
from acestep_desktop.dsp.rhythm import tempo_near
from acestep_desktop.dsp.seam import click_ratio, loop_seam, separation
from acestep_desktop.dsp.tonality import key_of, same_notes
from acestep_desktop.generation.generator import AudioChunk
from acestep_desktop.sketch.blueprint import plan
from acestep_desktop.sketch.engine import create
from acestep_desktop.sketch.tables import genres
from acestep_desktop.sketch.wish import wish_from
from tests.sketch.judging import take_of

JAZZ = "upbeat jazz piano with walking bass, 120 bpm"
SIX = "deep house with drums, bass, piano, string pad, lead and pluck, 124 bpm"

_PARTS = 6
_SHORT_S = 60.0


def worked(caption: str, seconds: float) -> tuple[float, float, float]:
    """Return the seconds of work of a cold engine, and those until the opening; wall time last."""
    request = Request(Prompt(caption), seconds=seconds, seed=_seed_of(caption))
    wall, work, opening = time.perf_counter(), time.process_time(), 0.0
    for output in create().generate(request, lambda: False):
        if isinstance(output, AudioChunk) and not opening:
            opening = time.process_time() - work
    return time.process_time() - work, opening, time.perf_counter() - wall


def _seed_of(caption: str) -> int:
    """Return the first seed that makes six parts of the prompt, or 1."""
    for seed in range(1, 40):
        wish = wish_from(understand(Request(Prompt(caption), seed=seed)))
        if len(plan(wish, seed).players) == _PARTS:
            return seed
    return 1


def measure(full: bool) -> list[Row]:
    """Return how long a cold engine works; `full` adds three minutes of music.

    Work is processor time over both threads: on a machine that does something else, too, the
    clock on the wall says little. Half of it is what two free cores need.
    """
    rows = []
    for caption, seconds, goal in ((JAZZ, 30.0, 3.0), (SIX, 30.0, 1.5), (SIX, 180.0, 8.0)):
        if seconds > _SHORT_S and not full:
            continue
        with get_context("spawn").Pool(1) as pool:
            work, opening, wall = pool.apply(worked, (caption, seconds))
        line = f"{seconds:g} s of {caption[:34]} …"
        rows.append(at_most(f"{line}, work on two cores", work / 2, goal, "s"))
        rows.append(noted(f"{line}, by the clock", wall, "s"))
        rows.append(at_most(f"{line}, first bars, work on two cores", opening / 2, 0.6, "s"))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [*rows, noted("peak memory", peak, "MB")]


def times() -> None:
    """Print how long a cold engine works, in wall time and in processor time."""
    print(f"{'request':62s} parts  wall s   cpu s  of real time")
    for caption, seconds in ((JAZZ, 30.0), (SIX, 30.0), (SIX, 180.0)):
        wall, work = time.perf_counter(), time.process_time()
        _, take = take_of(create(), Request(Prompt(caption), seconds=seconds, seed=1))
        wall, work = time.perf_counter() - wall, time.process_time() - work
        label = f"{caption[:50]} --seconds {seconds:g}"
        print(
            f"{label:62s} {len(take.stems):5d} {wall:7.2f} {work:7.2f} "
            f"{take.frames / 48_000 / wall:8.1f} x"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


def masters(names: list[str], seeds: int, bars: int) -> None:
    """Print the measures of every genre's masters, and the share within all limits."""
    engine = create()
    passed, seams, controls = [], [], []
    print(
        f"{'genre':14s} seed    bpm  found key        LUFS    dBTP crest corr  width onset"
        "   null seam   63  250   1k   4k  16k"
    )
    for name in names:
        for seed in range(1, seeds + 1):
            caption = name.replace("_", " ")
            mix, take = take_of(engine, Request(Prompt(caption), bars=bars, seed=seed))
            music = take.recipe.music
            assert music.bpm is not None
            assert music.key is not None
            levels, key = measure_levels(mix), key_of(mix)
            seams.append(click_ratio(*loop_seam(mix)))
            bar = round(len(mix) / bars)
            controls += [click_ratio(*loop_seam(np.roll(mix, k * bar, axis=0))) for k in (1, 2, 3)]
            total = np.sum([stem.samples.astype(np.float64) for stem in take.stems], axis=0)
            null, onset = null_db(total.astype(np.float32), mix), first_onset(mix)
            bpm = tempo_near(mix, music.bpm)
            likeness = stereo_correlation(mix)
            lufs, peak = levels.loudness_lufs or -99.0, levels.true_peak_db or -99.0
            limits = (
                abs(lufs + 14.0) <= 1.5,
                peak <= -1.0,
                levels.dc < 1e-3,
                likeness > 0,
                null <= -120.0,
                onset is not None and onset <= 48,
            )
            tempo = bpm is not None and abs(bpm - music.bpm) <= 0.2
            tonal = key is not None and same_notes(key, music.key)
            passed.append((all(limits), tempo, tonal))
            octaves = octave_levels_db(mix)
            print(
                f"{name:14s} {seed:4d} {music.bpm:6.1f} {bpm or 0:6.1f} "
                f"{music.key.short:>5s} {'=' if tonal else '!'}{key.short if key else '-':<5s} "
                f"{lufs:6.2f} {peak:6.2f} {crest_db(mix) or 0:6.1f} {likeness:5.2f} "
                f"{stereo_width(mix):5.2f} {onset if onset is not None else -1:5d} {null:7.1f} "
                f"{seams[-1]:4.2f} " + " ".join(f"{octaves[k]:4.0f}" for k in (1, 3, 5, 7, 9))
            )
    shares = np.mean(np.array(passed), axis=0) * 100
    print(
        f"within limits {shares[0]:.0f} %, tempo within 0.2 bpm {shares[1]:.0f} %, "
        f"key equal or relative {shares[2]:.0f} %, seam AUC {separation(seams, controls):.2f}"
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("genres", nargs="*")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--bars", type=int, default=8)
    arguments = parser.parse_args()
    times()
    masters(arguments.genres or list(genres()), arguments.seeds, arguments.bars)


if __name__ == "__main__":
    main()
