"""Takes that a project misses, found among other files by their sound."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import AudioFileError
from acestep_desktop.domain.project import Media
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.library.media import fits, media_name
from acestep_desktop.library.names import same_name
from acestep_desktop.library.verify import fingerprint

MAX_FILES: Final = 20_000
"""More WAVs than a folder of music has; a search through a whole disk ends here."""


@dataclass(frozen=True, slots=True)
class FoundTakes:
    """Where missing takes are; not `complete` where there were more files than are looked at."""

    paths: dict[TakeId, Path]
    complete: bool = True


def find_takes(
    missing: Sequence[Media],
    places: Sequence[Path],
    stopped: Callable[[], bool] = lambda: False,
) -> FoundTakes:
    """Return the files among `places`, or below those that are folders, that are missing takes.

    A file is a take only when its sound is that take's, to the last sample: its
    name does not matter, but files of the right name are tried first. The search
    ends early once `stopped` says so.
    """
    wanted = {media.take_id: media for media in missing}
    names = {same_name(media_name(media)) for media in missing}
    found: dict[TakeId, Path] = {}
    wavs = (path for place in places for path in _wavs(place, stopped))
    files = list(islice(wavs, MAX_FILES + 1))
    complete = len(files) <= MAX_FILES
    for path in sorted(files[:MAX_FILES], key=lambda path: same_name(path.name) not in names):
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
    return FoundTakes(found, complete or not wanted)


def _wavs(place: Path, stopped: Callable[[], bool]) -> Iterator[Path]:
    if not place.is_dir():
        yield place
        return
    for folder, inner, names in os.walk(place):
        if stopped():
            return
        inner[:] = sorted(name for name in inner if name[:1] != ".")
        yield from (Path(folder, name) for name in sorted(names) if name[-4:].lower() == ".wav")
