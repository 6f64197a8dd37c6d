"""Files of the clips that are selected, written in the background before a drag asks for them."""

import threading
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from acestep_desktop.domain.clip import ClipId
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Project, TickRange, TrackId
from acestep_desktop.domain.recipe import Music, TakeId
from acestep_desktop.exchange.clip_files import (
    Piece,
    forget_prepared,
    pieces_of_clips,
    pieces_of_range,
    prepare_file,
    take_file_out,
)
from acestep_desktop.exchange.render import RenderCancelledError
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.work import Worker

__all__ = ["ClipFileSession"]

MAX_PIECES: Final = 64
"""More files than anyone drags at once; each is written while it is merely selected."""

WAIT_MS: Final = 150
"""How long a selection must stand before its files are written."""

_NOT_YET: Final = "The file of this clip is being written: drag it again in a moment."
_NO_SOUND: Final = "There is nothing to drag out here: select a clip."
_TOO_MANY: Final = f"That is too much to drag at once: select at most {MAX_PIECES} clips."

PathsOf = Callable[[], Mapping[TakeId, Path]]
"""Returns where the takes of the document are, as far as they were found."""

_Choose = Callable[[Project], list[Piece]]


class ClipFileSession(QObject):
    """What leaves for a DAW when clips or a range are dragged. The window's thread only.

    `ready` says that what was prepared last can be dragged now; `said` carries
    the sentence of a drag that cannot begin.
    """

    ready = Signal()
    said = Signal(str)

    def __init__(
        self,
        document: DocumentSession,
        library: TakeLibrary,
        paths_of: PathsOf,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._library = library
        self._paths_of = paths_of
        self._root = library.folders.root
        self._name: object = None
        self._choose: _Choose = _nothing
        self._made: tuple[Project, list[Piece]] | None = None
        self._reason = _NOT_YET
        self._stop = threading.Event()
        self._worker = Worker(self)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._begin)
        document.history_changed.connect(self._wait.start)

    def start(self) -> None:
        """Forget, in the background, what earlier windows prepared and nobody wanted."""
        self._worker.do(partial(forget_prepared, self._root))

    @Slot(object)
    def prepare(self, clip_ids: Collection[ClipId]) -> None:
        """Have a file ready for each of these clips soon; the selection before is forgotten."""
        chosen = frozenset(clip_ids)
        self._prefer(chosen, partial(self._pieces_of_clips, clip_ids=chosen))

    def prepare_range(self, span: TickRange, track_ids: Collection[TrackId]) -> None:
        """Have a file ready soon for what sounds in a range, one for each track."""
        tracks = frozenset(track_ids)
        choose = partial(pieces_of_range, range_=span, track_ids=tracks)
        self._prefer((span, tracks), choose)

    def ready_paths(self, clip_ids: Collection[ClipId]) -> list[Path] | None:
        """Return the files of clips, where they will stay; None, and `said`, while there are none.

        A clip that shows its take whole and unchanged is the take's own file.
        """
        self.prepare(clip_ids)
        return self._take_out()

    def ready_range_paths(
        self, span: TickRange, track_ids: Collection[TrackId]
    ) -> list[Path] | None:
        """Return the files of a range, where they will stay; None, and `said`, without any."""
        self.prepare_range(span, track_ids)
        return self._take_out()

    def close(self) -> None:
        """Stop writing, and wait for what has begun."""
        self._wait.stop()
        self._stop.set()
        self._worker.close()

    def _prefer(self, name: object, choose: _Choose) -> None:
        if name != self._name:
            self._name, self._choose, self._made = name, choose, None
            self._reason = _NOT_YET
            self._wait.start()

    def _take_out(self) -> list[Path] | None:
        pieces, paths = self._pieces(), self._paths_of()
        self._reason = _reason_against(pieces) or self._reason
        try:
            found = [take_file_out(piece, paths, self._root) for piece in pieces[:MAX_PIECES]]
        except UserError as error:
            self.said.emit(str(error))
            return None
        ready = [path for path in found if path is not None]
        if not ready or len(ready) < len(pieces):
            self.said.emit(self._reason)
            self._begin()
            return None
        return list(dict.fromkeys(ready))

    def _pieces(self) -> list[Piece]:
        project = self._document.history.present
        if self._made is None or self._made[0] is not project:
            self._made = (project, self._choose(project))
        return self._made[1]

    def _pieces_of_clips(self, project: Project, clip_ids: frozenset[ClipId]) -> list[Piece]:
        return pieces_of_clips(project, clip_ids, self._music_of)

    def _music_of(self, take_id: TakeId) -> Music | None:
        try:
            return self._library.get(take_id).music
        except UserError:
            return None  # heard from beside the project: nobody knows more of it

    @Slot()
    def _begin(self) -> None:
        """Write what is chosen now; what is being written for an older choice is given up."""
        self._stop.set()
        self._stop = threading.Event()
        self._worker.forget()
        pieces = self._pieces()
        if not pieces or len(pieces) > MAX_PIECES:
            return
        work = partial(_prepared, pieces, dict(self._paths_of()), self._root, self._stop)
        self._worker.do(work, self._show_ready, self._keep_reason)

    def _show_ready(self, whole: bool) -> None:
        if whole:
            self.ready.emit()

    def _keep_reason(self, sentence: str) -> None:
        self._reason = sentence


def _prepared(
    pieces: list[Piece], paths: Mapping[TakeId, Path], root: Path, stop: threading.Event
) -> bool:
    """Write the files of some pieces; return whether it was not told to stop before the end."""

    def tell(fraction: float) -> None:
        if stop.is_set():
            raise RenderCancelledError("Another clip was selected.")

    try:
        for piece in pieces:
            tell(0.0)
            prepare_file(piece, paths, root, tell)
    except RenderCancelledError:
        return False
    return True


def _nothing(project: Project) -> list[Piece]:
    return []


def _reason_against(pieces: list[Piece]) -> str:
    if not pieces:
        return _NO_SOUND
    return _TOO_MANY if len(pieces) > MAX_PIECES else ""
