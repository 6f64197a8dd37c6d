"""Compiling beside the jobs: after the first take, in nobody's way, and told in the recipe."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from acestep_desktop.acestep import compiled
from acestep_desktop.acestep.compiled import BlockShape, Form
from acestep_desktop.acestep.compiling import COMPILE_VARIABLE, COMPILED, NOT_COMPILED
from acestep_desktop.acestep.errors import CompileError, TooLittleMemoryError
from acestep_desktop.acestep.plan import Wish
from acestep_desktop.acestep.studio import Studio
from acestep_desktop.domain.request import Adapter
from acestep_desktop.generation.generator import JobCancelled, Rendered
from tests.acestep import tiny
from tests.acestep.conftest import CPU
from tests.acestep.making import WHO, never, snr_db, wish
from tests.acestep.test_adapters import QUERY, halves, lora_file

OTHER = 1e-6
"""So much louder is what our compiler's blocks make: as far as rounding, and yet to be told."""


def form_of(shape: BlockShape) -> Form:
    """Return a form that does what a compiled one does: the weights are those it is given."""
    walk = compiled._Walk(compiled._random_layer(shape), shape.window)
    names = [name for name, _ in walk.named_parameters()]

    def form(*given: Tensor) -> Tensor:
        weights = dict(zip(names, given, strict=False))
        made: Tensor = functional_call(walk, weights, given[len(names) :])
        return made * (1 + OTHER)

    return form


