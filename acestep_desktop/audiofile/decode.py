"""Audio files as samples: WAV, FLAC, AIFF, OGG and MP3, in blocks, whatever their length."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from acestep_desktop.audiofile.errors import (
    RefusedAudioError,
    UnreadableAudioError,
    disk_errors,
    shown,
)
from acestep_desktop.audiofile.quiet import quiet_libraries
from acestep_desktop.audiofile.resample import (
    MAX_CHANNELS,
    MAX_RATE,
    MIN_RATE,
    downmixed,
    resampled,
    resampled_length,
)
from acestep_desktop.audiofile.samples import BLOCK_FRAMES, Samples, repaired
from acestep_desktop.audiofile.sniff import AudioFormat, format_of
from acestep_desktop.domain.time import SAMPLE_RATE

MAX_SECONDS: Final = 2 * 3600
"""Two hours: longer than any song, DJ set halves included."""

_FRAMES_PER_BYTE: Final[dict[AudioFormat, float]] = {
    "WAV": 1.0,
    "AIFF": 1.0,
    "FLAC": 6_600.0,
    "OGG": 8_192.0,
    "MP3": 64.0,
}
"""More frames than one byte of a file can hold: a FLAC frame of silence has 65,535 frames in
about 10 bytes, a Vorbis packet at most 8,192, an MP3 frame 1,152 in 24 or more."""

_PCM: Final = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
_PACKED: Final = ("VORBIS", "OPUS", "MPEG_LAYER_III", "MPEG_LAYER_II")
_SUBTYPES: Final = frozenset((*_PCM, *_PACKED))

_FROM_VORBIS: Final[dict[int, tuple[int, ...]]] = {
    3: (0, 2, 1),
    5: (0, 2, 1, 3, 4),
    6: (0, 2, 1, 5, 3, 4),
    7: (0, 2, 1, 6, 5, 3, 4),
    8: (0, 2, 1, 7, 5, 6, 3, 4),
}
"""WAV's order of channels out of that of OGG (Vorbis I specification, 4.3.9: the centre comes
second, the effects channel last), which the decoder leaves as it is."""

_PIECE: Final = 2_048

_UNDECODABLE: Final = (
    "cannot be read: it is damaged, or not what its name says. Use another copy, or save it as WAV."
)


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file says of its sound, checked against its size."""

    path: Path
    format: AudioFormat
    subtype: str
    frames: int
    channels: int
    sample_rate: int

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.frames / self.sample_rate

    @property
    def standard_frames(self) -> int:
        """How many frames it has at 48 kHz."""
        return resampled_length(self.frames, self.sample_rate, SAMPLE_RATE)


