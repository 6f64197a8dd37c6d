"""The process that compiles: the work of minutes, apart from the one that makes takes.

A compiler in a thread of the engine holds Python's lock while jobs wait for it, and
cannot be ended when it hangs. This process can; it has no model, only shapes.
"""

import contextlib
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Final

from acestep_desktop.child.parent import Parent
from acestep_desktop.domain.codec import from_json

_MOST_BYTES: Final = 1 << 29
"""A cache that is larger is emptied before more is put into it."""

_MOST_WORDS: Final = 200

_LAST: Final = 19
"""Of niceness: only what nobody else wants of the processor."""


def serve(parent: Parent) -> None:
    """Compile the shapes that come, one after the other, and answer each."""
    _stand_back()
    for message in parent.messages():
        fields = message.fields
        try:
            _compile(fields["shape"], Path(str(fields["path"])), Path(str(fields["cache"])))
        except Exception as error:  # noqa: BLE001 (a compiler may raise anything)
            detail = "".join(traceback.format_exception(error))
            parent.send("failed", {"reason": _in_short(error), "detail": detail})
        else:
            parent.send("compiled")


def tidy(folder: Path, most_bytes: int = _MOST_BYTES) -> None:
    """Empty the cache in `folder` if it is larger than it may be."""
    files = (path for path in folder.rglob("*") if path.is_file())
    total = 0
    for path in files:
        with contextlib.suppress(OSError):  # another program works here too
            total += path.stat().st_size
    if total > most_bytes:
        shutil.rmtree(folder, ignore_errors=True)


def _compile(shape: object, path: Path, cache: Path) -> None:
    from acestep_desktop.acestep.compiled import BlockShape, compile_form, use_folder

    tidy(cache)
    cache.mkdir(parents=True, exist_ok=True)
    use_folder(cache)
    compile_form(from_json(BlockShape, shape), path)  # type: ignore[arg-type]


def _stand_back() -> None:
    """Let all others run first; be the head of a group, so that compilers end with this process."""
    if sys.platform != "win32":
        os.setpgid(0, 0)
        with contextlib.suppress(OSError):
            os.nice(_LAST)


def _in_short(error: Exception) -> str:
    words = f"{error}".strip() or "no reason was given"
    return f"{type(error).__name__}: {words}".splitlines()[0][:_MOST_WORDS]
