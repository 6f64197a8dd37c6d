"""The store: the models in one folder, each whole or not there."""

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import make_folder, sweep_leftovers, temporary_name
from acestep_desktop.audiofile.errors import BusyError, DiskError, disk_errors, shown
from acestep_desktop.audiofile.locking import locked, try_lock
from acestep_desktop.models.catalogue import (
    CATALOGUE,
    ModelKind,
    ModelSize,
    fitting_model,
)
from acestep_desktop.models.drafts import discard, own_bytes, sweep_drafts
from acestep_desktop.models.errors import (
    DamagedModelError,
    ModelError,
    ModelInUseError,
    NoModelError,
)
from acestep_desktop.models.hashing import Meter, Told, hash_file
from acestep_desktop.models.inspecting import look_at
from acestep_desktop.models.manifest import MANIFEST, Manifest, read_manifest, write_manifest

DRAFTS: Final = ".drafts"
_USERS: Final = ".in-use"
_LOCK: Final = ".lock"
_REPLACED_END: Final = ".replaced"
_REPLACED: Final = f".{{}}{_REPLACED_END}"
"""How a model's folder is called from when it makes room until another has its place."""

_WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model in the diffusers layout, ready to be loaded from `path` without the network.

    `parts` are the names of its pipeline's components; `hash` names exactly these
    bytes. `revision` and `licence` are empty where nobody knows them.
    """

    name: str
    label: str
    path: Path
    kind: ModelKind
    size: ModelSize
    repo: str
    revision: str
    licence: str
    hash: str
    bytes: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what it was: its place in the model, and what is wrong with it."""

    path: str
    what: str


