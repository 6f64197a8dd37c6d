"""The last lines that a child printed, kept so that a report can quote them."""

import logging
import os
import threading
from typing import IO, Final

TAIL_BYTES: Final = 64 * 1024
_LINE_BYTES: Final = 8 * 1024
"""A longer line is logged in pieces."""


class PrintedTail:
    """Drains what a child prints, logs each line, and keeps the last 64 KiB. Owns `stream`."""

    def __init__(self, stream: IO[bytes], log: logging.Logger) -> None:
        self._stream = stream
        self._log = log
        self._kept = bytearray()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._drain, name="printed", daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return the last 64 KiB; what is no UTF-8 shows as a question mark in a diamond."""
        with self._lock:
            return self._kept.decode("utf-8", errors="replace")

    def join(self, timeout_s: float) -> None:
        """Wait until all is read, but no longer than `timeout_s`."""
        self._thread.join(timeout_s)

    def _drain(self) -> None:
        line = b""
        with self._stream as stream:
            while data := os.read(stream.fileno(), 65536):
                with self._lock:
                    self._kept += data
                    del self._kept[:-TAIL_BYTES]
                line = self._log_lines(line + data)
        self._log_lines(line + b"\n")

    def _log_lines(self, data: bytes) -> bytes:
        """Log all whole lines of `data` and return the rest."""
        *lines, rest = data.split(b"\n")
        if len(rest) > _LINE_BYTES:
            lines, rest = [*lines, rest], b""
        for line in lines:
            if words := line.decode("utf-8", errors="replace").strip():
                self._log.debug("%s", words[:_LINE_BYTES])
        return rest
