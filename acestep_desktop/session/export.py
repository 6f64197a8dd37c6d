"""Export: the project as files, rendered beside the window's thread."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.exchange.render import (
    RenderCancelledError,
    RenderError,
    RenderFormat,
    Span,
    render_mix,
    render_stems,
    sources_of,
    span_of,
)
from acestep_desktop.library.names import safe_name
from acestep_desktop.session.work import Worker

__all__ = ["DEPTHS", "RATES", "Export", "ExportSession", "RenderFormat", "safe_file_name"]

RATES: Final = (44_100, 48_000, 88_200, 96_000)
DEPTHS: Final = ("16", "24", "32f")
_MAX_NAME: Final = 120


def safe_file_name(name: str) -> str:
    """Return what a file can be called on every system, as close to `name` as can be."""
    return safe_name(name, _MAX_NAME) or "Untitled"


@dataclass(frozen=True, slots=True)
class Export:
    """What to write: a mix (.wav or .flac), a folder of stems, or both, of a part of the project.

    `part` is None for the whole. Takes without a path would be silent: the export is refused.
    """

    project: Project
    paths: Mapping[TakeId, Path]
    form: RenderFormat
    mix: Path | None = None
    stems: Path | None = None
    part: TickRange | None = None

    def replaced(self) -> tuple[str, ...]:
        """Return the names of what is on the disk already and would be replaced."""
        names = [self.mix.name] if self.mix is not None and self.mix.exists() else []
        if self.stems is not None and any(self.stems.glob("*.wav")):
            names.append(self.stems.name)
        return tuple(names)


class ExportSession(QObject):
    """Exports, one at a time. The window's thread only.

    `progressed` carries 0..1; `finished` the files; `failed` a sentence;
    `cancelled` says that the person called it off.
    """

    progressed = Signal(float)
    finished = Signal(list)
    failed = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker(self)
        self._writing: _Writing | None = None

    @property
    def running(self) -> bool:
        """Whether files are being written."""
        return self._writing is not None

    def start(self, export: Export) -> None:
        """Begin to write files; `failed` says at once if one is being written already."""
        if self._writing is not None:
            self.failed.emit("An export is being written: wait for it, or cancel it first.")
            return
        self._writing = _Writing(export, self.progressed.emit)
        self._worker.do(self._writing.write, self._end, self._fail)

    @Slot()
    def cancel(self) -> None:
        """Stop writing; what is not whole is removed."""
        if self._writing is not None:
            self._writing.stop.set()

    def close(self) -> None:
        """Cancel, and wait until nothing is written any more."""
        self.cancel()
        self._worker.close()

    def _end(self, files: list[Path] | None) -> None:
        self._writing = None
        if files is None:
            self.cancelled.emit()
        else:
            self.finished.emit(files)

    def _fail(self, reason: str) -> None:
        self._writing = None
        self.failed.emit(reason)


class _Writing:
    """One export while it is written."""

    def __init__(self, export: Export, progressed: Callable[[float], None]) -> None:
        self._export = export
        self._progressed = progressed
        self.stop = threading.Event()

    def write(self) -> list[Path] | None:
        """Write everything; return the files, or None if it was stopped. Any thread."""
        try:
            return self._write()
        except RenderCancelledError:
            return None

    def _write(self) -> list[Path]:
        export = self._export
        project = export.project
        heard = {clip.take_id for track in project.tracks for clip in track.clips}
        for media in project.media:
            if media.take_id in heard and media.take_id not in export.paths:
                name = Path(media.path).name
                raise RenderError(f'"{name}" is missing: put the file back before you export.')
        # The paths may be those of all projects that were open since the start.
        sources = sources_of({take: export.paths[take] for take in heard})
        span = _span(export)
        mixes = 0 if export.mix is None else 1
        count = mixes + (0 if export.stems is None else len(project.tracks))
        files: list[Path] = []
        if export.mix is not None:
            told = partial(self._tell, before=0.0, share=1 / count)
            render_mix(project, sources, export.mix, span, export.form, told=told)
            files.append(export.mix)
        if export.stems is not None:
            before = mixes / count
            told = partial(self._tell, before=before, share=1 - before)
            files += render_stems(project, sources, export.stems, span, export.form, told=told)
        return files

    def _tell(self, fraction: float, *, before: float, share: float) -> None:
        if self.stop.is_set():
            raise RenderCancelledError("The export was cancelled.")
        self._progressed(before + fraction * share)


def _span(export: Export) -> Span:
    if export.part is None:
        return span_of(export.project)
    tempo = export.project.tempo
    return Span(tempo.frame_at(export.part.start), tempo.frame_at(export.part.end))
