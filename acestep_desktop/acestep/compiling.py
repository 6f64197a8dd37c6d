"""Compiling beside the jobs: never before a take, never in its way, used from the next job on."""

import atexit
import contextlib
import hashlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from acestep_desktop.acestep.compiled import BlockShape, Form, load_form
from acestep_desktop.acestep.errors import CompileError
from acestep_desktop.acestep.lru import Recent
from acestep_desktop.acestep.placement import Placement
from acestep_desktop.child.errors import ChildError
from acestep_desktop.child.process import Child, start_child
from acestep_desktop.domain.codec import dumps, to_json
from acestep_desktop.models.folder import compiled_folder

log = logging.getLogger(__name__)

COMPILE_VARIABLE: Final = "ACESTEP_COMPILE"
"""Set it to 1 or 0: whether ACE-Step's layers are compiled, whatever the machine."""

COMPILED: Final = "Its layers ran compiled, which is faster and rounds otherwise."
NOT_COMPILED: Final = (
    "The take that this repeats was made by compiled layers, and these are not: "
    "it sounds alike, but is not equal sample for sample."
)

MOST_FORMS: Final = 8
"""So many shapes are kept compiled: four lengths, or two with guidance and a blend."""

_LIMIT_S: Final = 900.0
"""A shape that takes longer hangs: on a slow, busy machine it is minutes."""

_LOOK_EVERY_S: Final = 0.1

Compile = Callable[[Sequence[BlockShape], Callable[[], bool]], Iterator[tuple[BlockShape, Form]]]
"""Gives the forms of shapes, one after the other; ends early once it is told to stop."""


def is_wanted(placement: Placement) -> bool:
    """Return whether layers are compiled: on a card, unless the person says else.

    On processors it saves a twentieth of a take and costs minutes of their time.
    """
    said = os.environ.get(COMPILE_VARIABLE, "").strip().lower()
    if said:
        return said not in ("0", "no", "off", "false")
    return placement.device.type == "cuda"


class CompiledBlocks:
    """The forms of one model's blocks: asked for by jobs, made in between. Any thread."""

    def __init__(self, compile_all: Compile | None = None, most: int = MOST_FORMS) -> None:
        self._compile_all = compile_all or compiled_by_child
        self._forms: Recent[Form] = Recent(most)
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wanted: list[BlockShape] = []
        self._over = False

    @property
    def is_busy(self) -> bool:
        """Whether something is being compiled."""
        return self._thread is not None

    def ready(self, shapes: Iterable[BlockShape]) -> Mapping[BlockShape, Form]:
        """Return the forms of all `shapes`, or none: half of a take compiled is neither."""
        with self._guard:
            forms = {shape: self._forms.get(shape) for shape in shapes}
        found = {shape: form for shape, form in forms.items() if form is not None}
        return found if len(found) == len(forms) else {}

    def learn(self, shapes: Iterable[BlockShape]) -> None:
        """Have those of `shapes` that are not known compiled beside what is done; return at once.

        What was asked for last comes next. To be called when a job is done.
        """
        with self._guard:
            self._wanted = [shape for shape in shapes if self._forms.get(shape) is None]
            if self._over or not self._wanted or self._thread is not None:
                return
            self._thread = threading.Thread(target=self._work, name="compiling", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Compile no more, and forget all. What is under way ends by itself, at once."""
        with self._guard:
            self._over = True
            self._wanted = []
            self._forms.clear()

    def give_up(self, why: str) -> None:
        """Compile no more, forget all, and say why; jobs go on uncompiled."""
        if not self._over:
            log.warning("ACE-Step goes on with layers that are not compiled: %s", why)
        self.stop()

    def _work(self) -> None:
        """Compile what is wanted until nothing is. Its own thread."""
        try:
            while shapes := self._next():
                for shape, form in self._compile_all(shapes, lambda: self._over):
                    self._keep(shape, form)
        except Exception as error:  # noqa: BLE001 (the edge of a thread)
            log.info("%s", getattr(error, "detail", "") or repr(error))
            self.give_up(str(error) or type(error).__name__)
            with self._guard:
                self._thread = None

    def _next(self) -> list[BlockShape]:
        with self._guard:
            wanted, self._wanted = self._wanted, []
            if self._over or not wanted:
                self._thread = None
                return []
            return wanted

    def _keep(self, shape: BlockShape, form: Form) -> None:
        with self._guard:
            if not self._over:
                self._forms.put(shape, form)
                log.info("compiled for %d tokens", shape.tokens)


def compiled_by_child(
    shapes: Sequence[BlockShape],
    stopped: Callable[[], bool],
    *,
    role: str = "compiler",
    load: Callable[[Path, Path], Form] = load_form,
    limit_s: float = _LIMIT_S,
) -> Iterator[tuple[BlockShape, Form]]:
    """Have a process of its own compile `shapes`, and load what it made.

    It is ended as soon as `stopped`, with all that it started. Raises CompileError
    and ChildError.
    """
    folder = compiled_folder()
    child = start_child(role)
    end = partial(_end, child)
    # A thread is not told when the program quits.
    atexit.register(end)
    try:
        for shape in shapes:
            path = folder / f"{_digest(shape)}.block"
            fields = {"shape": to_json(shape), "path": str(path), "cache": str(folder / "cache")}
            child.send("compile", fields)
            if not _is_done(child, stopped, limit_s):
                return
            yield shape, load(path, folder / "cache")
    finally:
        end()
        atexit.unregister(end)


def _digest(shape: BlockShape) -> str:
    return hashlib.blake2b(dumps(shape).encode(), digest_size=8).hexdigest()


def _is_done(child: Child, stopped: Callable[[], bool], limit_s: float) -> bool:
    """Wait for the child's answer; return False once `stopped`. Raises CompileError."""
    begun = time.monotonic()
    while not stopped():
        answer = child.receive(_LOOK_EVERY_S)
        if answer is not None and answer.kind == "compiled":
            return True
        if answer is not None:
            fields = answer.fields
            raise CompileError(str(fields.get("reason", answer.kind)), str(fields.get("detail")))
        if time.monotonic() - begun > limit_s:
            raise CompileError(f"the compiler had not answered after {limit_s:.0f} s")
    return False


def _end(child: Child) -> None:
    """End the child at once, and the compilers that it started."""
    if sys.platform != "win32" and child.is_alive:
        # Until it has stood back it heads no group of its own.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(ChildError):
        child.kill()
