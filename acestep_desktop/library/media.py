"""Where a project's takes are: in the library, or beside the project file."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from acestep_desktop.audiofile.errors import AudioFileError
from acestep_desktop.audiofile.wav import read_layout
from acestep_desktop.domain.project import Media, Project
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.stored import StoredTake, TakeQuery
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.library.verify import fingerprint, read_take


@dataclass(frozen=True, slots=True)
class ResolvedMedia:
    """The files of a project's takes, and the takes whose files were not found."""

    paths: dict[TakeId, Path]
    missing: tuple[Media, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each take that is missing."""
        return tuple(
            f'"{media_name(media)}" is missing: its clips are silent. '
            "Put the file back into the library, or import it again."
            for media in self.missing
        )


def media_name(media: Media) -> str:
    """Return the name of a take's file, as a person knows it."""
    return PureWindowsPath(media.path).name or media.take_id


def media_of_take(take: StoredTake, project_path: Path | None = None) -> Media:
    """Return how a project names a kept take; `project_path` is where the project is saved."""
    place = str(take.path)
    if project_path is not None:
        folder = project_path.absolute().parent
        if take.path.is_relative_to(folder.parent):
            place = Path(os.path.relpath(take.path, folder)).as_posix()
    return Media(take.take_id, place, take.frames, take.channels)


def resolve_media(project: Project, project_path: Path, library: TakeLibrary) -> ResolvedMedia:
    """Return where the takes of `project` are now.

    The library is asked first: a take is known by its id, wherever it went. Then
    the path in the project is tried, but only below the project's folder or its
    parent, and only if the sound there is that take: a project from a stranger
    cannot make the program open just any file.
    """
    there = {take.take_id: take for take in library.search(TakeQuery(trashed=None))}
    paths, missing = {}, []
    for media in project.media:
        stored = there.get(media.take_id)
        if stored is not None and fits(stored.path, media):
            paths[media.take_id] = stored.path
            continue
        beside = _beside(media, project_path)
        if beside is None:
            missing.append(media)
        else:
            paths[media.take_id] = beside
    return ResolvedMedia(paths, tuple(missing))


def _beside(media: Media, project_path: Path) -> Path | None:
    parts = PurePosixPath(media.path.replace("\\", "/")).parts
    if not parts or "\0" in media.path or PureWindowsPath(media.path).drive:
        return None
    folder = project_path.absolute().parent
    try:
        path = (folder / Path(*parts)).resolve()
        inside = path.is_relative_to(folder.parent.resolve()) and path.is_file()
    except (OSError, ValueError):
        return None
    return path if inside and fits(path, media) and _is_take(path, media.take_id) else None


def fits(path: Path, media: Media) -> bool:
    """Return whether a file has the shape of a take; its sound was not looked at."""
    try:
        layout = read_layout(path)
    except AudioFileError:
        return False
    shape = (layout.frames, layout.channels, layout.depth, layout.sample_rate)
    return layout.whole and shape == (media.frames, media.channels, "32f", SAMPLE_RATE)


def _is_take(path: Path, take_id: TakeId) -> bool:
    try:
        if read_take(path).take_id == take_id:
            return True
    except (AudioFileError, LibraryError):
        pass  # a file without a record can still have the sound
    try:
        return fingerprint(path) == take_id
    except AudioFileError:
        return False
