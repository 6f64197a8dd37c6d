"""All models at a glance: what there is to have, what is here, and what suits this machine."""

from dataclasses import dataclass

from acestep_desktop.models.catalogue import CATALOGUE, CatalogueModel, fitting_model
from acestep_desktop.models.drafts import ARRIVING
from acestep_desktop.models.machine import Machine
from acestep_desktop.models.placing import in_words
from acestep_desktop.models.store import InstalledModel, ModelStore


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model as a person is told of it.

    `begun_bytes` have arrived of a download that was stopped. `bytes` is what it
    takes on the disk, or what there is to download. `suits` says in a few words
    how it would do on this machine; `best` is the one to begin with.
    """

    name: str
    label: str
    kind: str
    size: str
    installed: bool
    damaged: bool
    offered: bool
    begun_bytes: int
    bytes: int
    licence: str
    vram_bytes: int
    abilities: str
    needs: str
    fits: bool
    suits: str
    best: bool
    revision: str

    @property
    def state(self) -> str:
        """What is the case with it, in a few words."""
        if self.installed:
            return "on this disk"
        if self.damaged:
            return "damaged: verify or remove it"
        if self.begun_bytes:
            return f"begun: {in_words(self.begun_bytes)}"
        return "to download"


def overview(store: ModelStore, machine: Machine) -> tuple[ModelState, ...]:
    """Return every model of the catalogue, then those that are here beside it."""
    installed = {model.name: model for model in store.installed()}
    best = fitting_model(machine.vram_bytes, machine.memory_bytes).name
    found = [
        _offered(model, installed.pop(model.name, None), store, machine, best)
        for model in CATALOGUE
    ]
    return (*found, *(_beside(model, machine) for model in installed.values()))


def _offered(
    model: CatalogueModel,
    here: InstalledModel | None,
    store: ModelStore,
    machine: Machine,
    best: str,
) -> ModelState:
    return ModelState(
        name=model.name,
        label=model.label,
        kind=model.kind,
        size=model.size,
        installed=here is not None,
        damaged=here is None and model.name in store.names(),
        offered=True,
        begun_bytes=0 if here else _begun(store, model.name),
        bytes=here.bytes if here else model.download_bytes,
        licence=here.licence if here and here.licence else model.licence,
        vram_bytes=model.vram_bytes,
        abilities=model.abilities,
        needs=model.needs,
        fits=machine.fits(model),
        suits=machine.sentence(model),
        best=model.name == best,
        revision=here.revision if here else model.revision,
    )


def _beside(model: InstalledModel, machine: Machine) -> ModelState:
    """Return the state of a model under a name of the person's own."""
    like = next(
        entry for entry in CATALOGUE if (entry.kind, entry.size) == (model.kind, model.size)
    )
    return ModelState(
        name=model.name,
        label=model.label,
        kind=model.kind,
        size=model.size,
        installed=True,
        damaged=False,
        offered=False,
        begun_bytes=0,
        bytes=model.bytes,
        licence=model.licence or "not stated",
        vram_bytes=like.vram_bytes,
        abilities=like.abilities,
        needs=like.needs,
        fits=machine.fits(like),
        suits=machine.sentence(like),
        best=False,
        revision=model.revision,
    )


def _begun(store: ModelStore, name: str) -> int:
    """Return how much of a download that was stopped is on the disk."""
    total = 0
    for path in (store.draft_folder(name) / ARRIVING).rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total
