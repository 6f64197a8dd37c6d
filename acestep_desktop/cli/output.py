"""What the command line prints: results on stdout, progress and errors on stderr."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TextIO

from acestep_desktop.domain.codec import Json

_BAR_WIDTH: Final = 28

EXIT_FAILED: Final = 1
EXIT_BAD_INPUT: Final = 2
EXIT_CANCELLED: Final = 130
"""What a shell reports for a program that Ctrl+C ended."""


@dataclass(slots=True)
class Printer:
    """Prints results as sentences, or with `as_json` as one JSON object a line."""

    as_json: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    _drawn: bool = False

    def result(self, fields: Mapping[str, Json], lines: Sequence[str]) -> None:
        """Print one result: `fields` as JSON, or `lines` for a person."""
        self.clear_progress()
        if self.as_json:
            # In ASCII, for a pipe may have any encoding, and a path must not lose a letter.
            self._write(self.out, json.dumps(dict(fields)))
            return
        for line in lines:
            self._write(self.out, line)

    def note(self, sentence: str) -> None:
        """Say something worth knowing that is not a result."""
        self.clear_progress()
        self._write(self.err, f"note: {sentence}")

    def error(self, sentence: str) -> None:
        """Say in one line what went wrong."""
        self.clear_progress()
        self._write(self.err, f"error: {' '.join(sentence.split())}")

    def progress(self, fraction: float, label: str) -> None:
        """Draw the progress bar; only a terminal sees it."""
        if not self.err.isatty():
            return
        filled = round(max(0.0, min(1.0, fraction)) * _BAR_WIDTH)
        bar = "#" * filled + "." * (_BAR_WIDTH - filled)
        self.err.write(f"\r\x1b[K[{bar}] {fraction * 100:3.0f} %  {label[:40]}")
        self.err.flush()
        self._drawn = True

    def clear_progress(self) -> None:
        """Wipe the progress bar, where one was drawn."""
        if self._drawn:
            self.err.write("\r\x1b[K")
            self.err.flush()
            self._drawn = False

    @staticmethod
    def _write(stream: TextIO, line: str) -> None:
        encoding = stream.encoding or "utf-8"
        stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()
