"""ACE-Step behind the engine port: quick to open, heavy only once there is a job."""

import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from acestep_desktop import __version__
from acestep_desktop.acestep.abilities import abilities_of
from acestep_desktop.acestep.errors import TaskRefusedError
from acestep_desktop.acestep.estimate import estimated
from acestep_desktop.acestep.plan import Wish
from acestep_desktop.acestep.steps import LOADING
from acestep_desktop.acestep.tasks_length import understood
from acestep_desktop.domain.recipe import EngineIdentity
from acestep_desktop.domain.request import Request
from acestep_desktop.generation.abilities import Abilities, Estimate
from acestep_desktop.generation.errors import EngineMissingError
from acestep_desktop.generation.generator import Output, Progress
from acestep_desktop.models.errors import NoModelError
from acestep_desktop.models.folder import models_folder
from acestep_desktop.models.kinds import reasons_against
from acestep_desktop.models.machine import find_machine
from acestep_desktop.models.store import InstalledModel, ModelStore

if TYPE_CHECKING:
    from acestep_desktop.acestep.studio import Studio

NAME = "acestep"

TELL_EVERY_S: Final = 1.0
"""So often is it said that the libraries are still being imported."""

_STUDIO: Final = "acestep_desktop.acestep.studio"


def create() -> "AceStepEngine":
    """Return the engine; quick, it loads nothing."""
    store = ModelStore(models_folder())
    store.tidy()
    return AceStepEngine(store, find_machine().vram_bytes)


class AceStepEngine:
    """Makes music with the models in a store. Same request, same machine: same samples.

    Without a wish, it chooses the model that suits a card of `vram_bytes`; None: no card.
    """

    def __init__(self, store: ModelStore, vram_bytes: int | None = None) -> None:
        self._store = store
        self._vram_bytes = vram_bytes
        self._studio: Studio | None = None
        self._held = ExitStack()

    @property
    def identity(self) -> EngineIdentity:
        """Who this is, with the model that would be used now."""
        try:
            return identity_of(self._store.find(vram_bytes=self._vram_bytes))
        except NoModelError:
            return EngineIdentity(name=NAME, version=__version__)

    def abilities(self) -> Abilities:
        """Return what the installed models can do."""
        return abilities_of([(model.kind, model.parts) for model in self._store.installed()])

    def estimate(self, request: Request) -> Estimate:
        """Return what `request` will cost with the model it asks for."""
        model = self._model_for(request)
        ready = self._studio is not None and self._studio.holds(model.hash)
        return estimated(request, model, loaded=ready)

    def generate(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Output]:
        """Make all variations, in order; audio is sent chunk by chunk, and the take replaces it."""
        model = self._model_for(request)
        if reason := _reason_against(model, request):
            raise TaskRefusedError(reason)
        yield Progress(0, 0.0, LOADING, 0, 1)
        studio = yield from self._opened()
        if not studio.holds(model.hash):
            self.unload()
            self._held.enter_context(self._store.hold(model))
        wish = Wish(request, understood(request))
        try:
            yield from studio.perform(wish, model.path, model.kind, identity_of(model), cancelled)
        finally:
            if not studio.holds(model.hash):
                self.unload()

    def unload(self) -> None:
        """Give the memory of the model back, and let it be removed."""
        if self._studio is not None:
            self._studio.forget()
        self._held.close()

    def _model_for(self, request: Request) -> InstalledModel:
        """Return the model that is asked for, else the most suited that can do the task."""
        if request.model is not None:
            return self._store.find(request.model)

        def able(model: InstalledModel) -> bool:
            return not _reason_against(model, request)

        return self._store.find(vram_bytes=self._vram_bytes, rather=able)

    def _opened(self) -> Generator[Progress, None, "Studio"]:
        if self._studio is None:
            # Torch takes seconds to import: only once there is something to do.
            _be_considerate()
            try:
                module = yield from _imported(_STUDIO)
            except ImportError as error:
                raise EngineMissingError(
                    "ACE-Step needs PyTorch, which is not to be had for this computer: "
                    "choose Sketch, the built-in engine."
                ) from error
            self._studio = module.Studio()
        studio: Studio = self._studio
        return studio


def _be_considerate() -> None:
    """Have torch's threads sleep while they wait for one another, unless the person says else.

    Threads that spin take the processor from the very thread they wait for, as
    soon as another program, such as the DAW, works too: decoding took ten times
    as long beside one busy program. To be called before torch is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _imported(name: str) -> Generator[Progress, None, Any]:
    """Import a module beside this thread and return it; say now and then that it goes on.

    On a slow machine that takes a minute, and an engine that says nothing is taken for hung.
    """
    importer = ThreadPoolExecutor(1, thread_name_prefix="importing")
    module = importer.submit(import_module, name)
    importer.shutdown(wait=False)
    while not wait([module], TELL_EVERY_S).done:
        yield Progress(0, 0.0, LOADING, 0, 1)
    return module.result()


def _reason_against(model: InstalledModel, request: Request) -> str | None:
    return reasons_against(model.kind, model.parts).get(type(request.task).__name__)


def identity_of(model: InstalledModel) -> EngineIdentity:
    """Return who makes a take with `model`."""
    revision = f"@{model.revision[:12]}" if model.revision else ""
    return EngineIdentity(
        name=NAME,
        version=__version__,
        model=f"{model.name}{revision}",
        model_hash=model.hash,
        licence=model.licence,
    )
