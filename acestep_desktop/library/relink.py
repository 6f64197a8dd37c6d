"""Takes that a project misses, found among other files by their sound."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PureWindowsPath
from typing import Final

from acestep_desktop.audiofile.errors import AudioFileError
from acestep_desktop.domain.project import Media
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.library.media import fits
from acestep_desktop.library.names import same_name
from acestep_desktop.library.verify import fingerprint

MAX_FILES: Final = 20_000
"""More WAVs than a folder of music has; a search through a whole disk ends here."""


def media_name(media: Media) -> str:
    """Return the name of the file that a project misses, as a person knows it."""
    return PureWindowsPath(media.path).name or media.take_id


def find_takes(
    missing: Sequence[Media],
    places: Sequence[Path],
    stopped: Callable[[], bool] = lambda: False,
) -> dict[TakeId, Path]:
    """Return the files among `places`, or below those that are folders, that are missing takes.

    A file is a take only when its sound is that take's, to the last sample: its
    name does not matter, but files of the right name are tried first. The search
    ends early once `stopped` says so.
    """
    wanted = {media.take_id: media for media in missing}
    names = {same_name(media_name(media)) for media in missing}
    found: dict[TakeId, Path] = {}
    for path in sorted(_files_in(places), key=lambda path: same_name(path.name) not in names):
        if not wanted or stopped():
            break
        if not any(fits(path, media) for media in wanted.values()):
            continue
        try:
            take_id = fingerprint(path)
        except AudioFileError:
            continue
        if wanted.pop(take_id, None) is not None:
            found[take_id] = path
    return found


def _files_in(places: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in (path for place in places for path in _wavs(place)):
        files.append(path)
        if len(files) == MAX_FILES:
            break
    return files


def _wavs(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    for folder, inner, names in os.walk(place):
        inner[:] = sorted(name for name in inner if name[:1] != ".")
        yield from (Path(folder, name) for name in sorted(names) if name[-4:].lower() == ".wav")
