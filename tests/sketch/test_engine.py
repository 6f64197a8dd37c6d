"""Sketch behind the engine port: takes as asked, honest progress, the same samples anywhere."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.domain.codec import dumps, from_json, loads
from acestep_desktop.domain.recipe import Recipe
from acestep_desktop.domain.request import Cover, Extract, Prompt, Repaint, Request
from acestep_desktop.dsp.loudness import Levels, measure_levels
from acestep_desktop.generation.generator import (
    AudioChunk,
    JobCancelled,
    Output,
    Planned,
    Progress,
    Rendered,
    StemAudio,
)
from acestep_desktop.sketch.engine import CANNOT_SING, OPENING_BARS, SketchEngine, create

HOUSE = Request(Prompt("deep house, 122 bpm, F minor"), bars=2, seed=11)


@pytest.fixture(scope="module")
def engine() -> SketchEngine:
    """One engine, warm after the first test."""
    return create()


def outputs(engine: SketchEngine, request: Request) -> list[Output]:
    """All that comes of a request."""
    return list(engine.generate(request, lambda: False))


def takes(found: list[Output]) -> list[Rendered]:
    """The finished variations, with the stems that were sent of them."""
    stems = [output for output in found if isinstance(output, StemAudio)]
    return [
        replace(take, stems=tuple(s.stem for s in stems if s.variation == take.variation))
        for take in found
        if isinstance(take, Rendered)
    ]


def mix_of(found: list[Output], variation: int = 0) -> np.ndarray:
    """The mix as it was sent."""
    rendered = takes(found)[variation]
    mix = np.full((rendered.frames, 2), np.nan, dtype=np.float32)
    for output in found:
        if isinstance(output, AudioChunk) and output.variation == variation:
            mix[output.start : output.start + len(output.samples)] = output.samples
    return mix


def digest(found: list[Output]) -> str:
    """A name for every sample of every stem."""
    stems = [stem.samples.tobytes() for take in takes(found) for stem in take.stems]
    return hashlib.blake2b(b"".join(stems), digest_size=8).hexdigest()


def test_a_take_is_whole_bars_with_a_stem_for_each_part(engine: SketchEngine) -> None:
    found = outputs(engine, HOUSE)
    (take,) = takes(found)
    assert take.frames == round(2 * 4 * 60 / 122 * 48_000)
    assert take.channels == 2
    assert [stem.name for stem in take.stems] == [part.name for part in take.recipe.parts]
    assert len({stem.name for stem in take.stems}) == len(take.stems)
    assert all(stem.samples.shape == (take.frames, 2) for stem in take.stems)
    assert all(stem.samples.flags.c_contiguous for stem in take.stems)


def test_the_chunks_are_the_mix_and_the_stems_sum_to_it(engine: SketchEngine) -> None:
    found = outputs(engine, HOUSE)
    (take,) = takes(found)
    mix = mix_of(found)
    total = np.sum([stem.samples.astype(np.float64) for stem in take.stems], axis=0)
    assert np.isfinite(mix).all()
    assert np.abs(mix - total).max() < 1e-6


def test_the_mix_is_measured(engine: SketchEngine) -> None:
    found = outputs(engine, HOUSE)
    (take,) = takes(found)
    assert take.measured is not None
    levels = measure_levels(mix_of(found)).measured()
    assert take.measured.loudness_lufs == pytest.approx(levels.loudness_lufs, abs=1e-6)
    assert take.measured.true_peak_db == pytest.approx(levels.true_peak_db, abs=1e-4)
    assert take.measured.peak_db == levels.peak_db


def test_a_take_that_is_let_go_is_measured_no_further(
    engine: SketchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, may_go_on, measured = True, threading.Event(), []

    def measure(blocks: Iterator[np.ndarray]) -> Levels:
        for block in blocks:
            measured.append(len(block))
            assert may_go_on.wait(30)
        return measure_levels(np.zeros((1, 2), np.float32))

    monkeypatch.setattr("acestep_desktop.sketch.engine.measure_levels", measure)
    found = engine.generate(replace(HOUSE, bars=4), lambda: not wanted)
    while not isinstance(next(found), StemAudio):
        pass
    wanted = False
    may_go_on.set()
    found.close()
    assert sum(measured) < 4 * 4 * 60 / 122 * 48_000


def test_the_first_bars_are_sent_before_anything_is_finished(engine: SketchEngine) -> None:
    found = outputs(engine, replace(HOUSE, bars=6))
    (take,) = takes(found)
    chunks = [index for index, output in enumerate(found) if isinstance(output, AudioChunk)]
    first = next(index for index, o in enumerate(found) if isinstance(o, Progress) and o.step == 2)
    early = [found[index] for index in chunks if index < first]
    assert sum(len(o.samples) for o in early if isinstance(o, AudioChunk)) == round(
        OPENING_BARS * 4 * 60 / 122 * 48_000
    )
    opening = np.concatenate([o.samples for o in early if isinstance(o, AudioChunk)])
    final = mix_of(found)[: len(opening)]
    assert np.corrcoef(opening[:, 0], final[:, 0])[0, 1] > 0.97
    assert 0.8 < float(np.std(opening) / np.std(final)) < 1.25
    late = [found[index] for index in chunks if index > first]
    assert sum(len(o.samples) for o in late if isinstance(o, AudioChunk)) == take.frames


def test_the_stems_are_handed_over_before_the_mix_that_they_sum_to(engine: SketchEngine) -> None:
    kinds = [type(output) for output in outputs(engine, HOUSE)]
    last_stem = max(index for index, kind in enumerate(kinds) if kind is StemAudio)
    assert AudioChunk not in kinds[:last_stem]
    assert kinds[-2:] == [AudioChunk, Rendered]


def test_the_recipe_is_told_before_there_is_any_sound(engine: SketchEngine) -> None:
    found = outputs(engine, HOUSE)
    first = next(number for number, o in enumerate(found) if isinstance(o, AudioChunk))
    told = [output for output in found[:first] if isinstance(output, Planned)]
    (take,) = takes(found)
    assert [planned.recipe for planned in told] == [take.recipe]


def test_progress_rises_to_one_in_true_steps(engine: SketchEngine) -> None:
    found = outputs(engine, HOUSE)
    progress = [output for output in found if isinstance(output, Progress)]
    fractions = [output.fraction for output in progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(progress) == len(takes(found)[0].stems) + 2 == progress[0].steps
    assert any("Playing" in output.stage for output in progress)


def test_the_recipe_can_be_written_read_and_played_again(engine: SketchEngine) -> None:
    found = outputs(engine, HOUSE)
    recipe = takes(found)[0].recipe
    again = from_json(Recipe, loads(dumps(recipe)))
    assert again == recipe
    assert recipe.music.bpm == 122
    assert str(recipe.music.key) == "F minor"
    assert recipe.markers
    assert digest(outputs(engine, again.request)) == digest(found)


def test_a_variation_is_the_same_alone_and_among_others(engine: SketchEngine) -> None:
    three = outputs(engine, replace(HOUSE, variations=3))
    second = outputs(engine, replace(HOUSE, seed=12))
    assert takes(three)[1].recipe == takes(second)[0].recipe
    assert np.array_equal(mix_of(three, 1), mix_of(second))
    assert not np.array_equal(mix_of(three, 0)[:1000], mix_of(three, 1)[:1000])


def test_the_same_seed_has_the_same_samples_in_every_process(engine: SketchEngine) -> None:
    code = (
        "import sys\n"
        "from acestep_desktop.sketch.engine import create\n"
        "from acestep_desktop.domain.request import Prompt, Request\n"
        "import hashlib\n"
        "request = Request(Prompt('deep house, 122 bpm, F minor'), bars=2, seed=11)\n"
        "found = list(create().generate(request, lambda: False))\n"
        "stems = b''.join(o.stem.samples.tobytes() for o in found if hasattr(o, 'stem'))\n"
        "heavy = [name for name in ('scipy', 'torch', 'soundfile', 'PySide6') if name in"
        " sys.modules]\n"
        "print(hashlib.blake2b(stems, digest_size=8).hexdigest(), heavy)\n"
    )
    for hash_seed, threads in (("0", "1"), ("77", "2")):
        environment = os.environ | {"PYTHONHASHSEED": hash_seed, "OPENBLAS_NUM_THREADS": threads}
        told = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.split() == [digest(outputs(engine, HOUSE)), "[]"]


@pytest.mark.parametrize("task", [Cover("a.wav"), Repaint("a.wav", 0, 1), Extract("a.wav", "bass")])
def test_what_needs_a_model_is_refused_with_the_reason(engine: SketchEngine, task: object) -> None:
    refusal = engine.abilities().refusal(replace(HOUSE, task=task))  # type: ignore[arg-type]
    assert refusal is not None
    assert "ACE-Step" in refusal
    assert engine.abilities().refusal(HOUSE) is None


def test_lyrics_are_left_out_and_that_is_said(engine: SketchEngine) -> None:
    request = replace(HOUSE, prompt=Prompt("house", lyrics="la la la"))
    assert CANNOT_SING in takes(outputs(engine, request))[0].warnings
    assert CANNOT_SING not in takes(outputs(engine, HOUSE))[0].warnings


def test_a_cancelled_job_stops_at_the_next_part(engine: SketchEngine) -> None:
    asked: Iterator[bool] = iter([False, *[True] * 100])
    found = []
    with pytest.raises(JobCancelled):
        for output in engine.generate(HOUSE, lambda: next(asked)):
            found.append(output)
    assert not takes(found)


def test_a_job_cancelled_before_it_starts_makes_nothing(engine: SketchEngine) -> None:
    with pytest.raises(JobCancelled):
        assert not takes(list(engine.generate(HOUSE, lambda: True)))


def test_an_estimate_grows_with_the_music(engine: SketchEngine) -> None:
    short, long = (engine.estimate(replace(HOUSE, bars=bars)) for bars in (4, 64))
    assert 0 < short.work_s < long.work_s
    assert 0 < short.peak_bytes < long.peak_bytes


def test_unloading_changes_nothing_that_is_heard(engine: SketchEngine) -> None:
    before = digest(outputs(engine, HOUSE))
    engine.unload()
    assert digest(outputs(engine, HOUSE)) == before


@pytest.mark.parametrize(
    "caption",
    ["", "🥁🎹", "fast slow waltz in 7/8, 400 bpm, no instruments", "ジャズ ピアノ", "x" * 3000],
)
def test_any_words_make_music(engine: SketchEngine, caption: str) -> None:
    found = outputs(engine, Request(Prompt(caption), bars=1))
    assert np.sqrt(np.mean(mix_of(found) ** 2)) > 0.01


def test_no_drums_means_no_drums(engine: SketchEngine) -> None:
    found = outputs(engine, Request(Prompt("house, no drums"), bars=1))
    assert not [part for part in takes(found)[0].recipe.parts if part.drums]
