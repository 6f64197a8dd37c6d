"""Compiled forms: traced right, saved only when they are right, ended when they are not wanted."""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from acestep_desktop.acestep.compiled import BlockShape, Form, compile_form, shape_of
from acestep_desktop.acestep.compiler import tidy
from acestep_desktop.acestep.compiling import (
    COMPILE_VARIABLE,
    CompiledBlocks,
    compiled_by_child,
    is_wanted,
)
from acestep_desktop.acestep.errors import CompileError
from acestep_desktop.acestep.int8 import Int8Linear
from acestep_desktop.acestep.placement import Placement
from acestep_desktop.child.errors import ChildGoneError
from acestep_desktop.models.folder import HOME_VARIABLE, compiled_folder
from tests.acestep import tiny
from tests.acestep.conftest import CPU
from tests.child.processes import is_gone_within
from tests.needs import needs

FAKES = "tests.acestep.fake_compilers"
ROOT = Path(__file__).parents[2]
SHAPE = BlockShape(
    hidden=32,
    heads=4,
    groups=2,
    head_dim=8,
    inner=64,
    bias=False,
    eps=1e-6,
    rows=2,
    tokens=40,
    window=16,
    dtype="float32",
    device="cpu",
    threads=1,
)


class Saved:
    """A graph as it was traced, in the place of one that was compiled."""

    def __init__(self, graph: Any, error: float = 0.0) -> None:
        self._graph = graph
        self._error = error

    def __call__(self, *given: Tensor) -> Any:
        return [output * (1 + self._error) for output in self._graph(*given)]

    def save(self, path: str, format: str) -> None:
        Path(path).write_text(format, "ascii")


@pytest.mark.parametrize(("window", "kind"), [(None, "bfloat16"), (16, "float32")])
def test_what_is_compiled_does_what_the_block_does_for_any_text(
    tmp_path: Path, window: int | None, kind: str
) -> None:
    seen: list[Sequence[Tensor]] = []

    def lower(graph: Any, given: Sequence[Tensor]) -> Saved:
        seen.append(given)
        return Saved(graph)

    # It compares both itself, for two lengths of a text, and refuses what is off.
    compile_form(replace(SHAPE, window=window, dtype=kind), tmp_path / "form", lower)

    assert [path.name for path in tmp_path.iterdir()] == ["form"]
    assert {str(tensor.dtype) for tensor in seen[0]} == {f"torch.{kind}"}


@pytest.mark.parametrize("error", [1e-3, float("nan")])
def test_a_compiler_that_is_wrong_is_not_believed(tmp_path: Path, error: float) -> None:
    with pytest.raises(CompileError, match="compiled layers are off"):
        compile_form(SHAPE, tmp_path / "form", lambda graph, _: Saved(graph, error))
    assert not list(tmp_path.iterdir())


def test_a_shape_tells_the_layers_apart_only_where_the_window_matters() -> None:
    transformer = tiny.build("turbo", fast=True).transformer

    def windows(tokens: int, like: Tensor) -> list[int | None]:
        shapes = [shape_of(transformer, index, 1, tokens, like) for index in (0, 1)]
        assert all(shape is not None and shape.tokens == tokens for shape in shapes)
        return [shape.window for shape in shapes if shape is not None]

    assert windows(18, torch.zeros(1)) == [16, None]
    assert windows(17, torch.zeros(1)) == [None, None]


def test_another_precision_is_another_shape() -> None:
    transformer = tiny.build("turbo", fast=True).transformer
    full, half = (
        shape_of(transformer, 1, 1, 40, torch.zeros(1, dtype=dtype))
        for dtype in (torch.float32, torch.bfloat16)
    )
    assert full is not None and half is not None
    assert full == replace(half, dtype="float32") != half


def test_a_layer_in_eight_bits_has_no_shape() -> None:
    transformer = tiny.build("turbo", fast=True).transformer
    layer = transformer.layers[0].mlp
    layer.down_proj = Int8Linear(layer.down_proj)
    assert shape_of(transformer, 0, 1, 40, torch.zeros(1)) is None


@pytest.mark.parametrize(
    ("said", "device", "wanted"),
    [
        ("", "cpu", False),
        ("", "cuda", True),
        ("", "mps", False),
        ("1", "cpu", True),
        ("0", "cuda", False),
        ("off", "cuda", False),
    ],
)
def test_layers_are_compiled_on_a_card_or_where_a_person_says_so(
    monkeypatch: pytest.MonkeyPatch, said: str, device: str, wanted: bool
) -> None:
    monkeypatch.setenv(COMPILE_VARIABLE, said)
    assert is_wanted(Placement(torch.device(device), torch.float32)) is wanted


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def text_of(path: Path, _: Path) -> Form:
    """Load the text that a fake compiler wrote, as if it were a form."""
    text = path.read_text("utf-8")
    return lambda *_: torch.tensor([len(text)])


def never() -> bool:
    return False


def by_child(role: str, stopped: Callable[[], bool] = never, **options: Any) -> list[Any]:
    shapes = [SHAPE, replace(SHAPE, tokens=50)]
    return list(compiled_by_child(shapes, stopped, role=f"{FAKES}:{role}", load=text_of, **options))


def test_another_process_compiles_into_the_folder_of_the_cache(home: Path) -> None:
    found = dict(by_child("obeys"))

    assert [shape.tokens for shape in found] == [40, 50]
    assert all(int(form()) > 100 for form in found.values())
    assert compiled_folder() == home / "Data" / "compiled"
    assert len(list(compiled_folder().glob("*.block"))) == 2


