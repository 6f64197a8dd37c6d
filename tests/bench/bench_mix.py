"""What mixing, limiting, bouncing and measuring cost (processor time), and how true they are."""

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from table import Row, at_least, at_most, holds, noted, run_alone  # noqa: E402

from acestep_desktop.domain.clip import Clip, ClipId, Fade  # noqa: E402
from acestep_desktop.domain.edits import change_track  # noqa: E402
from acestep_desktop.domain.project import Media, Project, Track, TrackId  # noqa: E402
from acestep_desktop.domain.recipe import TakeId  # noqa: E402
from acestep_desktop.domain.tempo import TempoMap  # noqa: E402
from acestep_desktop.domain.time import Frame  # noqa: E402
from acestep_desktop.dsp.arrangement import compile_project, recompile  # noqa: E402
from acestep_desktop.dsp.bounce import Renderer, bounce  # noqa: E402
from acestep_desktop.dsp.lane import lanes_of  # noqa: E402
from acestep_desktop.dsp.loudness import loudness_lufs, measure_levels  # noqa: E402
from acestep_desktop.dsp.mixer import Mixer  # noqa: E402
from acestep_desktop.dsp.peaks import peaks_of  # noqa: E402
from acestep_desktop.dsp.rhythm import tempo_near  # noqa: E402
from acestep_desktop.dsp.samples import Samples, silence  # noqa: E402
from acestep_desktop.dsp.tonality import key_of  # noqa: E402

RATE = 48_000
TRACKS, CLIPS, BLOCK, SPACING = 64, 100, 256, 24_000
TAKES = tuple(TakeId(f"take {number}") for number in range(4))


def music(seconds: float, level: float, seed: int = 1) -> Samples:
    """Return noise whose level moves, as music's does."""
    random = np.random.default_rng(seed)
    frames = int(seconds * RATE)
    swell = 0.2 + 0.8 * np.abs(np.sin(np.arange(frames) / 30_000.0))
    return (level * swell[:, None] * random.standard_normal((frames, 2))).astype(np.float32)


def big_project(overlap: Callable[[np.random.Generator], int]) -> Project:
    """Return 64 tracks of 100 clips; each reaches `overlap` frames into the next (or not)."""
    random = np.random.default_rng(3)
    tempo = TempoMap.steady(120.0)
    media = tuple(Media(take, f"{take}.wav", Frame(60 * RATE), 2) for take in TAKES)
    tracks = []
    for number in range(TRACKS):
        clips = tuple(
            Clip(
                ClipId(f"{number}-{index}"),
                TAKES[int(random.integers(len(TAKES)))],
                tempo.tick_at(index * SPACING),
                Frame(int(random.integers(0, 30 * RATE))),
                Frame(SPACING + overlap(random)),
                gain_db=float(random.uniform(-12.0, 3.0)),
                fade_in=Fade(Frame(240)),
                fade_out=Fade(Frame(480)),
            )
            for index in range(CLIPS)
        )
        pan = float(random.uniform(-1.0, 1.0))
        tracks.append(Track(TrackId(str(number)), "T", gain_db=-9.0, pan=pan, clips=clips))
    return Project("Big", tempo, tracks=tuple(tracks), media=media)


def usual(random: np.random.Generator) -> int:
    """Return what a fifth of all clips reach into the next: up to 50 ms."""
    return int(random.integers(240, 2_400)) if random.random() < 0.2 else 0


def long_crossfade(random: np.random.Generator) -> int:
    """Return a different long overlap for every clip."""
    return int(random.integers(4_000, 20_000))


def block_ms(render: Callable[[int, Samples], None], blocks: int) -> np.ndarray:
    """Return the processor time of every block in ms, the best of three runs."""
    out = silence(BLOCK)
    runs = []
    for _ in range(3):
        times = []
        for block in range(blocks):
            began = time.thread_time()
            render(block * BLOCK, out)
            times.append(time.thread_time() - began)
        runs.append(times)
    return 1e3 * np.min(runs, axis=0)


def best_s(act: Callable[[], object], times: int = 5) -> float:
    """Return the least processor time of `act`, which others on this machine hardly change."""
    durations = []
    for _ in range(times):
        began = time.thread_time()
        act()
        durations.append(time.thread_time() - began)
    return min(durations)


def law_row(*, full: bool) -> Row:
    """Run the laws of sound on random projects."""
    profile, count = ("bench", "1,000") if full else ("ci", "100")
    command = [sys.executable, "-m", "pytest", "-q", "tests/dsp/test_random_projects.py"]
    environment = {**os.environ, "HYPOTHESIS_PROFILE": profile}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    last = (result.stdout.strip().splitlines() or ["nothing ran"])[-1]
    kept = result.returncode == 0
    figure = "all hold" if kept else last
    return holds(f"laws of sound, {count} random projects each", figure, "all hold", reached=kept)


def compile_rows(project: Project) -> list[Row]:
    """Measure compiling all of a project, and one changed track."""
    arrangement = compile_project(project)
    renamed = change_track(
        project, TrackId("7"), lambda t: Track(t.track_id, "U", clips=t.clips[1:])
    )
    whole = 1e3 * best_s(lambda: compile_project(project))
    one = 1e3 * best_s(lambda: recompile(renamed, project, arrangement))
    size = max(len(track.to_bytes()) for track in arrangement.tracks)
    return [
        at_most("compile 64 tracks of 100 clips", whole, 60.0, "ms"),
        noted("compile one changed track of them", one, "ms"),
        noted("one track of 100 clips for the pipe", size / 1024, "KiB"),
    ]


