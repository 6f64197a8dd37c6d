"""Any audio file on its way to become a take, and what it says of its music."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from acestep_desktop.audiofile.decode import AudioInfo, decode
from acestep_desktop.audiofile.metadata import AcidFacts, WavMetadata
from acestep_desktop.audiofile.samples import Samples
from acestep_desktop.audiofile.wav import read_wav_metadata
from acestep_desktop.domain.recipe import Measured, Music, Take
from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.library.errors import RecordError
from acestep_desktop.library.keeping import SoundDraft
from acestep_desktop.library.names import UNTITLED, checked_bars, read_name, safe_name
from acestep_desktop.library.record import read_record

_T = TypeVar("_T")


class Import:
    """One audio file: its sound as takes have it, and the take that it becomes."""

    def __init__(self, path: Path, title: str = "") -> None:
        self._decoder = decode(path)
        metadata, acid = WavMetadata(), AcidFacts()
        if self._decoder.info.format == "WAV":
            metadata, acid = read_wav_metadata(path)
        self._original = _record(metadata.record)
        name, from_name = read_name(path.stem)
        self._title = title
        self._own_title = name if metadata.title in ("", UNTITLED) else metadata.title
        self._music = _claims(self._decoder.info, self._original, acid, from_name)

    def blocks(self) -> Iterator[Samples]:
        """Yield the sound: 48 kHz, mono or stereo; a loop is as long as its bars to the frame."""
        return self._decoder.standard(frames=self._music.loop_frames())

    def take(self, sound: SoundDraft, facts: Measured, created: str) -> Take:
        """Return the take that the file became; one of ours is what it was before."""
        if self._original is not None and self._original.take_id == sound.take_id:
            title = self._title or self._original.title
            return replace(self._original, title=title, measured=facts)
        return Take(
            take_id=sound.take_id,
            title=self._title or safe_name(self._own_title) or UNTITLED,
            created=created,
            frames=sound.frames,
            channels=sound.channels,
            music=checked_bars(self._music, sound.frames),
            measured=facts,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was changed on the way, once all has been read."""
        return self._decoder.notes


def _record(data: bytes) -> Take | None:
    try:
        return read_record(data) if data else None
    except RecordError:
        return None


def _claims(info: AudioInfo, original: Take | None, acid: AcidFacts, name: Music) -> Music:
    """Return what is said of the music: by our record, else the ACID chunk, else the name.

    A loop at another rate may be a frame off its exact length at 48 kHz.
    """
    slack = 0 if info.sample_rate == SAMPLE_RATE else 1
    frames = info.standard_frames
    own = Music() if original is None else original.music
    loop = acid.music(frames, slack)
    merged = Music(
        bpm=_first(own.bpm, loop.bpm, name.bpm),
        key=_first(own.key, name.key),
        meter=_first(own.meter, loop.meter),
        bars=_first(own.bars, loop.bars, name.bars),
    )
    return checked_bars(merged, frames, slack)


def _first(*values: _T | None) -> _T | None:
    return next((value for value in values if value is not None), None)