def test_without_a_compiler_the_reason_is_told(home: Path) -> None:
    with pytest.raises(CompileError, match="InvalidCxxCompiler") as caught:
        by_child("fails")
    assert caught.value.detail == "all"


def test_a_compiler_that_dies_is_told(home: Path) -> None:
    with pytest.raises(ChildGoneError, match="exit code 3"):
        by_child("dies")


def test_a_compiler_that_hangs_is_given_up(home: Path) -> None:
    with pytest.raises(CompileError, match="had not answered"):
        by_child("hangs", limit_s=0.0)


@needs("posix")
def test_to_stop_ends_the_compiler_and_what_it_started(home: Path) -> None:
    def is_under_way() -> bool:
        return bool(list(compiled_folder().glob("*.block")))

    assert by_child("hangs", stopped=is_under_way) == []

    (told,) = compiled_folder().glob("*.block")
    for pid in told.read_text("ascii").split():
        assert is_gone_within(int(pid), 20.0)


QUITTING = """
import threading, time
from acestep_desktop.acestep.compiled import BlockShape
from acestep_desktop.acestep.compiling import compiled_by_child
from acestep_desktop.models.folder import compiled_folder

def compile_it():
    list(compiled_by_child([{shape}], lambda: False, role="{role}"))

threading.Thread(target=compile_it, daemon=True).start()
while not list(compiled_folder().glob("*.block")):
    time.sleep(0.01)
"""


@needs("posix")
def test_an_engine_that_quits_takes_its_compiler_along(home: Path) -> None:
    code = QUITTING.format(shape=SHAPE, role=f"{FAKES}:hangs")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)

    (told,) = compiled_folder().glob("*.block")
    for pid in told.read_text("ascii").split():
        assert is_gone_within(int(pid), 20.0)


def test_a_folder_that_cannot_be_written_is_told(home: Path) -> None:
    (home / "Data").write_text("in the way", "ascii")
    with pytest.raises(CompileError, match="Data"):
        list(compiled_by_child([SHAPE], never))


def test_a_cache_that_grew_too_large_is_emptied(tmp_path: Path) -> None:
    for name in ("one", "folder/two"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * 600)
    tidy(tmp_path, 1200)
    assert (tmp_path / "folder" / "two").is_file()
    tidy(tmp_path, 1199)
    assert not tmp_path.exists()


class Compiler:
    """Compiles at once, or once it may; `asked` is what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[BlockShape] = []
        self.begun = threading.Event()
        self.may = threading.Event()
        self.may.set()

    def __call__(self, shapes: Sequence[BlockShape], stopped: Callable[[], bool]) -> Any:
        for shape in shapes:
            self.asked.append(shape)
            self.begun.set()
            assert self.may.wait(60)
            yield shape, lambda *given: given[0]


def settled(blocks: CompiledBlocks) -> CompiledBlocks:
    """Return `blocks` once nothing is compiled any more."""
    while (thread := blocks._thread) is not None:
        thread.join(60)
    return blocks


LENGTHS = [replace(SHAPE, tokens=tokens) for tokens in (10, 20, 30)]


def test_no_more_lengths_are_kept_than_were_allowed() -> None:
    blocks = CompiledBlocks(Compiler(), most=2)
    for shape in LENGTHS:
        blocks.learn([shape])
        settled(blocks)
    assert [bool(blocks.ready([shape])) for shape in LENGTHS] == [False, True, True]


def test_forms_are_given_all_or_none() -> None:
    blocks = CompiledBlocks(Compiler())
    blocks.learn(LENGTHS[:1])
    settled(blocks)
    assert blocks.ready(LENGTHS[:1]) and not blocks.ready(LENGTHS[:2])
    assert not blocks.ready([])


def test_what_is_known_is_not_compiled_again_and_the_last_wish_counts() -> None:
    compiler = Compiler()
    blocks = CompiledBlocks(compiler)
    compiler.may.clear()
    blocks.learn(LENGTHS[:1])
    assert compiler.begun.wait(60)
    for shape in LENGTHS[1:]:
        blocks.learn([shape])
    compiler.may.set()
    settled(blocks)
    blocks.learn(compiler.asked)
    settled(blocks)
    assert compiler.asked == [LENGTHS[0], LENGTHS[2]]


def test_what_comes_after_the_stop_is_not_kept() -> None:
    compiler = Compiler()
    compiler.may.clear()
    blocks = CompiledBlocks(compiler)
    blocks.learn(LENGTHS)
    blocks.stop()
    compiler.may.set()
    assert not settled(blocks).ready(LENGTHS[:1])
    blocks.learn(LENGTHS)
    assert not blocks.is_busy


def test_a_failure_is_said_once_and_nothing_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls: list[int] = []

    def fail(shapes: Sequence[BlockShape], stopped: Callable[[], bool]) -> Any:
        calls.append(len(shapes))
        raise MemoryError("no room")
        yield

    blocks = CompiledBlocks(fail)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            blocks.learn(LENGTHS)
            settled(blocks)
        blocks.give_up("again")
    assert calls == [3]
    assert [record.getMessage() for record in caplog.records] == [
        "ACE-Step goes on with layers that are not compiled: no room"
    ]


def test_the_processor_s_placement_is_not_compiled_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(COMPILE_VARIABLE, raising=False)
    assert not is_wanted(CPU)