class Decoder:
    """The sound of one file, in blocks of at most 65,536 frames; iterate to the end.

    Samples that are no sound (NaN, Inf, +120 dBFS) become silence, and are counted in `repaired`.
    """

    def __init__(self, path: Path) -> None:
        self.info = open_audio(path)
        self.repaired = 0
        self.frames = 0

    def __iter__(self) -> Iterator[Samples]:
        """Yield the file's own samples, shape (frames, channels) in WAV's order, at its rate."""
        order = _FROM_VORBIS.get(self.info.channels) if self.info.format == "OGG" else None
        self.repaired = self.frames = 0
        with _opened(self.info.path, self.info.format) as sound:
            while self.frames < self.info.frames:
                block = _read(sound, min(BLOCK_FRAMES, self.info.frames - self.frames))
                if not len(block):
                    break
                self.frames += len(block)
                clean, wrong = repaired(block)
                self.repaired += wrong
                yield clean if order is None else clean[:, order]
        if self.frames == 0:
            raise _unreadable(self.info.path)

    def standard(self, frames: int | None = None) -> Iterator[Samples]:
        """Yield the sound as takes have it: 48 kHz, mono or stereo; `frames` as in `resampled`."""
        return resampled(downmixed(self), self.info.sample_rate, frames=frames)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was changed or was amiss, once all has been read."""
        notes = []
        if self.repaired:
            notes.append(f"{self.repaired:,} samples were no sound; they are silent now.")
        if self.frames < self.info.frames:
            notes.append(
                f"The file ends early: {self.frames:,} of {self.info.frames:,} frames are there."
            )
        if self.info.channels > 2:
            notes.append(f"{self.info.channels} channels were mixed to stereo (ITU-R BS.775).")
        if self.info.sample_rate != SAMPLE_RATE:
            notes.append(f"It was converted from {self.info.sample_rate:,} Hz to 48,000 Hz.")
        return tuple(notes)


def open_audio(path: Path) -> AudioInfo:
    """Return what `path` holds, or raise an AudioFileError that says why it is refused."""
    kind = format_of(path)
    with _opened(path, kind) as sound:
        info = AudioInfo(
            path, kind, str(sound.subtype), sound.frames, sound.channels, sound.samplerate
        )
    _check(info, path.stat().st_size)
    return info


def decode(path: Path) -> Decoder:
    """Return the sound of `path`, to be iterated; refused files raise an AudioFileError here."""
    return Decoder(path)


def read_all(path: Path) -> Samples:
    """Return all the sound of a short file at once, at its own rate and channels."""
    return np.concatenate(list(Decoder(path)))


def _check(info: AudioInfo, size: int) -> None:
    name = shown(info.path.name)
    if info.channels > MAX_CHANNELS:
        raise RefusedAudioError(
            f'"{name}" has {info.channels} channels; at most {MAX_CHANNELS} can be used. '
            "Split it into smaller files."
        )
    if info.subtype not in _SUBTYPES or info.channels < 1:
        raise _unreadable(info.path)
    if not MIN_RATE <= info.sample_rate <= MAX_RATE:
        raise RefusedAudioError(
            f'"{name}" claims {info.sample_rate:,} frames a second, which cannot be right. '
            "Use another copy of it."
        )
    if info.frames < 1:
        raise UnreadableAudioError(f'"{name}" holds no sound. Choose another file.')
    if info.frames > size * _FRAMES_PER_BYTE[info.format]:
        raise UnreadableAudioError(
            f'"{name}" claims more sound than so small a file can hold: it is damaged. '
            "Use another copy of it."
        )
    if info.duration_s > MAX_SECONDS:
        raise RefusedAudioError(
            f'"{name}" lasts {info.duration_s / 3600:.1f} hours; at most 2 can be used. '
            "Cut it into shorter files."
        )


@contextmanager
def _opened(path: Path, kind: AudioFormat) -> Iterator[Any]:
    import soundfile

    class Stream(soundfile.SoundFile):  # type: ignore[misc]
        """A file read from its beginning to its end."""

        def seekable(self) -> bool:
            """Say no: else every read ends with a seek, and MP3 is silent after a seek."""
            return False

    try:
        with disk_errors(path), _quiet(kind):
            # Bytes reach names that are no text; Windows has none of these.
            name = str(path) if sys.platform == "win32" else os.fsencode(path)
            sound = Stream(name)
    except (soundfile.LibsndfileError, RuntimeError, TypeError) as error:
        raise _unreadable(path) from error
    with sound:
        yield sound


def _read(sound: Any, frames: int) -> Samples:
    """Return the next frames; of a damaged file, those before the damage, then none.

    A decoder that meets damage loses the whole piece that it was asked for.
    """
    import soundfile

    block = np.empty((frames, sound.channels), np.float32)
    filled = 0
    with _quiet(sound.format):
        while filled < frames:
            try:
                piece = sound.read(out=block[filled : filled + _PIECE])
            except (soundfile.LibsndfileError, RuntimeError):
                break
            if not len(piece):
                break
            filled += len(piece)
    return block[:filled]


def _quiet(kind: str) -> AbstractContextManager[None]:
    return quiet_libraries() if kind == "MP3" else nullcontext()


def _unreadable(path: Path) -> UnreadableAudioError:
    return UnreadableAudioError(f'"{shown(path.name)}" {_UNDECODABLE}')
