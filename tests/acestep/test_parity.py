"""Against diffusers' own pipeline: the same conditions, and the same sound."""

from pathlib import Path

import pytest
import torch
from diffusers import AceStepPipeline

from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.steps import done
from tests.acestep import tiny
from tests.acestep.conftest import CPU
from tests.acestep.making import (
    LYRICS,
    WORDS,
    raw_of_pipeline,
    raw_take,
    snr_db,
    telling,
    told_by_pipeline,
    wish,
)

TURBO = {"num_inference_steps": 8, "shift": 3.0, "guidance_scale": 1.0}
BASE = {"num_inference_steps": 6, "shift": 1.0, "guidance_scale": 7.0}
INSTRUMENTAL = {"lyrics": "[Instrumental]", "vocal_language": "unknown"}


def test_the_transformer_of_turbo_is_told_what_the_pipeline_tells_it(
    turbo: AceStepPipeline, turbo_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wished = wish(lyrics=LYRICS, language="en", seconds=10.68, seed=3, bpm=98.0)
    with telling(monkeypatch) as ours:
        raw_take(turbo_model, wished)
    theirs = told_by_pipeline(
        turbo,
        seed=3,
        prompt=WORDS,
        lyrics=LYRICS,
        vocal_language="en",
        audio_duration=10.68,
        bpm=98,
        **TURBO,
    )

    assert ours.times == theirs.times and len(ours.times) == 8
    torch.testing.assert_close(ours.states[0], theirs.states[0], rtol=0, atol=1e-5)
    assert torch.equal(ours.contexts[0], theirs.contexts[0])
    assert torch.equal(ours.latents[0], theirs.latents[0])


def test_the_transformer_of_base_is_told_what_the_pipeline_tells_it(
    base: AceStepPipeline, base_model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wished = wish(seconds=10.0, steps=6, seed=11, bpm=120.0)
    with telling(monkeypatch) as ours:
        raw_take(base_model, wished)
    theirs = told_by_pipeline(
        base, seed=11, prompt=WORDS, audio_duration=10.0, bpm=120, **INSTRUMENTAL, **BASE
    )

    assert ours.times == theirs.times and len(ours.times) == 6
    # Both rows: conditioned and, for guidance, the learned nothing.
    assert ours.states[0].shape == theirs.states[0].shape and len(ours.states[0]) == 2
    torch.testing.assert_close(ours.states[0], theirs.states[0], rtol=0, atol=1e-5)
    assert torch.equal(ours.contexts[0], theirs.contexts[0][:1])
    torch.testing.assert_close(ours.latents[-1], theirs.latents[-1][:1], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "seconds", [10.0, 10.04, 10.24, 10.68, 11.32, 12.0, 13.36, 15.4, 20.6, 45.08]
)
def test_turbo_sounds_like_the_plain_pipeline(
    turbo: AceStepPipeline, turbo_model: LoadedModel, seconds: float
) -> None:
    plain = raw_of_pipeline(
        turbo, seed=7, prompt=WORDS, audio_duration=seconds, **INSTRUMENTAL, **TURBO
    )

    ours = raw_take(turbo_model, wish(seconds=seconds, seed=7))

    assert snr_db(plain, ours) >= 100.0


@pytest.mark.parametrize("seconds", [10.0, 10.04, 16.36])
def test_guided_base_sounds_like_the_plain_pipeline(
    base: AceStepPipeline, base_model: LoadedModel, seconds: float
) -> None:
    plain = raw_of_pipeline(
        base, seed=5, prompt=WORDS, audio_duration=seconds, **INSTRUMENTAL, **BASE
    )

    ours = raw_take(base_model, wish(seconds=seconds, seed=5, steps=6))

    assert snr_db(plain, ours) >= 100.0


def test_a_transformer_wider_than_its_conditions_sounds_like_the_plain_pipeline(
    tmp_path: Path,
) -> None:
    pipeline = tiny.build("turbo", seed=2, fast=True, wide=True)
    pipeline.save_pretrained(tmp_path / "wide", safe_serialization=True)
    model = done(LoadedModel.load(tmp_path / "wide", "turbo", CPU))
    plain = raw_of_pipeline(pipeline, prompt=WORDS, audio_duration=10.0, **INSTRUMENTAL, **TURBO)

    assert snr_db(plain, raw_take(model, wish())) >= 100.0


def test_only_what_is_heard_is_decoded_of_a_short_take(turbo_model: LoadedModel) -> None:
    wished = wish(seconds=1.5, seed=4)

    short, whole = raw_take(turbo_model, wished, whole=False), raw_take(turbo_model, wished)

    assert len(short) == 38 * 1920 and len(whole) == 250 * 1920
    assert snr_db(whole[: len(short)], short) >= 120.0
