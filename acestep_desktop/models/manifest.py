"""The manifest: a small file beside the weights that says what they are and how whole they are."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from acestep_desktop.audiofile.atomic import write_atomically
from acestep_desktop.audiofile.errors import disk_errors
from acestep_desktop.domain.codec import dumps, from_json, loads
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.models.catalogue import Layout, ModelKind, ModelSize
from acestep_desktop.models.errors import DamagedModelError

MANIFEST: Final = "acestep-model.json"
VERSION: Final = 1
MAX_BYTES: Final = 4 * 2**20


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: its place, with slashes, its size, and the SHA-256 of its bytes."""

    path: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        """Refuse a place outside the model's folder."""
        if not is_inside(self.path):
            raise InvalidValueError(f'a model cannot have the file "{self.path[:80]}"')


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a model in its folder.

    `repo` and `revision` say where it came from, or are empty; `layout` is how it
    lay there.
    """

    name: str
    label: str
    variant: ModelKind
    size: ModelSize
    repo: str
    revision: str
    layout: Layout
    licence: str
    files: tuple[ModelFile, ...]
    version: int = VERSION

    @property
    def bytes(self) -> int:
        """How much of the disk the files take."""
        return sum(file.size for file in self.files)

    @property
    def hash(self) -> str:
        """A short name for exactly these bytes in these files."""
        digest = hashlib.blake2b(digest_size=16)
        for file in sorted(self.files, key=lambda file: file.path):
            digest.update(f"{file.path}\0{file.size}\0{file.sha256}\n".encode())
        return digest.hexdigest()


def is_inside(path: str) -> bool:
    """Return whether a place with slashes stays in the folder that it starts from."""
    parts = PurePosixPath(path).parts
    strange = any(sign in path for sign in ("\\", "\0", ":"))
    return bool(parts) and not strange and ".." not in parts and not path.startswith("/")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in `folder`; DamagedModelError if it cannot be read."""
    path = folder / MANIFEST
    with disk_errors(path), path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    try:
        manifest = from_json(Manifest, loads(data))
        if manifest.version != VERSION:
            raise InvalidValueError("it was written by a newer version of this program")
    except InvalidValueError as error:
        raise DamagedModelError(
            f'The list of files of the model in "{folder}" cannot be read ({error}). '
            f"Import or download the model again."
        ) from error
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into `folder`, whole or not at all."""
    with write_atomically(folder / MANIFEST) as file:
        file.write(dumps(manifest).encode() + b"\n")
