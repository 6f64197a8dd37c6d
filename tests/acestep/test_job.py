"""Jobs on a loaded model: lengths, seeds, progress, streaming, cancelling, and what is kept."""

import itertools

import numpy as np
import pytest
import torch

from acestep_desktop.acestep.finishing import TARGET_PEAK
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.steps import DECODING, READING, SAMPLING
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import Meter
from acestep_desktop.dsp.loudness import measure_levels
from acestep_desktop.generation.generator import JobCancelled, Progress, Rendered
from tests.acestep.making import WHO, chunks_in, outputs_of, takes_of, wish


@pytest.mark.parametrize(
    ("bars", "bpm", "meter"), [(1, 174.3, "4/4"), (4, 92.0, "4/4"), (3, 133.7, "7/8")]
)
def test_a_take_in_bars_is_exact_to_the_frame(
    turbo_model: LoadedModel, bars: int, bpm: float, meter: str
) -> None:
    wished = wish(bars=bars, bpm=bpm, meter=Meter.parse(meter))

    (take,) = takes_of(turbo_model, wished)

    assert take.frames == frames_of_bars(bars, Meter.parse(meter), bpm)
    assert take.mix is not None and take.mix.shape == (take.frames, 2)
    assert take.mix.dtype == np.float32
    assert take.recipe.music == Music(bpm, None, Meter.parse(meter), bars)


def test_words_give_tempo_key_and_length_and_the_recipe_says_so(turbo_model: LoadedModel) -> None:
    (take,) = takes_of(turbo_model, wish("dub in A minor, 2 bars at 140 bpm", bars=None))

    assert take.frames == frames_of_bars(2, Meter(), 140.0)
    assert take.recipe.music == Music(140.0, Key("A", "minor"), Meter(4, 4), 2)
    assert take.recipe.engine == WHO
    assert "140 bpm" in take.recipe.understood


def test_bars_without_a_tempo_get_one(turbo_model: LoadedModel) -> None:
    (take,) = takes_of(turbo_model, wish("a hum", bars=1))

    assert take.recipe.music == Music(120.0, None, Meter(4, 4), 1)
    assert take.frames == 96_000


def test_the_same_seed_gives_the_same_samples_alone_or_among_others(
    turbo_model: LoadedModel,
) -> None:
    together = takes_of(turbo_model, wish(seconds=1.0, seed=40, variations=3))
    (alone,) = takes_of(turbo_model, wish(seconds=1.0, seed=42))

    assert [take.variation for take in together] == [0, 1, 2]
    assert np.array_equal(together[2].mix, alone.mix)
    assert not np.array_equal(together[0].mix, together[1].mix)
    assert together[2].recipe == alone.recipe


def test_guided_takes_are_the_same_alone_or_among_others(base_model: LoadedModel) -> None:
    together = takes_of(base_model, wish(seconds=0.5, seed=6, variations=2, steps=4))
    (alone,) = takes_of(base_model, wish(seconds=0.5, seed=7, steps=4))

    assert np.array_equal(together[1].mix, alone.mix)


def test_a_take_peaks_at_one_db_below_full_scale(turbo_model: LoadedModel) -> None:
    (take,) = takes_of(turbo_model, wish(seconds=2.0, seed=3))

    assert np.abs(take.mix).max() == pytest.approx(TARGET_PEAK, abs=1e-6)
    assert take.measured == measure_levels(take.mix).measured()


def test_progress_counts_true_steps_and_chunks_and_never_goes_back(
    turbo_model: LoadedModel,
) -> None:
    outputs = list(outputs_of(turbo_model, wish(seconds=7.0, seed=1)))

    told = [o for o in outputs if isinstance(o, Progress)]
    assert all(a.fraction <= b.fraction for a, b in itertools.pairwise(told))
    assert told[-1].fraction == 1.0
    steps = [(p.step, p.steps) for p in told if p.stage == SAMPLING and p.step]
    assert sorted(set(steps)) == [(n, 8) for n in range(1, 9)]
    # 175 latents: one second first and what the decoder sees ahead, then 32 at a time.
    chunks = [(p.step, p.steps) for p in told if p.stage == DECODING]
    assert chunks == [(n, 6) for n in range(1, 7)]


def test_the_first_second_is_heard_while_the_rest_is_decoded(turbo_model: LoadedModel) -> None:
    outputs = list(outputs_of(turbo_model, wish(seconds=7.3, seed=1)))

    chunks = chunks_in(outputs)
    assert chunks[0].start == 0 and 48_000 <= len(chunks[0].samples) < 60_000
    first = outputs.index(chunks[0])
    decoding = [o for o in outputs if isinstance(o, Progress) and o.stage == DECODING]
    assert [outputs.index(progress) > first for progress in decoding] == [False] + [True] * 5
    ends = [chunk.start + len(chunk.samples) for chunk in chunks]
    assert [chunk.start for chunk in chunks[1:]] == ends[:-1]
    (take,) = [o for o in outputs if isinstance(o, Rendered)]
    assert ends[-1] == take.frames == round(7.3 * 48_000)


