"""Weights: what there is to have, and having it, beside the window's own thread."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.errors import UserError
from acestep_desktop.models.catalogue import find_model
from acestep_desktop.models.download import download_model, forget_download
from acestep_desktop.models.errors import ModelCancelledError
from acestep_desktop.models.folder import models_folder
from acestep_desktop.models.hashing import Told
from acestep_desktop.models.hub import Hub
from acestep_desktop.models.importing import import_folder
from acestep_desktop.models.machine import Machine, find_machine
from acestep_desktop.models.overview import ModelState, overview
from acestep_desktop.models.placing import in_words
from acestep_desktop.models.store import ModelStore
from acestep_desktop.session.work import Worker

__all__ = ["ModelProgress", "ModelSession", "ModelState", "in_words"]

_TOLD_EVERY_S: Final = 0.1
"""The window shows no more than this, and its queue of events stays short."""

_Work = Callable[[Told], str]


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """How far a job on the model `name` is: a share of 0 to 1, and words for a person."""

    name: str
    fraction: float
    label: str


@dataclass(frozen=True, slots=True)
class ModelsHere:
    """The models, this machine, and the room on the disk of the models' folder."""

    states: tuple[ModelState, ...] = ()
    machine: Machine | None = None
    free_bytes: int = 0


class ModelSession(QObject):
    """The verbs of the Models dialog; one job at a time. The window's thread only.

    `models_changed` carries the states (`ModelState`) of all models, `progressed`
    a `ModelProgress`, `busy_changed` whether a job runs; a job ends with `said`,
    or with `failed` and its reason. `installed_changed` says that there are other
    models on the disk than before.
    """

    models_changed = Signal(tuple)
    installed_changed = Signal()
    progressed = Signal(object)
    busy_changed = Signal(bool)
    said = Signal(str)
    failed = Signal(str)
    _told = Signal(object)

    def __init__(
        self,
        store: ModelStore | None = None,
        *,
        hub: Hub | None = None,
        look: Callable[[], Machine] = find_machine,
        parent: QObject | None = None,
    ) -> None:
        """Without a store, that of this person's models folder; `look` sees this machine."""
        super().__init__(parent)
        self._store = store or ModelStore(models_folder())
        self._hub, self._look = hub, look
        self._here = ModelsHere()
        self._stop: threading.Event | None = None
        self._progress = ModelProgress("", 0.0, "")
        self._worker = Worker(self)
        # A signal carries how far a job is from its thread to the window's.
        self._told.connect(self._keep_progress)
        self._closed = False
        self._ended_with = ""

    @property
    def states(self) -> tuple[ModelState, ...]:
        """All models, as far as they were looked at."""
        return self._here.states

    @property
    def machine(self) -> Machine | None:
        """This machine; None until it was looked at."""
        return self._here.machine

    @property
    def free_bytes(self) -> int:
        """The room on the disk of the models' folder, when it was last looked at."""
        return self._here.free_bytes

    @property
    def folder(self) -> Path:
        """Where models are kept."""
        return self._store.folder

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return self._stop is not None

    @property
    def progress(self) -> ModelProgress:
        """How far the job is that runs, or that ran last."""
        return self._progress

    @property
    def ended_with(self) -> str:
        """The sentence with which the last job ended; none before."""
        return self._ended_with

    def refresh(self) -> None:
        """Look at the models and at this machine; `models_changed` follows, unless closed."""
        if self._closed:
            return
        look = partial(_looked, self._store, self._look, self._here.machine)
        self._worker.do(look, self._show, self.failed.emit)

    def download(self, name: str) -> None:
        """Download a model of the catalogue, or go on with it."""

        def work(told: Told) -> str:
            model = download_model(self._store, find_model(name), told, hub=self._hub)
            return f"{model.label} is here: {in_words(model.bytes)}."

        self._begin(name, work)

    def import_from(self, folder: Path) -> None:
        """Take the model in a folder into the store; the folder stays as it is."""

        def work(told: Told) -> str:
            model = import_folder(self._store, folder, told=told)
            return f'{model.label} was imported as "{model.name}".'

        self._begin(folder.name, work)

    def verify(self, name: str) -> None:
        """Compare every byte of a model with what it was."""

        def work(told: Told) -> str:
            damages = self._store.verify(name, told)
            if not damages:
                return f'Every file of "{name}" is whole.'
            files = "; ".join(f"{damage.path} ({damage.what})" for damage in damages[:4])
            more = f" and {len(damages) - 4} more" if len(damages) > 4 else ""
            raise UserError(f'"{name}" is damaged: {files}{more}. Remove it and get it again.')

        self._begin(name, work)

    def remove(self, name: str) -> None:
        """Delete a model, or what has arrived of one."""

        def work(told: Told) -> str:
            if name in self._store.names():
                return f'"{name}" was removed: {in_words(self._store.remove(name))} freed.'
            freed = forget_download(self._store, find_model(name))
            return f'What had arrived of "{name}" was removed: {in_words(freed)} freed.'

        self._begin(name, work)

    @Slot()
    def cancel(self) -> None:
        """Stop the job that runs; what has arrived of a download is kept."""
        if self._stop is not None:
            self._stop.set()

    def close(self) -> None:
        """Stop what runs, and wait for it."""
        self._closed = True
        self.cancel()
        self._worker.close()

    def _begin(self, name: str, work: _Work) -> None:
        if self._stop is not None:
            self.failed.emit("Another job on the models runs: wait for it, or cancel it.")
            return
        self._stop = threading.Event()
        self._progress = ModelProgress(name, 0.0, "")
        told = _Teller(name, self._stop, self._told.emit)
        self.busy_changed.emit(True)
        self._worker.do(partial(_carried_out, work, told), self._say, self._fail)

    @Slot(object)
    def _keep_progress(self, progress: ModelProgress) -> None:
        self._progress = progress
        self.progressed.emit(progress)

    def _say(self, sentence: str) -> None:
        self._ended_with = sentence
        self.said.emit(sentence)
        self._end()

    def _fail(self, reason: str) -> None:
        self._ended_with = reason
        self.failed.emit(reason)
        self._end()

    def _end(self) -> None:
        self._stop = None
        self.busy_changed.emit(False)
        self.refresh()

    def _show(self, here: ModelsHere) -> None:
        before, self._here = self._here, here
        self.models_changed.emit(here.states)
        if before.states and _installed(before) != _installed(here):
            self.installed_changed.emit()


def _installed(here: ModelsHere) -> list[tuple[str, int]]:
    return [(state.name, state.bytes) for state in here.states if state.installed]


class _Teller:
    """Tells how far a job is, not too often, and whether it goes on. A thread of the pool."""

    def __init__(
        self, name: str, stop: threading.Event, tell: Callable[[ModelProgress], object]
    ) -> None:
        self._name, self._stop, self._tell = name, stop, tell
        self._told_at = 0.0

    def __call__(self, fraction: float, label: str) -> bool:
        now = time.monotonic()
        if now - self._told_at >= _TOLD_EVERY_S or fraction >= 1.0:
            self._told_at = now
            self._tell(ModelProgress(self._name, fraction, label))
        return not self._stop.is_set()


def _carried_out(work: _Work, told: Told) -> str:
    """Return what a job says at its end; that it was cancelled is no failure."""
    try:
        return work(told)
    except ModelCancelledError as error:
        return str(error)


def _looked(store: ModelStore, look: Callable[[], Machine], machine: Machine | None) -> ModelsHere:
    """Look at the store, and once at the machine."""
    found = machine or look()
    return ModelsHere(overview(store, found), found, store.free_bytes())