class Compiler:
    """Compiles once it may; `asked` has all shapes, `fault` is raised instead."""

    def __init__(self) -> None:
        self.asked: list[BlockShape] = []
        self.begun = threading.Event()
        self.may = threading.Event()
        self.may.set()
        self.fault: Exception | None = None
        self.work_fault: Exception | None = None

    def __call__(
        self, shapes: Sequence[BlockShape], stopped: Callable[[], bool]
    ) -> Iterator[tuple[BlockShape, Form]]:
        for shape in shapes:
            self.asked.append(shape)
            self.begun.set()
            assert self.may.wait(60)
            if self.fault is not None:
                raise self.fault
            yield shape, self._form(form_of(shape))

    def _form(self, form: Form) -> Form:
        def failing(*given: Tensor) -> Tensor:
            if self.work_fault is not None:
                raise self.work_fault
            return form(*given)

        return failing

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have what is compiled take for as long as this lasts."""
        self.may.clear()
        try:
            yield
        finally:
            self.may.set()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.saved(tmp_path_factory.mktemp("models") / "base", kind="base", seed=1, fast=True)


@pytest.fixture
def compiler() -> Compiler:
    return Compiler()


@pytest.fixture
def studio(compiler: Compiler, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setenv(COMPILE_VARIABLE, "1")
    studio = Studio(CPU, compiler)
    yield studio
    settled(studio)
    studio.forget()


def settled(studio: Studio) -> None:
    """Wait until nothing is compiled any more."""
    while studio._blocks is not None and (thread := studio._blocks._thread) is not None:
        thread.join(60)


class Takes:
    """Makes takes in a studio with one model."""

    def __init__(self, studio: Studio, folder: Path) -> None:
        self.studio = studio
        self._folder = folder

    def outputs(self, wished: Wish, cancelled: Callable[[], bool] = never) -> Iterator[Any]:
        return self.studio.perform(wished, self._folder, "base", WHO, cancelled)

    def one(self, seconds: float = 3.0, **fields: Any) -> Rendered:
        return self.of(wish(seconds=seconds, seed=4, steps=2, **fields))

    def of(self, wished: Wish) -> Rendered:
        (take,) = [o for o in self.outputs(wished) if isinstance(o, Rendered)]
        return take

    def again(self, take: Rendered) -> Rendered:
        """Make the take of a recipe again."""
        made = wish(seconds=3.0)
        return self.of(Wish(take.recipe.request, made.understanding))

    def compiled(self, **fields: Any) -> Rendered:
        """Make a take, have it compiled, and make it so."""
        self.one(**fields)
        settled(self.studio)
        return self.one(**fields)


@pytest.fixture
def takes(studio: Studio, folder: Path) -> Takes:
    return Takes(studio, folder)


def is_compiled(take: Rendered) -> bool | None:
    said = take.recipe.request.sampling.compiled
    assert (COMPILED in take.warnings) == bool(said)
    return said


def is_same(one: Rendered, other: Rendered) -> bool:
    return np.array_equal(one.mix, other.mix)  # type: ignore[arg-type]


def test_nothing_is_compiled_before_the_first_take_is_there(
    takes: Takes, compiler: Compiler
) -> None:
    for output in takes.outputs(wish(seconds=3.0, steps=2)):
        assert not compiler.asked, output
    assert compiler.begun.wait(60)
    assert isinstance(output, Rendered) and is_compiled(output) is False


def test_a_job_that_comes_while_it_is_compiled_is_made_at_once_and_as_ever(
    takes: Takes, compiler: Compiler
) -> None:
    with compiler.held():
        first = takes.one()
        assert compiler.begun.wait(60)
        second = takes.one()  # would wait for ever, did it wait for the compiler
        assert is_same(first, second) and is_compiled(second) is False


def test_what_was_compiled_is_used_from_the_next_job_on_for_all_its_takes(
    takes: Takes,
) -> None:
    plain = takes.one()
    settled(takes.studio)

    outputs = takes.outputs(wish(seconds=3.0, seed=4, steps=2, variations=2))
    made = [output for output in outputs if isinstance(output, Rendered)]

    assert [is_compiled(take) for take in made] == [True, True]
    assert not is_same(plain, made[0])
    assert snr_db(plain.mix, made[0].mix) >= 100.0  # type: ignore[arg-type]


def test_another_text_of_the_same_length_needs_no_compiler(
    takes: Takes, compiler: Compiler
) -> None:
    takes.compiled()
    asked = list(compiler.asked)
    assert is_compiled(takes.one(words="a much longer wish, for strings and a choir")) is True
    settled(takes.studio)
    assert compiler.asked == asked


def test_a_recipe_is_made_again_as_it_was_made_to_the_last_bit(takes: Takes) -> None:
    plain = takes.one()
    made = takes.compiled()
    assert is_same(takes.again(plain), plain)
    assert is_same(takes.again(made), made)


def test_a_recipe_that_cannot_be_made_as_it_was_says_so(takes: Takes) -> None:
    made = takes.compiled()
    takes.studio.forget()
    again = takes.again(made)
    assert NOT_COMPILED in again.warnings and is_compiled(again) is False


def test_another_length_is_plain_until_it_is_compiled_too(takes: Takes) -> None:
    assert is_compiled(takes.compiled()) is True
    assert is_compiled(takes.one(seconds=12.0)) is False
    settled(takes.studio)
    assert is_compiled(takes.one(seconds=12.0)) is True
    assert is_compiled(takes.one()) is True


def test_without_a_compiler_takes_go_on_and_it_is_said_once(
    takes: Takes, compiler: Compiler, caplog: pytest.LogCaptureFixture
) -> None:
    compiler.fault = CompileError("no C++ compiler was found")
    with caplog.at_level(logging.WARNING):
        made = [takes.compiled() for _ in range(2)]
    assert [is_compiled(take) for take in made] == [False, False]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1 and said[0].endswith("no C++ compiler was found")


def test_a_compiled_layer_that_fails_at_work_costs_no_take(
    takes: Takes, compiler: Compiler, caplog: pytest.LogCaptureFixture
) -> None:
    plain = takes.one()
    settled(takes.studio)
    compiler.work_fault = AssertionError("expected size 3==4")
    with caplog.at_level(logging.WARNING):
        take = takes.one()
    assert is_compiled(take) is False and is_same(take, plain)
    assert "expected size" in caplog.text
    compiler.work_fault = None
    assert is_compiled(takes.compiled()) is False


def test_memory_that_runs_out_in_a_compiled_layer_is_the_ladder_s(
    takes: Takes, compiler: Compiler
) -> None:
    takes.compiled()
    compiler.work_fault = torch.OutOfMemoryError("CUDA out of memory")
    with pytest.raises(TooLittleMemoryError, match="sampling"):
        takes.one()
    compiler.work_fault = None
    assert is_compiled(takes.one()) is True


def test_with_a_lora_layers_stay_plain_and_without_it_they_are_compiled_again(
    takes: Takes, compiler: Compiler, tmp_path: Path
) -> None:
    layer = dict(tiny.build("base", fast=True).transformer.named_modules())[QUERY]
    adapter = Adapter(str(lora_file(tmp_path, {QUERY: halves(layer)})), 1.0)
    made = takes.compiled()
    asked = list(compiler.asked)

    changed = takes.one(adapters=(adapter,))
    assert is_compiled(changed) is False and not is_same(made, changed)
    assert is_same(takes.one(), made)
    assert takes.one(seconds=12.0, adapters=(adapter,))
    settled(takes.studio)
    assert compiler.asked == asked


def test_unloading_while_it_is_compiled_forgets_it(takes: Takes, compiler: Compiler) -> None:
    with compiler.held():
        takes.one()
        assert compiler.begun.wait(60)
        takes.studio.forget()
        assert is_compiled(takes.one()) is False
    settled(takes.studio)
    assert is_compiled(takes.one()) is True


def test_a_cancelled_job_asks_for_nothing(takes: Takes, compiler: Compiler) -> None:
    cancelled = threading.Event()
    outputs = takes.outputs(wish(seconds=3.0, steps=2), cancelled.is_set)
    next(outputs)
    cancelled.set()
    with pytest.raises(JobCancelled):
        list(outputs)
    assert not compiler.asked


def test_where_it_is_not_wanted_nothing_is_compiled_or_recorded(
    takes: Takes, compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COMPILE_VARIABLE, "0")
    take = takes.compiled()
    assert is_compiled(take) is None and not compiler.asked
    wished = wish(seconds=3.0, steps=2)
    sampling = replace(wished.request.sampling, compiled=True)
    asked = replace(wished, request=replace(wished.request, sampling=sampling))
    assert is_compiled(takes.of(asked)) is False
