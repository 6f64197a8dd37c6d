"""Tasks on audio, heard: exact lengths, kept samples, any source, the same again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AceStepPipeline

from acestep_desktop.acestep.errors import LengthError, SourceError
from acestep_desktop.acestep.job import Job, Telling
from acestep_desktop.acestep.ladder import Ladder
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Wish
from acestep_desktop.acestep.sources import looped, read_source, timbre_samples
from acestep_desktop.acestep.splice import FADE
from acestep_desktop.acestep.tasks_length import understood, worked_frames
from acestep_desktop.acestep.tasks_tracks import AtItsLevel
from acestep_desktop.acestep.tasks_window import (
    extended_scene,
    repainted_latents,
    repainted_scene,
)
from acestep_desktop.audiofile.decode import read_all
from acestep_desktop.audiofile.errors import AudioFileError
from acestep_desktop.domain.recipe import EngineIdentity
from acestep_desktop.domain.request import (
    Adapter,
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Prompt,
    Repaint,
    Request,
    Sampling,
    Task,
    TextToMusic,
    Variation,
)
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.generation.generator import AudioChunk, Output, Rendered
from tests.acestep.hearing import music, plan_of, written
from tests.acestep.test_adapters import lora_file

Pair = tuple[AceStepPipeline, LoadedModel]

WHO = EngineIdentity("acestep", "1", "tiny", "0" * 32, "MIT (test)")
FRAMES = 10 * 48_000 + 1_234
SOURCE = music(FRAMES / 48_000)
RATE = 48_000


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("source"), SOURCE)


def outputs(model: LoadedModel, task: Task, **fields: Any) -> list[Output]:
    """Do a short job."""
    fields.setdefault("sampling", Sampling(steps=2))
    request = Request(prompt=Prompt("warm keys"), task=task, **fields)
    job = Job(model, Ladder(model), Telling(lambda: False), WHO)
    return list(job.takes(Wish(request, understood(request))))


def takes(model: LoadedModel, task: Task, **fields: Any) -> list[Rendered]:
    return [o for o in outputs(model, task, **fields) if isinstance(o, Rendered)]


def take(model: LoadedModel, task: Task, **fields: Any) -> Samples:
    (rendered,) = takes(model, task, **fields)
    assert rendered.mix is not None
    return rendered.mix


WHOLE: list[Task] = [
    Cover("", 1.0),
    Cover("", 0.5),
    Variation("", 0.5),
    Extract("", "drums"),
    AddLayer("", "bass"),
    Complete("", ("bass", "drums")),
]


@pytest.mark.parametrize("task", WHOLE, ids=lambda task: type(task).__name__)
def test_a_take_is_as_long_as_its_source_to_the_frame(
    base_pair: Pair, source: str, task: Task
) -> None:
    (rendered,) = takes(base_pair[1], replace(task, source=source))
    assert rendered.mix is not None
    assert rendered.mix.shape == (FRAMES, 2)
    assert rendered.mix.any()
    assert rendered.recipe.request.task == replace(task, source=source)


@pytest.mark.parametrize(
    ("start", "end"), [(4.0, 6.0), (0.0, 3.3333), (9.123, 99.0), (0.0, 99.0), (5.0, 5.01)]
)
def test_a_repaint_keeps_every_sample_outside_its_window(
    turbo_pair: Pair, source: str, start: float, end: float
) -> None:
    mix = take(turbo_pair[1], Repaint(source, start, end))
    first, last = round(start * RATE), min(FRAMES, round(end * RATE))
    assert mix.shape == SOURCE.shape
    assert np.array_equal(mix[:first], SOURCE[:first])
    assert np.array_equal(mix[last:], SOURCE[last:])
    assert not np.array_equal(mix[first:last], SOURCE[first:last])


def test_another_seed_repaints_otherwise(turbo_pair: Pair, source: str) -> None:
    one, two = (take(turbo_pair[1], Repaint(source, 4.0, 6.0), seed=seed) for seed in (1, 2))
    middle = slice(4 * RATE + FADE, 6 * RATE - FADE)
    assert not np.allclose(one[middle], two[middle], atol=1e-4)


@pytest.mark.parametrize(
    ("before", "after"), [(0.0, 3.0), (2.0, 0.0), (1.0, 2.5), (0.0, 0.01), (1.2345, 0.0)]
)
def test_an_extension_is_exactly_so_long_and_holds_the_source_unchanged(
    turbo_pair: Pair, source: str, before: float, after: float
) -> None:
    mix = take(turbo_pair[1], Extend(source, before, after))
    ahead, behind = round(before * RATE), round(after * RATE)
    assert len(mix) == ahead + FRAMES + behind
    assert np.array_equal(mix[ahead : ahead + FRAMES], SOURCE)
    assert ahead == 0 or mix[:ahead].any()
    assert behind == 0 or mix[ahead + FRAMES :].any()


@pytest.mark.parametrize(
    "task",
    [*WHOLE, Repaint("", 2.0, 5.0), Extend("", 0.5, 1.0)],
    ids=lambda task: type(task).__name__,
)
def test_the_same_request_gives_the_same_samples(base_pair: Pair, source: str, task: Task) -> None:
    model, wished = base_pair[1], replace(task, source=source)
    once = take(model, wished, seed=5, sampling=Sampling(steps=1))
    model.heard.clear()
    torch.manual_seed(99)
    assert np.array_equal(take(model, wished, seed=5, sampling=Sampling(steps=1)), once)


def test_a_take_is_the_same_alone_and_among_others(turbo_pair: Pair, source: str) -> None:
    task = Repaint(source, 2.0, 5.0)
    both = takes(turbo_pair[1], task, seed=4, variations=2)
    assert np.array_equal(both[1].mix, take(turbo_pair[1], task, seed=5))


def test_a_source_is_encoded_once(
    turbo_pair: Pair, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = turbo_pair[1]
    model.heard.clear()
    calls: list[int] = []
    encoded = LoadedModel.encoded

    def counted(self: LoadedModel, samples: Samples, seed: int) -> Any:
        calls.append(len(samples))
        return encoded(self, samples, seed)

    monkeypatch.setattr(LoadedModel, "encoded", counted)
    for task in (Cover(source), Variation(source), Repaint(source, 1.0, 2.0)):
        plan_of(task, model)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("channels", "rate", "seconds"),
    [(1, 48_000, 11.0), (2, 44_100, 11.0), (8, 48_000, 11.0), (2, 96_000, 1.0), (1, 8_000, 0.2)],
)
def test_any_source_will_do(
    turbo_pair: Pair, tmp_path: Path, channels: int, rate: int, seconds: float
) -> None:
    mono = music(seconds)[:, :1][: round(seconds * rate)]
    path = written(tmp_path, np.repeat(mono, channels, axis=1), rate=rate)
    heard = read_source(path)
    assert heard.samples.shape[1] == 2
    mix = take(turbo_pair[1], Repaint(path, 0.05, 0.1))
    assert len(mix) == heard.frames
    assert np.array_equal(mix[4_800:], heard.samples[4_800:])
    assert len(take(turbo_pair[1], Cover(path, 1.0))) == heard.frames


def test_a_mono_source_goes_to_both_sides(tmp_path: Path) -> None:
    path = written(tmp_path, SOURCE[:, :1])
    assert np.array_equal(read_source(path).samples, np.repeat(SOURCE[:, :1], 2, axis=1))


def test_what_was_done_to_a_source_is_said(turbo_pair: Pair, tmp_path: Path) -> None:
    path = written(tmp_path, music(1.0)[:44_100], name="a.wav", rate=44_100)
    (rendered,) = takes(turbo_pair[1], Variation(path))
    assert '"a.wav": It was converted from 44,100 Hz to 48,000 Hz.' in rendered.warnings


@pytest.mark.parametrize(
    ("seconds", "task", "error", "words"),
    [
        (0.01, Cover(""), SourceError, "at least 0.1 seconds"),
        (5.0, Repaint("", 6.0, 7.0), SourceError, "ends at 5.00 seconds"),
        (1200.0, Cover(""), LengthError, r"lasts 20 minutes, and at most 10 minutes"),
    ],
)
def test_a_source_that_will_not_do_is_refused_in_words(
    turbo_pair: Pair,
    tmp_path: Path,
    seconds: float,
    task: Task,
    error: type[Exception],
    words: str,
) -> None:
    path = written(tmp_path, np.full((round(seconds * RATE), 1), 0.1, np.float32))
    with pytest.raises(error, match=words):
        plan_of(replace(task, source=path), turbo_pair[1])


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all" * 100])
def test_a_file_that_is_no_audio_is_refused(
    turbo_pair: Pair, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    for request in ({"task": Cover(str(path))}, {"task": TextToMusic(), "reference": str(path)}):
        with pytest.raises(AudioFileError):
            plan_of(model=turbo_pair[1], **request)  # type: ignore[arg-type]


def test_of_a_source_that_is_too_long_what_lies_around_the_window_is_heard(
    turbo_pair: Pair, tmp_path: Path
) -> None:
    path = written(tmp_path, np.tile(music(10.0)[::6, :1], (66, 1)), rate=8_000)
    long = read_source(path, longest_s=660.0).samples
    mix = take(turbo_pair[1], Repaint(path, 620.0, 622.0), sampling=Sampling(steps=1))
    assert np.array_equal(mix[: 620 * RATE], long[: 620 * RATE])
    assert np.array_equal(mix[622 * RATE :], long[622 * RATE :])
    assert not np.array_equal(mix[620 * RATE : 622 * RATE], long[620 * RATE : 622 * RATE])
    assert worked_frames(Request(Prompt(""), task=Repaint(path, 620.0, 622.0))) == 122 * RATE


def test_long_sources_are_heard_in_part_and_placed_right(tmp_path: Path) -> None:
    heard = read_source(written(tmp_path, np.tile(music(30.0), (10, 1))))
    scene = repainted_scene(heard, Repaint("", 200.0, 203.0), 1920)
    assert len(scene.samples) == scene.samples.shape[0] == 123 * RATE
    assert scene.first == 140 * RATE
    assert scene.spans == ((60 * 25, 63 * 25),)
    ahead = extended_scene(heard, Extend("", before_s=10.0), 1920)
    assert len(ahead.samples) == 70 * RATE
    assert ahead.first == 0
    assert np.array_equal(ahead.samples[10 * RATE :], heard.samples[: 60 * RATE])
    behind = extended_scene(heard, Extend("", after_s=10.0), 1920)
    assert behind.first == 240 * RATE
    assert np.array_equal(behind.samples[: 60 * RATE], heard.samples[-60 * RATE :])


def test_too_long_an_extension_is_refused_in_words(tmp_path: Path) -> None:
    heard = read_source(written(tmp_path, np.tile(music(60.0), (5, 1))))
    with pytest.raises(LengthError, match="by up to 590 seconds"):
        extended_scene(heard, Extend("", after_s=595.0), 1920)
    with pytest.raises(LengthError, match="extend one side at a time"):
        extended_scene(heard, Extend("", 200.0, 200.0), 1920)


def test_a_window_in_a_looped_source_ends_where_it_should() -> None:
    assert repainted_latents(1.0, 2.0, 250, 1920) == (25, 50)
    assert repainted_latents(1.0, None, 250, 1920) == (25, 250)
    assert repainted_latents(9.99, 9.995, 250, 1920) == (249, 250)
    assert repainted_latents(1.0, 1.001, 250, 1920) == (25, 26)


def test_short_sources_are_looped() -> None:
    short = SOURCE[:1_000]
    assert np.array_equal(looped(short, 2_500), np.concatenate((short, short, short[:500])))
    assert looped(SOURCE, 10) is SOURCE
    assert timbre_samples(short).shape == (30 * RATE, 2)


def test_a_take_that_is_repainted_is_heard_from_its_start_while_it_is_made(
    turbo_pair: Pair, source: str
) -> None:
    told = outputs(turbo_pair[1], Repaint(source, 4.0, 6.0))
    chunks = [o for o in told if isinstance(o, AudioChunk)]
    assert chunks[0].start == 0
    kept = min(4 * RATE, len(chunks[0].samples))
    assert np.array_equal(chunks[0].samples[:kept], SOURCE[:kept])
    assert max(c.start + len(c.samples) for c in chunks) >= 6 * RATE


def test_a_track_keeps_its_level_within_full_scale() -> None:
    quiet = music(1.0) * np.float32(0.1)
    assert np.array_equal(AtItsLevel(48_000).whole(quiet), quiet)
    loud = AtItsLevel(40_000).whole(music(1.0) * np.float32(30))
    assert loud.shape == (40_000, 2)
    assert np.abs(loud).max() == 1.0
    assert AtItsLevel(100).preview(100, quiet) is None


def test_a_lora_sounds_and_the_next_job_is_as_before(
    turbo_pair: Pair, source: str, tmp_path: Path
) -> None:
    model, task = turbo_pair[1], Cover(source, 1.0)
    before = take(model, task)
    layer = "layers.0.self_attn.to_v"
    path = lora_file(tmp_path, {layer: (torch.full((2, 32), 0.5), torch.full((16, 2), 0.5))})
    (rendered,) = takes(model, task, adapters=(Adapter(str(path), 0.8),))
    assert not np.array_equal(rendered.mix, before)
    (used,) = rendered.recipe.request.adapters
    assert (used.path, used.strength, len(used.sha256)) == (str(path), 0.8, 64)
    assert np.array_equal(take(model, task), before)


def test_a_source_kept_as_24_bit_is_given_back_to_the_bit(turbo_pair: Pair, tmp_path: Path) -> None:
    import soundfile

    path = tmp_path / "a.flac"
    soundfile.write(path, SOURCE, RATE, subtype="PCM_24")
    heard = read_all(path)
    mix = take(turbo_pair[1], Repaint(str(path), 4.0, 6.0))
    assert np.array_equal(mix[6 * RATE :], heard[6 * RATE :])
