"""Weights downloaded from the hub into the store."""

import contextlib
import shutil
import time
from collections import deque
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import make_folder, temporary_name
from acestep_desktop.audiofile.errors import DiskError, disk_errors
from acestep_desktop.models.catalogue import CatalogueModel
from acestep_desktop.models.drafts import ARRIVING, MADE, alone_in, discard, own_bytes
from acestep_desktop.models.errors import ModelCancelledError
from acestep_desktop.models.hashing import Told, hash_file
from acestep_desktop.models.hub import Hub, Listing, RemoteFile
from acestep_desktop.models.importing import Origin, card_licence, fill, manifest_of
from acestep_desktop.models.inspecting import look_at
from acestep_desktop.models.placing import Placer, can_share, in_words, require_room
from acestep_desktop.models.store import InstalledModel, ModelStore
from acestep_desktop.models.transfer import Patience, fetch, is_there, keep, received_bytes

FETCHING: Final = 0.9
"""The share of a download that is the transfer; the rest is checking and converting."""

_NOTE_S: Final = 0.2
_NOTES: Final = 25
"""The speed is that of the last 25 notes, taken every 0.2 s."""


def download_model(
    store: ModelStore,
    model: CatalogueModel,
    told: Told | None = None,
    *,
    hub: Hub | None = None,
    patience: Patience | None = None,
) -> InstalledModel:
    """Download a model, from where the last try ended, and put it into the store.

    Room on the disk is checked before the first byte, every file against the hub's
    hash before it counts. `told` hears how far it is and may stop it; what has
    arrived is kept. DownloadError, NoRoomError and ModelCancelledError say the rest.
    """
    draft = store.draft_folder(model.name)
    told = told or (lambda fraction, label: True)
    with alone_in(draft):
        if not told(0.0, "asking the hub"):
            raise ModelCancelledError("Cancelled.")
        listing = (hub or Hub()).list_files(model)
        arriving, made = draft / ARRIVING, draft / MADE
        discard(made)
        require_room(store.folder, room_wanted(store, model, listing, arriving))
        _fetch_all(store, listing, arriving, _Speedometer(listing, told), patience)
        installed = _install(store, model, listing, arriving, made, told)
        discard(draft)
    return installed


def room_wanted(store: ModelStore, model: CatalogueModel, listing: Listing, arriving: Path) -> int:
    """Return how much the disk must still hold: what is to come, is converted, or is copied.

    Files that another model has are shared, and so are those that have arrived,
    where the disk can.
    """
    shares = can_share(arriving)
    coming = sum(
        file.size - received_bytes(file, arriving)
        for file in listing.files
        if not (shares and _known(store, file))
    )
    checkpoint = f"{model.sources[0].into}/" if model.layout == "original" else None
    return coming + sum(
        file.size
        for file in listing.files
        if not shares or (checkpoint and file.path.startswith(checkpoint))
    )


def forget_download(store: ModelStore, model: CatalogueModel) -> int:
    """Delete what has arrived of a model that is not whole; return how many bytes that frees."""
    draft = store.draft_folder(model.name)
    if not draft.is_dir():
        return 0
    with alone_in(draft):
        size = own_bytes(draft)
        discard(draft)
    return size


def _fetch_all(
    store: ModelStore,
    listing: Listing,
    arriving: Path,
    speedometer: "_Speedometer",
    patience: Patience | None,
) -> None:
    # Small files first: what a folder is shows before its gigabytes come.
    for file in sorted(listing.files, key=lambda file: file.size):
        speedometer.turn_to(file)
        if not is_there(file, arriving) and not _take_over(store, file, arriving):
            fetch(file, arriving, speedometer.hear, patience)
        speedometer.finish()


def _take_over(store: ModelStore, file: RemoteFile, arriving: Path) -> bool:
    """Share a file that another model in the store has; False if none has it."""
    known = _known(store, file)
    if known is None:
        return False
    target = arriving / file.path
    make_folder(target.parent)
    copy = target.with_name(temporary_name(target.name))
    try:
        with disk_errors(copy):
            try:
                copy.hardlink_to(known)
            except OSError:
                shutil.copyfile(known, copy)
        if hash_file(copy) != file.digest:
            return False
        keep(file, copy, target)
    except DiskError:
        return False
    finally:
        with contextlib.suppress(OSError):
            copy.unlink()
    return True


def _known(store: ModelStore, file: RemoteFile) -> Path | None:
    return None if file.is_blob else store.file_with(file.digest, file.size)


def _install(
    store: ModelStore,
    model: CatalogueModel,
    listing: Listing,
    arriving: Path,
    made: Path,
    told: Told,
) -> InstalledModel:
    own = arriving / model.sources[0].into if model.layout == "original" else arriving
    look = look_at(own)

    def tell(fraction: float, label: str) -> bool:
        return told(FETCHING + (1 - FETCHING) * fraction, f"putting {label} in place")

    placer: Placer = fill(made, look, tell)
    origin = Origin(
        repo=model.repo,
        revision=listing.commit,
        licence=card_licence(own) or model.licence,
        label=model.label,
        kind=model.kind,
    )
    return store.commit(made, manifest_of(model.name, look, origin, placer))


class _Speedometer:
    """Tells how much has arrived, and how fast."""

    def __init__(self, listing: Listing, told: Told) -> None:
        self._told = told
        self._total = max(1, listing.bytes)
        self._before = 0
        self._file: RemoteFile | None = None
        self._recent: deque[tuple[float, int]] = deque(maxlen=_NOTES)
        self._noted_at = 0.0
        self._label = ""

    def turn_to(self, file: RemoteFile) -> None:
        """Say which file is next."""
        self._file = file
        self.hear(0)

    def finish(self) -> None:
        """Say that the file is whole."""
        if self._file is not None:
            self.hear(self._file.size)
            self._before += self._file.size

    def hear(self, size: int) -> bool:
        """Take note that `size` bytes of the file are there; return whether to go on."""
        now, done = time.monotonic(), self._before + size
        if now - self._noted_at >= _NOTE_S or size in (0, self._file.size if self._file else 0):
            self._noted_at = now
            self._recent.append((now, done))
            self._label = f"{in_words(done)} of {in_words(self._total)}{self._speed()}"
        return self._told(FETCHING * done / self._total, self._label)

    def _speed(self) -> str:
        (first, had), (last, have) = self._recent[0], self._recent[-1]
        if last - first < 0.5 or have <= had:
            return ""
        return f", {in_words(round((have - had) / (last - first)))}/s"
