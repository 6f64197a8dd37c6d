"""The latent of silence in the makers' first layout: one tensor in a file of PyTorch's.

Such a file is a ZIP archive with a pickle that describes the tensor, and the
tensor's bytes. The pickle is never run: its instructions are read as data by a
small machine that knows what one plain tensor needs, and refuses all else.
"""

import io
import math
import pickletools
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from acestep_desktop.audiofile.errors import disk_errors, shown
from acestep_desktop.models.errors import NotAModelError

MAX_BYTES: Final = 64 * 2**20
_MAX_PICKLE_BYTES: Final = 64 * 2**10

_STORAGES: Final = {
    "torch FloatStorage": ("F32", "<u4"),
    "torch HalfStorage": ("F16", "<u2"),
    "torch BFloat16Storage": ("BF16", "<u2"),
}
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
    *(KeyError, OSError, ValueError, NotImplementedError, RuntimeError),
)
"""What zipfile raises for archives that are damaged or strange."""

_REBUILD: Final = "torch._utils _rebuild_tensor_v2"
_ORDERED: Final = "collections OrderedDict"


@dataclass(frozen=True, slots=True)
class Silence:
    """The latent as (1, time, channels), and its type as safetensors names it."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class _Global:
    name: str


@dataclass(frozen=True, slots=True)
class _Storage:
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class _Plan:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


_MARK: Final = object()


def read_silence(path: Path) -> Silence:
    """Return the latent of silence, with time before channels as diffusers keeps it.

    NotAModelError where the file holds anything but one plain tensor.
    """
    with disk_errors(path), path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _refused(path, "it is larger than any latent of silence")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, path)
    except _BROKEN as error:
        raise _refused(path, "it is no file of PyTorch's, or a damaged one") from error


def _read(archive: zipfile.ZipFile, path: Path) -> Silence:
    names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
    if len(names) != 1 or archive.getinfo(names[0]).file_size > _MAX_PICKLE_BYTES:
        raise _refused(path, "it is no single tensor")
    plan = _plan(archive.read(names[0]), path)
    dtype, form = _STORAGES[plan.storage.kind]
    entry = archive.getinfo(f"{names[0].removesuffix('data.pkl')}data/{plan.storage.key}")
    if entry.file_size > MAX_BYTES:
        raise _refused(path, "it is larger than any latent of silence")
    numbers = np.frombuffer(archive.read(entry), dtype=form)
    return Silence(dtype, *_transposed(numbers, plan, path))


def _transposed(
    numbers: "np.ndarray[tuple[int], np.dtype[np.generic]]", plan: _Plan, path: Path
) -> tuple[tuple[int, ...], bytes]:
    """Return shape and bytes of the tensor with its last two axes exchanged."""
    if len(plan.shape) != 3 or plan.shape[0] != 1 or len(plan.stride) != 3:
        raise _refused(path, "its tensor has not the shape of a latent")
    if not math.prod(plan.shape) or math.prod(plan.shape) > len(numbers):
        raise _refused(path, "it is cut short")
    last = sum((side - 1) * step for side, step in zip(plan.shape, plan.stride, strict=True))
    if plan.offset + last >= len(numbers):
        raise _refused(path, "it is cut short")
    width = numbers.itemsize
    latent = np.lib.stride_tricks.as_strided(
        numbers[plan.offset :], plan.shape, tuple(step * width for step in plan.stride)
    )
    turned = np.ascontiguousarray(latent.transpose(0, 2, 1))
    return turned.shape, turned.tobytes()


def _plan(pickled: bytes, path: Path) -> _Plan:
    machine = _Machine(path)
    try:
        for instruction, argument, _ in pickletools.genops(pickled):
            machine.do(instruction.name, argument)
        plan = machine.stack.pop()
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise machine.refusal("its description cannot be read") from error
    if not isinstance(plan, _Plan) or machine.stack:
        raise machine.refusal("it is no single tensor")
    return plan


class _Machine:
    """A pickle's stack, on which nothing is ever called."""

    def __init__(self, path: Path) -> None:
        self.stack: list[object] = []
        self._memo: dict[object, object] = {}
        self._path = path

    def do(self, name: str, argument: object) -> None:
        """Do one instruction, or refuse the file."""
        if name in _PUSHED:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            self._tuple([self.stack.pop() for _ in range(_TUPLES[name])][::-1])
        elif name in _DEEDS:
            _DEEDS[name](self, argument)
        elif name not in _IGNORED:
            raise self.refusal(f"a latent of silence has no use for {name}")

    def refusal(self, why: str) -> NotAModelError:
        """Return the error that names the file."""
        return _refused(self._path, why)

    def remember(self, place: object) -> None:
        """Keep what is on top, to be had again."""
        self._memo[len(self._memo) if place is None else place] = self.stack[-1]

    def recall(self, place: object) -> None:
        """Put on top what was kept."""
        self.stack.append(self._memo[place])

    def name(self, name: object) -> None:
        """Put a name of the few that are known on top."""
        if str(name) not in (*_STORAGES, _REBUILD, _ORDERED):
            raise self.refusal(f'it would run "{shown(str(name))}"')
        self.stack.append(_Global(str(name)))

    def gather(self, _: object) -> None:
        """Make one tuple of all above the last mark."""
        place = len(self.stack) - 1 - self.stack[::-1].index(_MARK)
        above = self.stack[place + 1 :]
        del self.stack[place:]
        self._tuple(above)

    def store(self, _: object) -> None:
        """Take the description on top as that of a tensor's bytes."""
        self.stack.append(self._storage(self.stack.pop()))

    def make(self, _: object) -> None:
        """Make what two values on top describe, without calling anything."""
        values, what = self.stack.pop(), self.stack.pop()
        self.stack.append(self._made(what, values))

    def _tuple(self, values: list[object]) -> None:
        self.stack.append(tuple(values))

    def _storage(self, named: object) -> _Storage:
        if isinstance(named, tuple) and len(named) == 5 and named[0] == "storage":
            kind, key = named[1], named[2]
            known = isinstance(kind, _Global) and kind.name in _STORAGES
            if known and isinstance(kind, _Global) and isinstance(key, str) and key.isdigit():
                return _Storage(kind.name, key)
        raise self.refusal("its bytes are described in a strange way")

    def _made(self, what: object, values: object) -> object:
        if not isinstance(what, _Global) or not isinstance(values, tuple):
            raise self.refusal("it calls something that is no name")
        if what.name == _ORDERED and not values:
            return None
        if what.name == _REBUILD and len(values) in (6, 7):
            storage, offset, shape, stride = values[:4]
            if isinstance(storage, _Storage) and isinstance(offset, int) and offset >= 0:
                return _Plan(storage, offset, self._sizes(shape), self._sizes(stride))
        raise self.refusal("it is no single tensor")

    def _sizes(self, values: object) -> tuple[int, ...]:
        if isinstance(values, tuple) and all(isinstance(v, int) and v >= 0 for v in values):
            return values
        raise self.refusal("its shape cannot be read")


_IGNORED: Final = ("PROTO", "FRAME", "STOP")
_PUSHED: Final = ("BINUNICODE", "SHORT_BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1")
_CONSTANTS: Final = {
    "NEWFALSE": False,
    "NEWTRUE": True,
    "NONE": None,
    "EMPTY_TUPLE": (),
    "MARK": _MARK,
}
_DEEDS: Final = {
    "BINPUT": _Machine.remember,
    "LONG_BINPUT": _Machine.remember,
    "MEMOIZE": _Machine.remember,
    "BINGET": _Machine.recall,
    "LONG_BINGET": _Machine.recall,
    "GLOBAL": _Machine.name,
    "TUPLE": _Machine.gather,
    "BINPERSID": _Machine.store,
    "REDUCE": _Machine.make,
}
_TUPLES: Final = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def _refused(path: Path, why: str) -> NotAModelError:
    return NotAModelError(
        f'"{shown(path.name)}" is refused: {why}. Get it again from the makers\' own repository.'
    )
