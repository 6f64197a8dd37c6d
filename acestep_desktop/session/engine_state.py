"""The state of the engines: what each can do, what a job would cost, and what memory it holds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from acestep_desktop.domain.recipe import EngineIdentity
from acestep_desktop.domain.request import Request
from acestep_desktop.generation.abilities import Abilities, Estimate
from acestep_desktop.generation.registry import BUILT_IN
from acestep_desktop.models.folder import models_folder
from acestep_desktop.models.store import InstalledModel, ModelStore
from acestep_desktop.session.jobs import Job, JobSession
from acestep_desktop.session.model_presets import PRESETS, Preset, model_refusal
from acestep_desktop.session.work import Worker

__all__ = ["Abilities", "EngineSession", "EngineState", "Estimate", "InstalledModel"]

T = TypeVar("T")

IDLE_S: Final = 15 * 60.0
"""After so long without a job an engine gives its memory back to the DAW."""

_LOOK_EVERY_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class EngineState:
    """What is known of one engine.

    `abilities` and `identity` are None until it was asked; `trouble` is the sentence of
    why it cannot be. `models` are those it can use; none for the built-in engine.
    `memory_bytes` is 0 where its process does not run.
    """

    engine: str
    abilities: Abilities | None = None
    identity: EngineIdentity | None = None
    trouble: str = ""
    memory_bytes: int = 0
    busy: bool = False
    models: tuple[InstalledModel, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether it was asked, and answered."""
        return self.abilities is not None

    def refusal(self, task: str, model: str | None) -> str:
        """Return why a task cannot be done, with a model or (None) with any; empty if it can."""
        if self.abilities is None:
            return self.trouble
        reason = next((a.reason for a in self.abilities.tasks if a.task == task), "")
        chosen = self.model(model)
        if reason or chosen is None:
            return reason
        return model_refusal(chosen.kind, chosen.parts, task)

    def model(self, name: str | None) -> InstalledModel | None:
        """Return the installed model of this name."""
        return next((model for model in self.models if model.name == name), None)

    def model_for(self, task: str, wanted: str | None) -> str | None:
        """Return the model to ask for: the one that is wanted, else one that can do the task.

        None leaves the choice to the engine.
        """
        if wanted is not None or not self.models:
            return wanted
        able = [m for m in self.models if not model_refusal(m.kind, m.parts, task)]
        return able[0].name if len(able) < len(self.models) and able else None

    def preset(self, wanted: str | None) -> Preset | None:
        """Return how the model samples by itself, as far as it is known which one that is."""
        named = self.identity.model.partition("@")[0] if self.identity is not None else None
        model = self.model(wanted) or self.model(named)
        return None if model is None else PRESETS[model.kind]