class ModelStore:
    """The models in `folder`. Several processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def installed(self) -> tuple[InstalledModel, ...]:
        """Return the models that are whole, those of the catalogue first, in its order."""
        order = {model.name: place for place, model in enumerate(CATALOGUE)}
        found = [model for path in self._folders() if (model := _read(path)) is not None]
        return tuple(sorted(found, key=lambda m: (order.get(m.name, len(order)), m.name)))

    def names(self) -> tuple[str, ...]:
        """Return the names of all models that were kept here, damaged ones too."""
        return tuple(path.name for path in self._folders())

    def find(
        self,
        name: str | None = None,
        *,
        vram_bytes: int | None = None,
        rather: Callable[[InstalledModel], bool] = lambda model: True,
    ) -> InstalledModel:
        """Return the model called `name`, or in the folder of that path.

        Without a name, the one most suited to a card of `vram_bytes` (None: no
        card), of those that are `rather` wanted if there are any. NoModelError says
        what to do where there is none.
        """
        models = self.installed()
        if name is not None:
            return self._named(name, models)
        if not models:
            model = fitting_model(vram_bytes)
            raise NoModelError(
                "ACE-Step has no weights on this disk yet. Get them with: acestep-desktop models "
                f"download {model.name}, or choose a folder that has some: acestep-desktop models "
                "import FOLDER (ACESTEP_MODELS names the folder they are kept in)."
            )
        return min(models, key=lambda model: (not rather(model), *_suits(model, vram_bytes)))

    def verify(self, name: str, told: Told | None = None) -> tuple[Damage, ...]:
        """Compare every byte of a model with what it was; return the files that are damaged."""
        folder = self._kept(name)
        manifest = read_manifest(folder)
        meter = Meter(manifest.bytes, told)
        found = []
        for file in manifest.files:
            what = _damage_of(folder / file.path, file.size, file.sha256, meter, file.path)
            if what:
                found.append(Damage(file.path, what))
        return tuple(found)

    def remove(self, name: str) -> int:
        """Delete a model that nobody uses; return how many bytes that frees.

        ModelInUseError, and no change, while an engine holds it.
        """
        path = self._kept(name)
        with self.alone():
            if self._is_used(path.name):
                raise ModelInUseError(
                    f'The model "{path.name}" is in use: unload the engine, or close the other '
                    "window, and try again."
                )
            away = self.folder / temporary_name(path.name)
            with disk_errors(path):
                path.rename(away)
        freed = own_bytes(away)
        discard(away)
        return freed

    @contextmanager
    def hold(self, model: InstalledModel) -> Iterator[InstalledModel]:
        """Keep a model from being removed while the block runs; it ends with the process, too.

        NoModelError if it is gone already. A folder that cannot be written is not locked.
        """
        descriptor, path = None, None
        try:
            with self.alone():
                _require_there(model)
                path = self._users(model.name) / f"{os.getpid()}-{secrets.token_hex(4)}"
                make_folder(path.parent)
                with disk_errors(path):
                    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
                try_lock(descriptor)
        except DiskError:
            _require_there(model)
        try:
            yield model
        finally:
            if descriptor is not None:
                os.close(descriptor)
            if path is not None:
                with contextlib.suppress(OSError):
                    path.unlink()

    def draft_folder(self, name: str) -> Path:
        """Return where a model grows before it is whole; the next attempt finds it there."""
        return self.folder / DRAFTS / name

    def commit(self, draft: Path, manifest: Manifest) -> InstalledModel:
        """Make the whole folder `draft` the model of its manifest, in place of one so called."""
        write_manifest(draft, manifest)
        target = self.folder / manifest.name
        with self.alone():
            if self._is_used(manifest.name):
                raise ModelInUseError(
                    f'The model "{manifest.name}" is in use: unload the engine and try again.'
                )
            old = self._end_replacements()
            try:
                with disk_errors(target):
                    if target.exists():
                        target.rename(self.folder / _REPLACED.format(manifest.name))
                    draft.rename(target)
            finally:
                old += self._end_replacements()
        discard(*old)
        model = _read(target)
        if model is None:
            raise DamagedModelError(f'The model "{manifest.name}" was changed while it was kept.')
        return model

    def file_with(self, sha256: str, size: int) -> Path | None:
        """Return a file of an installed model that has these bytes by its manifest, or None."""
        for path in self._folders():
            with contextlib.suppress(DamagedModelError, DiskError):
                for file in read_manifest(path).files:
                    if file.sha256 == sha256 and file.size == size:
                        return path / file.path
        return None

    def free_bytes(self) -> int:
        """Return how much room the disk of this folder has; 0 where nobody knows."""
        place = self.folder
        while not place.exists() and place != place.parent:
            place = place.parent
        try:
            return shutil.disk_usage(place).free
        except OSError:
            return 0

    def tidy(self) -> None:
        """Bring back a model whose replacement was cut short, and delete what else was."""
        if self._replaced():
            with contextlib.suppress(DiskError, ModelInUseError):
                with self.alone():
                    old = self._end_replacements()
                discard(*old)
        sweep_leftovers(self.folder)
        sweep_drafts(self.folder / DRAFTS)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock of the whole store, for a moment."""
        make_folder(self.folder)
        path = self.folder / _LOCK
        with disk_errors(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            with locked(descriptor, path, _WAIT_S):
                yield
        except BusyError as error:
            raise ModelInUseError("Another window is changing the models: try again.") from error
        finally:
            os.close(descriptor)

    def _replaced(self) -> list[Path]:
        """Return the folders of models that were about to be replaced."""
        return [path for path in self.folder.glob(_REPLACED.format("*")) if path.is_dir()]

    def _end_replacements(self) -> list[Path]:
        """Give a model its name back where none came in its place; return the folders of others."""
        old = []
        for path in self._replaced():
            target = self.folder / path.name.removeprefix(".").removesuffix(_REPLACED_END)
            away = self.folder / temporary_name(target.name)
            with disk_errors(target):
                if target.exists():
                    path.rename(away)
                    old.append(away)
                else:
                    path.rename(target)
        return old

    def _kept(self, name: str) -> Path:
        """Return the folder of a model of this store, whole or not."""
        if name in self.names():
            return self.folder / name
        raise NoModelError(
            f'There is no model "{shown(name)}" in {self.folder}. See: acestep-desktop models list'
        )

    def _named(self, name: str, models: tuple[InstalledModel, ...]) -> InstalledModel:
        for model in models:
            if model.name == name.strip() or str(model.path) == name:
                return model
        path = Path(name).expanduser()
        if path.is_dir():
            return open_folder(path)
        have = ", ".join(model.name for model in models) or "none yet"
        raise NoModelError(
            f'The model "{shown(name)}" is not on this disk (there: {have}). '
            "See: acestep-desktop models list"
        )

    def _folders(self) -> list[Path]:
        try:
            with os.scandir(self.folder) as entries:
                names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
        except OSError:
            return []
        folders = [self.folder / name for name in names]
        return [folder for folder in folders if (folder / MANIFEST).is_file()]

    def _users(self, name: str) -> Path:
        return self.folder / _USERS / name

    def _is_used(self, name: str) -> bool:
        """Return whether a living process holds the model; sweep away those that died."""
        try:
            paths = list(self._users(name).iterdir())
        except OSError:
            return False
        held = [_is_locked(path) for path in paths]
        return any(held)


def open_folder(path: Path) -> InstalledModel:
    """Return the model in a folder outside any store, in the diffusers layout.

    Its hash is of the names and sizes of its files and of its configs, so that
    opening it stays quick.
    """
    if (path / MANIFEST).is_file():
        model = _read(path)
        if model is not None:
            return model
    look = look_at(path)
    if look.layout != "diffusers":
        raise NoModelError(
            f'"{shown(str(path))}" is in the original layout: import it first with '
            f"acestep-desktop models import {path}"
        )
    digest, total = hashlib.blake2b(digest_size=16), 0
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        size = file.stat().st_size
        total += size
        digest.update(f"{file.relative_to(path).as_posix()}\0{size}\n".encode())
        if file.suffix == ".json":
            digest.update(file.read_bytes())
    return InstalledModel(
        name=path.name,
        label=path.name,
        path=path,
        kind=look.kind,
        size=look.size,
        repo="",
        revision="",
        licence="",
        hash=digest.hexdigest(),
        bytes=total,
        parts=look.parts,
    )


def _read(folder: Path) -> InstalledModel | None:
    try:
        manifest, look = read_manifest(folder), look_at(folder)
    except (ModelError, DiskError):
        return None
    return InstalledModel(
        name=folder.name,
        label=manifest.label,
        path=folder,
        kind=manifest.variant,
        size=manifest.size,
        repo=manifest.repo,
        revision=manifest.revision,
        licence=manifest.licence,
        hash=manifest.hash,
        bytes=manifest.bytes,
        parts=look.parts,
    )


def _suits(model: InstalledModel, vram_bytes: int | None) -> tuple[bool, int, str]:
    """Return a key by which the model that suits a card best comes first."""
    wanted = fitting_model(vram_bytes)
    kinds = ("turbo", "sft", "base")
    return model.size != wanted.size, kinds.index(model.kind), model.name


def _require_there(model: InstalledModel) -> None:
    if not (model.path / "model_index.json").is_file():
        raise NoModelError(f"{model.label} was removed: choose another model.")


def _damage_of(path: Path, size: int, sha256: str, meter: Meter, label: str) -> str:
    try:
        have = path.stat().st_size
    except OSError:
        return "missing"
    if have != size:
        return f"{have} bytes instead of {size}"
    try:
        return "" if hash_file(path, meter, label) == sha256 else "other bytes than it had"
    except DiskError as error:
        return str(error)


def _is_locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        if not try_lock(descriptor):
            return True
    finally:
        os.close(descriptor)
    with contextlib.suppress(OSError):
        path.unlink()
    return False