def test_what_is_heard_first_is_the_take_but_for_its_level(turbo_model: LoadedModel) -> None:
    outputs = list(outputs_of(turbo_model, wish(seconds=3.0, seed=1)))

    (take,) = [o for o in outputs if isinstance(o, Rendered)]
    chunks = chunks_in(outputs)
    assert len(chunks) == 3
    for chunk in chunks:
        # A new level is reached within 10 ms.
        heard = chunk.samples[480:]
        final = take.mix[chunk.start + 480 : chunk.start + len(chunk.samples)]
        gain = np.vdot(heard, final) / np.vdot(heard, heard)
        assert np.abs(heard).max() <= TARGET_PEAK + 1e-6
        assert np.abs(heard * gain - final).max() < 1e-5


@pytest.mark.parametrize("layers_run", [1, 2, 9])
def test_a_cancelled_job_stops_within_a_layer(turbo_model: LoadedModel, layers_run: int) -> None:
    ran: list[int] = []
    cancelled_at: list[int] = []
    norms = [layer.mlp_norm for layer in turbo_model.parts.transformer.layers]
    hooks = [norm.register_forward_hook(lambda *_: ran.append(1)) for norm in norms]

    def cancelled() -> bool:
        wanted = len(ran) >= layers_run
        if wanted and not cancelled_at:
            cancelled_at.append(len(ran))
        return wanted

    try:
        with pytest.raises(JobCancelled):
            list(outputs_of(turbo_model, wish(seconds=1.0), cancelled))
    finally:
        for hook in hooks:
            hook.remove()

    assert len(ran) == cancelled_at[0] == layers_run


def test_a_job_that_is_cancelled_while_decoding_stops_at_the_tile(
    turbo_model: LoadedModel,
) -> None:
    heard = 0

    def cancelled() -> bool:
        return heard >= 2

    with pytest.raises(JobCancelled):
        for output in outputs_of(turbo_model, wish(seconds=10.0), cancelled):
            heard += bool(chunks_in([output]))

    assert heard == 2


def test_a_job_that_is_dropped_leaves_the_next_one_right(turbo_model: LoadedModel) -> None:
    (before,) = takes_of(turbo_model, wish(seconds=1.0, seed=8))
    dropped = outputs_of(turbo_model, wish("something else", seconds=1.0, seed=9))
    for output in dropped:
        if isinstance(output, Progress) and output.stage == SAMPLING and output.step == 3:
            break
    dropped.close()  # type: ignore[attr-defined]

    (after,) = takes_of(turbo_model, wish(seconds=1.0, seed=8))

    assert np.array_equal(before.mix, after.mix)
    assert not torch.is_inference_mode_enabled()


def test_conditions_are_encoded_once_for_all_takes_of_the_same_words(
    turbo_model: LoadedModel,
) -> None:
    turbo_model.conditions.clear()
    encoded: list[str] = []
    parts = turbo_model.parts
    watched = {
        "text": parts.text_encoder,
        "lyrics": parts.condition_encoder.lyric_encoder,
        "timbre": parts.condition_encoder.timbre_encoder,
    }
    hooks = [
        module.register_forward_hook(lambda *_, name=name: encoded.append(name))
        for name, module in watched.items()
    ]
    try:
        takes_of(turbo_model, wish("a", lyrics="la", seconds=0.5, variations=2))
        first = sorted(encoded)
        encoded.clear()
        takes_of(turbo_model, wish("a", lyrics="la", seconds=0.5, seed=9))
        again = sorted(encoded)
        takes_of(turbo_model, wish("b", lyrics="la", seconds=0.5))
    finally:
        for hook in hooks:
            hook.remove()

    assert first == ["lyrics", "text", "timbre"]
    assert again == []
    assert encoded == ["text"]


def test_reading_comes_before_sampling_and_sampling_before_decoding(
    turbo_model: LoadedModel,
) -> None:
    outputs = outputs_of(turbo_model, wish(seconds=0.5))

    stages = [o.stage for o in outputs if isinstance(o, Progress)]
    assert list(dict.fromkeys(stages)) == [READING, SAMPLING, DECODING]


def test_what_is_heard_is_not_called_silent(turbo_model: LoadedModel) -> None:
    (take,) = takes_of(turbo_model, wish(seconds=1.0))

    assert take.mix is not None
    tenths = take.mix.reshape(10, -1)
    assert (np.abs(tenths).max(axis=1) > 0.01).all()
    assert not any("silent" in warning for warning in take.warnings)
