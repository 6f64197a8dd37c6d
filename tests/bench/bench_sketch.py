"""Measure Sketch: time and memory, and the limits of its masters, genre by genre.

Run as `python tests/bench/bench_sketch.py [--seeds N] [--bars N] [GENRE ...]`.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from table import Row, at_most, noted

from acestep_desktop.domain.request import Prompt, Request
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
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.dsp.seam import click_ratio, loop_seam, separation
from acestep_desktop.dsp.tonality import key_of, same_notes
from acestep_desktop.generation.generator import AudioChunk, Rendered
from acestep_desktop.sketch.engine import SketchEngine, create
from acestep_desktop.sketch.tables import genres

JAZZ = "upbeat jazz piano with walking bass, 120 bpm"
SIX = "deep house with drums, bass, piano, string pad, lead and pluck, 124 bpm"


def render(engine: SketchEngine, request: Request) -> tuple[Samples, Rendered]:
    """Return the mix and the take of a request."""
    chunks, take = [], None
    for output in engine.generate(request, lambda: False):
        if isinstance(output, AudioChunk):
            chunks.append(output.samples)
        if isinstance(output, Rendered):
            take = output
    assert take is not None
    return np.concatenate(chunks), take


def measure(full: bool) -> list[Row]:
    """Return how long a cold engine works; `full` adds three minutes of music."""
    requests = ((JAZZ, 30.0), (SIX, 30.0), (SIX, 180.0))
    rows = []
    for caption, seconds in requests if full else requests[:2]:
        began = time.perf_counter()
        render(create(), Request(Prompt(caption), seconds=seconds, seed=1))
        spent = time.perf_counter() - began
        line = f"{seconds:g} s of {caption[:40]} …"
        goal = caption == JAZZ
        rows.append(at_most(line, spent, 3.0, "s") if goal else noted(line, spent, "s"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*rows, noted("peak memory", peak, "MB")]


def times() -> None:
    """Print how long a cold engine works, in wall time and in processor time."""
    print(f"{'request':62s} parts  wall s   cpu s  of real time")
    for caption, seconds in ((JAZZ, 30.0), (SIX, 30.0), (SIX, 180.0)):
        wall, work = time.perf_counter(), time.process_time()
        _, take = render(create(), Request(Prompt(caption), seconds=seconds, seed=1))
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
            mix, take = render(engine, Request(Prompt(caption), bars=bars, seed=seed))
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