def mixing_rows(sources: Mapping[TakeId, Samples], *, full: bool) -> list[Row]:
    """Measure the blocks that the audio callback asks for."""
    blocks = 3_000 if full else 600
    arrangement = compile_project(big_project(usual))
    lanes = lanes_of(arrangement, sources)
    mixed = block_ms(Mixer(arrangement, lanes).render, blocks)
    limited = block_ms(Renderer(arrangement, lanes).render, blocks)
    crossed = compile_project(big_project(long_crossfade))
    worst = block_ms(Mixer(crossed, lanes_of(crossed, sources)).render, blocks)
    renderer = Renderer(arrangement, lanes)
    jumps = [best_s(lambda at=at: renderer.prepare(at), 1) for at in range(RATE, 40 * RATE, RATE)]
    began = time.thread_time()
    frames = sum(len(part) for part in bounce(arrangement, sources, 0, 10 * RATE))
    speed = frames / RATE / (time.thread_time() - began)
    return [
        noted("mix 64 tracks, 256 frames, median", float(np.median(mixed)), "ms"),
        at_most("mix 64 tracks, 256 frames, p99", float(np.percentile(mixed, 99)), 2.0, "ms"),
        noted("mix and limit, 256 frames, median", float(np.median(limited)), "ms"),
        noted("mix and limit, 256 frames, p99", float(np.percentile(limited, 99)), "ms"),
        noted(
            "mix, every clip in a crossfade of its own, p99", float(np.percentile(worst, 99)), "ms"
        ),
        noted("jump (look back 0.2 s), median", 1e3 * statistics.median(jumps), "ms"),
        at_least("bounce 64 tracks, times as fast as real time", speed, 5.0, "x"),
    ]


def limiter_row() -> Row:
    """Measure the highest true peak of hot material, by another library's oversampling."""
    from scipy.signal import resample_poly

    t = np.arange(2 * RATE) / RATE
    random = np.random.default_rng(2)
    hot = [
        random.uniform(-4.0, 4.0, 2 * RATE),
        random.standard_normal(2 * RATE) * 2.0,
        np.sign(random.standard_normal(2 * RATE)),
        2.0 * np.sign(np.sin(2.0 * np.pi * 441.0 * t)),
        2.0 * np.sign(np.sin(2.0 * np.pi * 12_000.0 * t + 0.3)),
        4.0 * np.sin(2.0 * np.pi * 50.0 * t),
        2.0 * np.sin(2.0 * np.pi * 19_001.0 * t),
    ]
    highest = 0.0
    for wave in hot:
        audio = np.stack((wave, 0.7 * wave), axis=1).astype(np.float32)
        project = Project(
            tempo=TempoMap(),
            tracks=(
                Track(
                    TrackId("t"),
                    "T",
                    clips=(Clip.of_take(TAKES[0], TempoMap().tick_at(0), Frame(len(audio))),),
                ),
            ),
            media=(Media(TAKES[0], "x", Frame(len(audio)), 2),),
        )
        limited = np.concatenate(list(bounce(compile_project(project), {TAKES[0]: audio})))
        highest = max(highest, float(np.abs(resample_poly(limited.astype(float), 8, 1)).max()))
    return at_most("true peak of 7 hot materials, limited", 20 * math.log10(highest), -0.9, "dBTP")


def measuring_rows() -> list[Row]:
    """Measure what is asked of a take once it is there."""
    import pyloudnorm

    minute = music(60.0, 0.1)
    meter = pyloudnorm.Meter(RATE)
    apart = max(
        abs((loudness_lufs(audio) or 0.0) - meter.integrated_loudness(audio.astype(float)))
        for audio in (minute, music(9.3, 0.02, 5), np.cumsum(music(20.0, 1e-3, 6), axis=0))
    )
    ten_minutes = np.tile(minute, (10, 1))
    return [
        at_most("loudness, furthest from pyloudnorm", apart, 0.1, "LU"),
        noted(
            "levels (LUFS, true peak, RMS) of an hour",
            60 * best_s(lambda: measure_levels(minute), 3),
            "s",
        ),
        at_most("peaks of an hour", 6 * best_s(lambda: peaks_of(ten_minutes), 3), 0.5, "s"),
        noted("tempo of a minute", 1e3 * best_s(lambda: tempo_near(minute, 120.0), 3), "ms"),
        noted("key of a minute", 1e3 * best_s(lambda: key_of(minute), 3), "ms"),
    ]


def measure(full: bool) -> list[Row]:
    """Measure all of it."""
    sources = {take: music(60.0, 0.1, seed) for seed, take in enumerate(TAKES)}
    return [
        *compile_rows(big_project(usual)),
        *mixing_rows(sources, full=full),
        limiter_row(),
        *measuring_rows(),
        law_row(full=full),
    ]


if __name__ == "__main__":
    sys.exit(run_alone(measure, "mix"))
