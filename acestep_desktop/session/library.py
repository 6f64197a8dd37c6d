"""The verbs of the library, and waveforms drawn in the background."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.request import Request
from acestep_desktop.exchange.notes import notes_file
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.stored import Order, StoredTake, TakeQuery
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.library.waveforms import take_peaks
from acestep_desktop.session.work import Worker

__all__ = ["LibrarySession", "Order", "StoredTake", "TakeQuery", "Thumbnail"]

Thumbnail = npt.NDArray[np.float32]
"""Shape (2, n): the lowest and highest sample of n equal spans, both channels together."""

MAX_THUMBNAILS: Final = 2_000
_SPANS: Final = 400


class LibrarySession(QObject):
    """Takes as the window sees them. All methods belong to the window's thread.

    `takes_changed` says that a list of takes is out of date; `thumbnail_ready`
    names the take whose waveform can be drawn now; `imported` carries a take that was
    imported, `refused` a sentence.
    """

    takes_changed = Signal()
    thumbnail_ready = Signal(str)
    imported = Signal(object)
    refused = Signal(str)

    def __init__(self, library: TakeLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._worker = Worker(self)
        self._thumbnails: OrderedDict[TakeId, Thumbnail | None] = OrderedDict()

    @property
    def folders(self) -> Folders:
        """Where the takes lie."""
        return self._library.folders

    def search(
        self, text: str = "", *, starred: bool = False, trashed: bool = False
    ) -> Sequence[StoredTake]:
        """Return the takes with all words of `text`, newest first."""
        query = TakeQuery(text=text, starred=True if starred else None, trashed=trashed)
        return self._library.search(query)

    def find(self, query: TakeQuery) -> Sequence[StoredTake]:
        """Return the takes that `query` asks for, in its order."""
        return self._library.search(query)

    def lookup(self, take_ids: Iterable[str]) -> dict[TakeId, StoredTake]:
        """Return takes as they are now, by id; those in the trash are left out."""
        found = {}
        for take_id in take_ids:
            with suppress(UserError):
                take = self._library.get(take_id)
                if not take.trashed:
                    found[take.take_id] = take
        return found

    def request_of(self, take: StoredTake) -> Request | None:
        """Return the wish that made a take; None for what was imported, or is gone."""
        try:
            recipe = self._library.full_take(take).recipe
        except UserError as error:
            self.refused.emit(str(error))
            return None
        return None if recipe is None else recipe.request

    def prepare_notes(self, take: StoredTake) -> None:
        """Have the MIDI file of a take written in the background, before it is asked for."""
        self._worker.do(partial(notes_file, self._library, take))

    def notes_file(self, take: StoredTake) -> Path | None:
        """Return the take's notes as a MIDI file that stays; None where it has no notes."""
        try:
            return notes_file(self._library, take)
        except UserError as error:
            self.refused.emit(str(error))
            return None

    def thumbnail(self, take: StoredTake) -> Thumbnail | None:
        """Return the waveform of a take if it is known; else ask for it and return None."""
        if take.take_id in self._thumbnails:
            self._thumbnails.move_to_end(take.take_id)
            return self._thumbnails[take.take_id]
        self._thumbnails[take.take_id] = None
        while len(self._thumbnails) > MAX_THUMBNAILS:
            self._thumbnails.popitem(last=False)
        # Later: what asks is being painted, and a take is to be seen before its waveform is.
        QTimer.singleShot(0, self, partial(self._make_thumbnail, take))
        return None

    def set_starred(self, takes: Sequence[StoredTake], starred: bool) -> None:
        """Star takes, or take their stars away."""
        self._change(lambda: self._library.star_all(_numbers(takes), starred))

    def set_title(self, take: StoredTake, title: str) -> None:
        """Give a take another title; its file keeps its name."""
        self._change(lambda: self._library.set_title(take.number, title))

    def change_tags(
        self, takes: Sequence[StoredTake], *, added: Sequence[str], removed: Collection[str]
    ) -> None:
        """Give takes some tags and take others away; the rest of their tags stay."""

        tags = {
            take.number: [*(tag for tag in take.tags if tag not in removed), *added]
            for take in takes
        }
        self._change(lambda: self._library.tag_all(tags))

    def trash(self, takes: Sequence[StoredTake]) -> None:
        """Put takes into the trash; their files stay where they are."""
        self._change(lambda: self._library.trash_all(_numbers(takes), True))

    def restore(self, takes: Sequence[StoredTake]) -> None:
        """Bring takes back from the trash."""
        self._change(lambda: self._library.trash_all(_numbers(takes), False))

    def hand_out(self, paths: Sequence[Path]) -> None:
        """Note that files leave for a DAW: from now on nothing may change them."""
        self._change(lambda: self._library.hand_out(paths))

    def import_files(self, paths: Sequence[Path]) -> None:
        """Add audio files as takes, in the background; each is told as `imported` or `refused`."""
        for path in paths:
            work = partial(self._library.import_file, path)
            self._worker.do(work, self._show_imported, self.refused.emit)

    def tidy(self) -> None:
        """Have what crashes left unfinished removed, in the background."""
        self._worker.do(self._library.sweep)

    def close(self) -> None:
        """Wait for what is being imported, and forget what has not begun."""
        self._worker.close()
        self._library.close()

    def _change(self, verb: Callable[[], object]) -> None:
        try:
            verb()
        except UserError as error:
            self.refused.emit(str(error))
        self.takes_changed.emit()

    def _make_thumbnail(self, take: StoredTake) -> None:
        self._worker.do(partial(_thumbnail_of, take), partial(self._keep_thumbnail, take.take_id))

    def _keep_thumbnail(self, take_id: TakeId, thumbnail: Thumbnail) -> None:
        self._thumbnails[take_id] = thumbnail
        self.thumbnail_ready.emit(take_id)

    def _show_imported(self, take: StoredTake) -> None:
        self.imported.emit(take)
        self.takes_changed.emit()


def _numbers(takes: Sequence[StoredTake]) -> list[int]:
    return [take.number for take in takes]


def _thumbnail_of(take: StoredTake) -> Thumbnail:
    peaks = take_peaks(take)
    level = peaks.level_for(take.frames / _SPANS) or 0
    bins = peaks.levels[level]
    return np.stack((bins[0].min(axis=0), bins[1].max(axis=0)))
