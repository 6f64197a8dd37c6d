"""Whether a take's files are what they were when they were kept."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from acestep_desktop.audiofile.errors import AudioFileError, shown
from acestep_desktop.audiofile.samples import Samples, blocks_of
from acestep_desktop.audiofile.wav import map_wav, read_wav_metadata
from acestep_desktop.domain.recipe import Take, TakeId
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.record import read_record
from acestep_desktop.library.stored import StoredTake


@dataclass(frozen=True, slots=True)
class Problem:
    """Something amiss with a take, in a sentence."""

    take_id: TakeId
    path: Path
    reason: str


def read_take(path: Path) -> Take:
    """Return the record in the WAV at `path`; RecordError or an AudioFileError says why not."""
    return read_record(read_wav_metadata(path)[0].record)


def fingerprint(path: Path) -> TakeId:
    """Return the id of the sound in one of our WAVs."""
    return sound_id(map_wav(path))


def sound_id(sound: Samples) -> TakeId:
    """Return the name of exactly this sound: BLAKE2b of its samples."""
    digest = hashlib.blake2b(digest_size=16)
    for block in blocks_of(sound):
        digest.update(np.ascontiguousarray(block).data)
    return TakeId(digest.hexdigest())


def problems_of(take: StoredTake) -> list[Problem]:
    """Return what is amiss with a take's mix, record and stems; it reads them whole."""
    reasons = [(take.path, reason) for reason in _mix_reasons(take)]
    for stem in take.stems:
        try:
            frames = len(map_wav(stem.path))
        except AudioFileError as error:
            reasons.append((stem.path, str(error)))
            continue
        if frames != take.frames:
            reasons.append((stem.path, f'The stem "{shown(stem.name)}" is not as long as its mix.'))
    return [Problem(take.take_id, path, reason) for path, reason in reasons]


def _mix_reasons(take: StoredTake) -> list[str]:
    name = shown(take.path.name)
    try:
        if fingerprint(take.path) != take.take_id:
            return [f'The sound in "{name}" is not what was kept: it was changed or damaged.']
        if read_take(take.path).take_id != take.take_id:
            return [f'The record in "{name}" is that of another take.']
    except (AudioFileError, LibraryError) as error:
        return [str(error)]
    return []
