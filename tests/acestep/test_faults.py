"""Injected faults: memory that runs out, numbers that break, errors; and the job after them."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import SafetensorError

from acestep_desktop.acestep import ladder as ladder_module
from acestep_desktop.acestep import parts as parts_module
from acestep_desktop.acestep.decoding import Decoder
from acestep_desktop.acestep.errors import BrokenSoundError, TooLittleMemoryError
from acestep_desktop.acestep.job import Job, Telling
from acestep_desktop.acestep.ladder import (
    DECODED_ON_CPU,
    FULL_PRECISION,
    PARTS_OFF,
    SMALLER_CHUNKS,
    Ladder,
)
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.memory import is_out_of_memory
from acestep_desktop.acestep.placement import Placement
from acestep_desktop.acestep.sampler import NotFiniteError
from acestep_desktop.acestep.steps import DECODING, SAMPLING, Step, Work, done
from acestep_desktop.acestep.studio import Studio
from acestep_desktop.generation.generator import Rendered
from tests.acestep.conftest import CPU
from tests.acestep.making import WHO, chunks_in, never, snr_db, takes_of, wish

OUT = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


class Card(Placement):
    """A graphics card, so far as the ladder can tell; it computes on the processor."""

    @property
    def is_card(self) -> bool:
        return self.device.index == 0


@pytest.fixture
def model(turbo_folder: Path) -> LoadedModel:
    """A model of this test's own, as faults change how it works."""
    return done(LoadedModel.load(turbo_folder, "turbo", CPU))


