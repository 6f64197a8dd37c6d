"""How a take's files come to be: written aside, then put in place, stems before the mix."""

import contextlib
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from acestep_desktop.audiofile.atomic import (
    Draft,
    make_folder,
    sweep_leftovers,
    sync_folder,
    temporary_name,
)
from acestep_desktop.audiofile.errors import UnreadableAudioError, disk_errors
from acestep_desktop.audiofile.metadata import WavMetadata
from acestep_desktop.audiofile.samples import BLOCK_FRAMES, Blocks, Samples, repaired
from acestep_desktop.audiofile.wav import DATA_OFFSET, WavWriter, write_wav
from acestep_desktop.domain.recipe import Take, TakeId
from acestep_desktop.domain.time import Frame
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.listening import SoundFacts
from acestep_desktop.library.names import safe_name
from acestep_desktop.library.record import record_of

MAX_STEMS: Final = 64

_UNFINISHED: Final = ".unfinished"
"""Lies in a folder of stems until the mix is in place: without a mix, such a folder is swept."""


class SoundDraft:
    """A take's mix in the making: the sound first, then, when it is known, what it is."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._writer: WavWriter | None = None
        self._hash = hashlib.blake2b(digest_size=16)
        self._facts: SoundFacts | None = None
        self.repaired = 0
        self.channels = 0

    def adopt(self, facts: SoundFacts) -> None:
        """Take over the raw audio that the draft is already."""
        self._facts = facts
        self.channels = facts.channels
        self._writer = WavWriter(self._draft, channels=facts.channels, frames=facts.frames)

    def fill(self, audio: Blocks) -> None:
        """Write all of `audio`; samples that are no sound become silence, and are counted."""
        for block in audio:
            if self._writer is None:
                self.channels = block.shape[1] if block.ndim == 2 else 1
                self._writer = WavWriter(self._draft, channels=self.channels)
            sound, wrong = repaired(block)
            self.repaired += wrong
            clean = np.ascontiguousarray(sound, dtype="<f4")
            self._hash.update(clean.data)
            self._writer.write(clean)

    @property
    def frames(self) -> Frame:
        """How much has been written."""
        return Frame(0 if self._writer is None else self._writer.frames)

    @property
    def take_id(self) -> TakeId:
        """The name of exactly this sound."""
        return TakeId(self._hash.hexdigest()) if self._facts is None else self._facts.take_id

    def sound(self) -> Iterator[Samples]:
        """Return what was written, in blocks; UnreadableAudioError if that is nothing."""
        if not self.frames:
            raise UnreadableAudioError("There is no sound in this take. Make it again.")
        return self._written()

    def _written(self) -> Iterator[Samples]:
        # Read, not mapped: a map of two hours would count as memory of this process.
        with disk_errors(self._draft.path), self._draft.path.open("rb") as file:
            file.seek(DATA_OFFSET)
            left = int(self.frames)
            while left:
                block = np.fromfile(file, "<f4", min(left, BLOCK_FRAMES) * self.channels)
                left -= min(left, BLOCK_FRAMES)
                yield block.reshape(-1, self.channels)

    def finish(self, take: Take) -> None:
        """Write what the take is, and have the disk keep it all."""
        if self._writer is not None:
            self._writer.finish(metadata_of(take))
        self._draft.seal()


def metadata_of(take: Take) -> WavMetadata:
    """Return what a take's WAV says of it, to DAWs and to us."""
    return WavMetadata(
        title=take.title,
        comment="" if take.recipe is None else take.recipe.request.prompt.caption,
        created=take.created,
        music=take.music,
        record=record_of(take),
    )


def write_stem(folder: Path, number: int, name: str, audio: Blocks, take: Take) -> Path:
    """Write a take's stem of this number, from 1, into `folder`; return its file."""
    path = folder / stem_file(number, name)
    if write_wav(path, audio, metadata=stem_metadata(take, name)) != take.frames:
        raise LibraryError(f'The stem "{name}" is not as long as its mix. Make the take again.')
    return path


def stem_file(number: int, name: str) -> str:
    """Return the name of the file of the stem of this number, from 1."""
    return f"{number:02d} {safe_name(name, 60) or 'Stem'}.wav"