class EngineSession(QObject):
    """Asks and unloads engines off the window's thread, on which all methods are called.

    `state_changed` carries the `EngineState` of an engine; `estimated` a request and
    its `Estimate`.
    """

    state_changed = Signal(object)
    estimated = Signal(object, object)

    def __init__(
        self,
        jobs: JobSession,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        find_models: Callable[[], Sequence[InstalledModel]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._clients, self._clock = jobs, jobs.clients, clock
        self._find_models = find_models or ModelStore(models_folder()).installed
        self._states: dict[str, EngineState] = {}
        self._asked: set[str] = set()
        self._stale: set[str] = set()
        self._wanted: tuple[str, Request] | None = None
        self._estimating = self._closed = False
        self._used_at: dict[str, float] = {}
        self._worker = Worker(self, threads=2)
        self._looking = QTimer(self)
        self._looking.setInterval(_LOOK_EVERY_MS)
        self._looking.timeout.connect(self.look)
        jobs.jobs_changed.connect(self._follow)

    def state(self, engine: str) -> EngineState:
        """Return what is known of an engine; what is not is asked, and told later."""
        known = self._states.setdefault(engine, EngineState(engine))
        if known.abilities is None and not known.trouble:
            self._ask(engine)
        return known

    def watch(self) -> None:
        """Begin to look at memory now and then, and to unload what is idle."""
        self._looking.start()

    def estimate(self, engine: str, request: Request) -> None:
        """Ask what a request would cost; of several asked at once, the last is answered."""
        self._wanted = (engine, request)
        self._next_estimate()

    @Slot(str)
    def unload(self, engine: str) -> None:
        """End an engine that does nothing: the next job starts it again.

        Only the end of its process gives back what a graphics card's driver and torch
        hold on to after the model is gone.
        """
        self._start(lambda: self._clients.forget(engine), self._look_after, self._look_after)

    def ask_again(self, engine: str) -> None:
        """Ask an engine anew: its models have changed. One at work is asked again after that."""
        known = self._states.get(engine, EngineState(engine))
        self._states[engine] = EngineState(engine, memory_bytes=known.memory_bytes, busy=known.busy)
        self._stale.discard(engine)
        self._asked.add(engine)  # not before the old one has gone

        def note(forgotten: bool) -> None:
            if not forgotten:
                self._stale.add(engine)
            self._asked.discard(engine)
            self._ask(engine)

        self._start(
            lambda: self._clients.forget(engine), note, lambda sentence: note(forgotten=False)
        )

    def ask_if_troubled(self, engine: str) -> None:
        """Ask an engine once more that could not be asked: what was wrong may be mended."""
        known = self._states.get(engine)
        if known is not None and known.trouble:
            self._show(replace(known, trouble=""))
            self._ask(engine)

    @Slot()
    def look(self) -> None:
        """Look how much memory each engine holds, and unload those that are idle."""
        for engine, known in tuple(self._states.items()):
            held = memory_of(self._pid(engine))
            self._show(replace(known, memory_bytes=held))
            used_at = self._used_at.setdefault(engine, self._clock())
            idle = not known.busy and self._clock() - used_at > IDLE_S
            if idle and held and engine != BUILT_IN:
                self._used_at[engine] = self._clock()
                self.unload(engine)
        self._ask_stale()

    def close(self) -> None:
        """Ask no more, and end every engine, so that none goes on answering."""
        self._closed = True
        self._looking.stop()
        self._wanted = None
        self._worker.forget()
        self._clients.end_all(grace_s=0.0)
        self._worker.wait()
        # One may have been starting just then.
        self._clients.end_all(grace_s=0.0)

    def _ask(self, engine: str) -> None:
        if engine in self._asked:
            return
        self._asked.add(engine)

        def ask() -> EngineState | None:
            with self._clients.if_free(engine) as free:
                client = free or self._clients.find(engine)
                if client is None or not (free or client.is_known):
                    return None
                models = () if engine == BUILT_IN else tuple(self._find_models())
                return EngineState(engine, client.abilities(), client.identity(), models=models)

        def note(found: EngineState | None) -> None:
            self._asked.discard(engine)
            if found is not None:
                busy = self._states[engine].busy
                self._show(replace(found, busy=busy, memory_bytes=memory_of(self._pid(engine))))

        def note_trouble(sentence: str) -> None:
            self._asked.discard(engine)
            self._show(replace(self._states[engine], trouble=sentence))

        self._start(ask, note, note_trouble)

    def _next_estimate(self) -> None:
        if self._estimating or self._wanted is None:
            return
        engine, request = self._wanted
        self._wanted, self._estimating = None, True

        def ask() -> Estimate | None:
            with self._clients.if_free(engine) as client:
                return None if client is None else client.estimate(request)

        def note(found: Estimate | None) -> None:
            self._estimating = False
            if found is not None:
                self.estimated.emit(request, found)
            self._next_estimate()

        self._start(ask, note, lambda sentence: note(Estimate(0.0, 0, sentence)))

    def _start(
        self, work: Callable[[], T], note: Callable[[T], None], failed: Callable[[str], None]
    ) -> None:
        if not self._closed:
            self._worker.do(work, note, failed)

    @Slot(tuple)
    def _follow(self, jobs: tuple[Job, ...]) -> None:
        running = {job.engine for job in jobs if not job.state.ended and job.fraction > 0}
        for engine in running | {job.engine for job in jobs}:
            known = self._states.get(engine, EngineState(engine))
            busy = engine in running
            if busy or known.busy:
                self._used_at[engine] = self._clock()
            self._show(replace(known, busy=busy))
            if known.abilities is None and not known.trouble:
                self._ask(engine)
        self._ask_stale()

    def _ask_stale(self) -> None:
        for engine in tuple(self._stale):
            if not self._states[engine].busy:
                self.ask_again(engine)

    def _show(self, state: EngineState) -> None:
        if self._states.get(state.engine) != state:
            self._states[state.engine] = state
            self.state_changed.emit(state)

    def _look_after(self, _: object) -> None:
        self.look()

    def _pid(self, engine: str) -> int | None:
        client = self._clients.find(engine)
        return None if client is None else client.pid


def memory_of(pid: int | None) -> int:
    """Return how many bytes of memory a process holds; 0 for none, or one that has ended."""
    if pid is None:
        return 0
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