@pytest.fixture
def card_model(turbo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedModel:
    monkeypatch.setattr(ladder_module, "free_bytes", lambda _: 3 * 2**30)
    card = Card(torch.device("cpu", 0), torch.float32)
    return done(LoadedModel.load(turbo_folder, "turbo", card))


@contextmanager
def raising(module: Any, error: BaseException, at: Callable[[int], bool]) -> Iterator[list[int]]:
    """Have `module` raise `error` on those of its calls, from 0, of which `at` says so."""
    calls: list[int] = []

    def count(*_: object) -> None:
        calls.append(1)
        if at(len(calls) - 1):
            raise error

    hook = module.register_forward_pre_hook(count)
    try:
        yield calls
    finally:
        hook.remove()


def job_of(model: LoadedModel, ladder: Ladder | None = None) -> Job:
    return Job(model, ladder or Ladder(model), Telling(never), WHO)


def test_what_says_that_memory_ran_out() -> None:
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(OUT)
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory"))
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: not enough memory: 9 bytes"))
    assert is_out_of_memory(OSError(errno.ENOMEM, "Cannot allocate memory"))
    assert is_out_of_memory(OSError("The paging file is too small (os error 1455)"))
    assert not is_out_of_memory(OSError(errno.ENOENT, "No such file"))


def test_memory_that_ran_out_is_known_behind_a_library_s_own_error() -> None:
    with pytest.raises(OSError, match="Unable to load") as caught:
        try:
            raise MemoryError
        except MemoryError:
            raise OSError("Unable to load weights")  # noqa: B904 (as a library does)
    assert is_out_of_memory(caught.value)


@pytest.mark.parametrize("layer", [None, 0, 9, -1])
@pytest.mark.parametrize("chunk", [0, 1, 3, 7])
def test_a_chunk_without_memory_is_decoded_in_smaller_ones(
    model: LoadedModel, chunk: int, layer: int | None
) -> None:
    wished = wish(seconds=10.0, seed=2)
    (undisturbed,) = takes_of(model, wished)

    decoder = model.parts.vae.decoder
    failing = decoder if layer is None else decoder.layers[layer]
    with raising(failing, OUT, lambda call: call == chunk):
        outputs = list(job_of(model).takes(wished))

    (take,) = [o for o in outputs if isinstance(o, Rendered)]
    assert SMALLER_CHUNKS in take.warnings and model.chunk == 16
    np.testing.assert_allclose(take.mix, undisturbed.mix, atol=1e-5)
    chunks = chunks_in(outputs)
    ends = [0, *(chunk.start + len(chunk.samples) for chunk in chunks)]
    assert [chunk.start for chunk in chunks] == ends[:-1] and ends[-1] == take.frames


def test_the_ladder_is_gone_down_in_order_and_ends_in_a_sentence(card_model: LoadedModel) -> None:
    ladder = Ladder(card_model)

    with (
        raising(card_model.parts.vae.decoder, OUT, lambda _: True),
        pytest.raises(TooLittleMemoryError) as caught,
    ):
        list(job_of(card_model, ladder).takes(wish(seconds=1.0)))

    assert ladder.said == [SMALLER_CHUNKS, PARTS_OFF, DECODED_ON_CPU]
    assert (card_model.chunk, card_model.sparing) == (16, True)
    assert card_model.vae_placement.device == torch.device("cpu")
    assert "3.0 GiB" in str(caught.value) and "shorter" in str(caught.value)


def test_after_the_bottom_of_the_ladder_the_next_job_is_right(card_model: LoadedModel) -> None:
    wished = wish(seconds=1.0, seed=5)
    (before,) = takes_of(card_model, wished)
    with (
        raising(card_model.parts.vae.decoder, OUT, lambda _: True),
        pytest.raises(TooLittleMemoryError),
    ):
        takes_of(card_model, wished)

    (after,) = takes_of(card_model, wished)

    np.testing.assert_allclose(after.mix, before.mix, atol=1e-5)
    assert after.warnings == before.warnings


@pytest.mark.parametrize("step", [0, 3, 7])
def test_a_step_without_memory_on_the_card_sends_parts_off_it(
    card_model: LoadedModel, step: int
) -> None:
    wished = wish(seconds=1.0, seed=5)
    (before,) = takes_of(card_model, wished)

    with raising(card_model.parts.transformer.layers[1].mlp, OUT, lambda call: call == step):
        (take,) = takes_of(card_model, wished)

    assert take.warnings[-1] == PARTS_OFF or PARTS_OFF in take.warnings
    assert card_model.sparing
    assert np.array_equal(take.mix, before.mix)


def test_a_step_without_memory_on_the_processor_fails_in_a_sentence(model: LoadedModel) -> None:
    with (
        raising(model.parts.transformer.layers[0].mlp, MemoryError(), lambda call: call == 2),
        pytest.raises(TooLittleMemoryError, match="sampling"),
    ):
        takes_of(model, wish(seconds=1.0))

    assert takes_of(model, wish(seconds=1.0))


@dataclass(slots=True)
class Loads:
    """Has the part `name` run out of memory while it is loaded."""

    name: str
    error: BaseException

    def __call__(self, folder: Path, name: str, dtype: torch.dtype) -> Any:
        if name == self.name:
            raise self.error
        return REAL_LOADED(folder, name, dtype)


REAL_LOADED = parts_module._loaded


@pytest.mark.parametrize("error", [MemoryError(), OUT])
def test_a_model_without_memory_fails_in_a_sentence_and_loads_the_next_time(
    turbo_folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    studio = Studio(CPU)
    wished = wish(seconds=0.5)
    with monkeypatch.context() as patched:
        patched.setattr(parts_module, "_loaded", Loads("transformer", error))
        with pytest.raises(TooLittleMemoryError, match='load the model "turbo"'):
            list(studio.perform(wished, turbo_folder, "turbo", WHO, never))
    assert not studio.holds(WHO.model_hash)

    outputs = list(studio.perform(wished, turbo_folder, "turbo", WHO, never))

    assert isinstance(outputs[-1], Rendered) and studio.holds(WHO.model_hash)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
        SafetensorError("Error while memory mapping: Cannot allocate memory (os error 12)"),
    ],
    ids=["mapping", "Windows", "safetensors"],
)
def test_weights_without_memory_are_not_called_damaged(
    turbo_folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(parts_module, "_network", fail)
    with pytest.raises(TooLittleMemoryError, match='load the model "turbo"'):
        list(Studio(CPU).perform(wish(seconds=0.5), turbo_folder, "turbo", WHO, never))


@contextmanager
def breaking(module: Any, at: Callable[[int, torch.Tensor], bool]) -> Iterator[None]:
    """Have `module` answer NaN on those of its calls of which `at` says so."""
    calls: list[int] = []

    def spoil(_: Any, __: Any, output: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return output * float("nan") if at(len(calls) - 1, output) else output

    hook = module.register_forward_hook(spoil)
    try:
        yield
    finally:
        hook.remove()


@pytest.mark.parametrize("step", [0, 4, 7])
def test_numbers_that_break_at_a_step_fail_at_that_step(model: LoadedModel, step: int) -> None:
    with (
        breaking(model.parts.transformer.proj_out_conv, lambda call, _: call == step),
        pytest.raises(NotFiniteError, match=f"step {step + 1}") as caught,
    ):
        takes_of(model, wish(seconds=1.0))

    assert caught.value.step == step + 1
    assert takes_of(model, wish(seconds=1.0))


def test_numbers_that_break_in_half_precision_are_made_in_full(turbo_folder: Path) -> None:
    half = Placement(torch.device("cpu"), torch.bfloat16)
    model = done(LoadedModel.load(turbo_folder, "turbo", half))
    model.settle()

    with breaking(
        model.parts.transformer.proj_out_conv, lambda _, out: out.dtype == torch.bfloat16
    ):
        (take,) = takes_of(model, wish(seconds=1.0, seed=4))

    assert model.dtype == torch.float32
    assert FULL_PRECISION in take.warnings
    assert np.isfinite(take.mix).all() and np.abs(take.mix).max() > 0.5


def test_sound_that_breaks_in_half_precision_is_decoded_in_full_and_said_from_then_on(
    turbo_folder: Path,
) -> None:
    half = Placement(torch.device("cpu"), torch.bfloat16, "A word of the place.")
    model = done(LoadedModel.load(turbo_folder, "turbo", half))
    model.settle()

    with breaking(model.parts.vae.decoder, lambda _, out: out.dtype == torch.bfloat16):
        (take,) = takes_of(model, wish(seconds=1.0, seed=4))
    (later,) = takes_of(model, wish(seconds=1.0, seed=5))

    for made in (take, later):
        assert f"A word of the place. {FULL_PRECISION}" in made.warnings


@pytest.mark.parametrize("chunk", [0, 1, 3])
def test_sound_that_breaks_midway_goes_on_in_full_precision_without_a_gap(
    turbo_folder: Path, chunk: int
) -> None:
    latents = torch.randn(1, 120, 4, generator=torch.Generator().manual_seed(0))
    half = Placement(torch.device("cpu"), torch.bfloat16)
    model = done(LoadedModel.load(turbo_folder, "turbo", half))
    decoder = Decoder(model, latents, 0, 120)

    with breaking(model.parts.vae.decoder, lambda call, _: call == chunk):
        samples = done(decoder.work())

    assert model.dtype == torch.float32
    whole = done(Decoder(model, latents, 0, 120).work())
    assert snr_db(whole, samples) >= 20.0
    # From the chunk that broke on it is as if all had been made in full precision.
    again, _ = decoder.fresh()[chunk]
    assert snr_db(whole[again:], samples[again:]) >= 100.0


def test_sound_that_breaks_while_decoding_is_said(model: LoadedModel) -> None:
    with (
        breaking(model.parts.vae.decoder, lambda call, _: call == 1),
        pytest.raises(BrokenSoundError, match="decoding"),
    ):
        takes_of(model, wish(seconds=4.0))

    assert takes_of(model, wish(seconds=1.0))


def test_silence_is_said_and_not_blown_up(model: LoadedModel) -> None:
    hook = model.parts.vae.decoder.register_forward_hook(lambda _, __, out: out * 1e-8)
    try:
        (take,) = takes_of(model, wish(seconds=1.0))
    finally:
        hook.remove()

    assert any("silent" in warning for warning in take.warnings)
    assert np.abs(take.mix).max() < 1e-5


def test_any_other_error_is_passed_on_and_the_next_job_is_right(model: LoadedModel) -> None:
    wished = wish(seconds=1.0, seed=3)
    (before,) = takes_of(model, wished)
    with (
        raising(
            model.parts.transformer.layers[0].mlp, KeyError("surprise"), lambda call: call == 2
        ),
        pytest.raises(KeyError, match="surprise"),
    ):
        takes_of(model, wished)

    (after,) = takes_of(model, wished)

    assert np.array_equal(before.mix, after.mix)


def test_work_that_broke_off_goes_on_where_it_was(model: LoadedModel) -> None:
    latents = torch.randn(1, 120, 4, generator=torch.Generator().manual_seed(0))
    whole = done(Decoder(model, latents, 0, 120).work())
    decoder = Decoder(model, latents, 0, 120)
    first = decoder.work()
    steps = [next(first), next(first)]
    first.close()

    rest = decoder.work()
    steps.append(next(rest))
    samples = done(rest)

    assert steps == [Step(DECODING, n, 4) for n in (1, 2, 3)]
    assert samples.shape == whole.shape
    np.testing.assert_allclose(samples, whole, atol=1e-5)


def test_a_rung_is_said_once_however_often_it_is_taken(model: LoadedModel) -> None:
    ladder = Ladder(model)
    model.chunk = 64
    failures = iter([OUT, OUT])

    def make() -> Work[str]:
        yield Step(SAMPLING, 1, 1)
        for error in failures:
            raise error
        return "done"

    assert done(ladder.sparing(DECODING, make)) == "done"
    assert ladder.said == [SMALLER_CHUNKS] and model.chunk == 16
    ladder.begin()
    assert ladder.said == []