def stem_metadata(take: Take, name: str) -> WavMetadata:
    """Return what the WAV of a take's stem says of it."""
    return WavMetadata(title=f"{take.title} – {name}", music=take.music)


class StemsDraft:
    """A take's stems, written aside; `publish` puts the whole folder in its place."""

    def __init__(self, folders: Folders, name: str) -> None:
        self._folders = folders
        self._path = folders.stems / temporary_name(name)
        self.files: list[tuple[str, str]] = []

    def fill(self, take: Take, stems: Sequence[tuple[str, Blocks]]) -> None:
        """Write the stems, named `01 Drums.wav` and so on, with the take's tempo and key inside."""
        if not stems:
            return
        self._begin(len(stems))
        for number, (name, audio) in enumerate(stems, 1):
            self.files.append((name, write_stem(self._path, number, name, audio, take).name))

    def adopt(self, stems: Sequence[tuple[str, Draft]]) -> None:
        """Take over stems that are written and sealed already; they get names as in `fill`."""
        if not stems:
            return
        self._begin(len(stems))
        for number, (name, draft) in enumerate(stems, 1):
            file = stem_file(number, name)
            draft.move(self._path / file)
            self.files.append((name, file))
        sync_folder(self._path)

    @contextmanager
    def publishing(self, name: str, together: Executor) -> Iterator[None]:
        """Put the folder in place as the stems of the take of this name, then the mix in the block.

        The disk is asked to keep both names at once: it keeps them in their order.
        """
        if not self.files:
            yield
            return
        with disk_errors(self._path):
            self._path.rename(self._folders.stems / name)
        kept = together.submit(sync_folder, self._folders.stems)
        try:
            yield
        finally:
            wait((kept,))

    def withdraw(self, name: str) -> None:
        """Take the folder back from its place: the mix could not have that name."""
        if self.files:
            with disk_errors(self._path):
                (self._folders.stems / name).rename(self._path)

    def finish(self, name: str) -> None:
        """Note that the mix is in place as well."""
        if self.files:
            with contextlib.suppress(OSError):
                (self._folders.stems / name / _UNFINISHED).unlink()

    def _begin(self, count: int) -> None:
        if count > MAX_STEMS:
            raise LibraryError(f"A take can have {MAX_STEMS} stems, not {count}.")
        make_folder(self._path)
        with disk_errors(self._path):
            (self._path / _UNFINISHED).touch()

    def discard(self) -> None:
        """Remove what was not published."""
        if self.files or self._path.exists():
            shutil.rmtree(self._path, ignore_errors=True)


def disk_workers() -> Executor:
    """Return threads that let files wait for the disk at the same time."""
    return ThreadPoolExecutor(8, thread_name_prefix="disk")


@contextmanager
def adopting(
    parts: StemsDraft, stems: Sequence[tuple[str, Draft]], together: Executor
) -> Iterator[None]:
    """Seal stems side by side and take them over, while the block runs."""
    sealed = [together.submit(draft.seal) for _, draft in stems]

    def adopt() -> None:
        for each in sealed:
            each.result()
        parts.adopt(stems)

    adopted = together.submit(adopt)
    try:
        yield
    finally:
        wait((*sealed, adopted))
    adopted.result()


@contextmanager
def stems_draft(folders: Folders, name: str) -> Iterator[StemsDraft]:
    """Give a place for stems; it is removed at the end unless it was published."""
    draft = StemsDraft(folders, name)
    try:
        yield draft
    finally:
        draft.discard()


def sweep(folders: Folders) -> int:
    """Remove what dead processes left unfinished; return how many files and folders."""
    swept = sum(sweep_leftovers(folder) for folder in folders.drafts)
    for stems in _unfinished(folders.stems):
        if (folders.takes / f"{stems.name}.wav").exists():
            with contextlib.suppress(OSError):
                (stems / _UNFINISHED).unlink()
        else:
            shutil.rmtree(stems, ignore_errors=True)
            swept += 1
    return swept


def _unfinished(folder: Path) -> list[Path]:
    try:
        folders = [entry for entry in folder.iterdir() if entry.name[:1] != "."]
    except OSError:
        return []
    return [stems for stems in folders if (stems / _UNFINISHED).exists()]
