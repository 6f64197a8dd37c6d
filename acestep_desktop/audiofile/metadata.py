"""What a WAV says besides sound: INFO texts, the ACID tempo, and our own record."""

import math
import struct
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from acestep_desktop import __version__
from acestep_desktop.audiofile.riff import body_of, chunk_bytes, chunks_of
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.time import Meter

RECORD_CHUNK: Final = b"ACEd"
"""The private chunk that holds our JSON record of a take."""

MAX_RECORD_BYTES: Final = 16 * 2**20
MAX_INFO_BYTES: Final = 2**20
_MAX_TEXT: Final = 4_096

_ONE_SHOT, _ROOT, _STRETCH, _DISK = 0x01, 0x02, 0x04, 0x08
_ACID: Final = struct.Struct("<IHHfIHHf")
"""flags, root note, two unused, beats, meter's lower and upper number, tempo."""


@dataclass(frozen=True, slots=True)
class WavMetadata:
    """The texts and facts beside the sound; empty or None where there are none.

    `created` is a date (ISO 8601). `record` is our own JSON, as bytes.
    """

    title: str = ""
    comment: str = ""
    created: str = ""
    software: str = f"ACE-Step Desktop {__version__}"
    music: Music = Music()
    record: bytes = b""

    def chunks(self) -> bytes:
        """Return the chunks that follow the sound, ready to be written."""
        return _info_chunk(self) + _acid_chunk(self.music) + _record_chunk(self.record)


@dataclass(frozen=True, slots=True)
class AcidFacts:
    """What an ACID chunk claims about a loop; its beats are counted as `meter` counts them."""

    bpm: float | None = None
    beats: int | None = None
    meter: Meter | None = None
    root: int | None = None

    def music(self, frames: int, slack: int = 0) -> Music:
        """Return what of this is true for a file that lasts `frames` at 48 kHz.

        Bars are named only where they fill the file, to within `slack` frames.
        """
        facts = Music(bpm=self.bpm, meter=self.meter)
        if self.bpm is None or not self.beats:
            return facts
        meter = self.meter or Meter()
        for quarters in (self.beats, self.beats * 4 / meter.denominator):
            bars = quarters / meter.quarters_per_bar
            if bars >= 1 and bars == int(bars):
                whole = Music(self.bpm, None, meter, int(bars))
                if abs((whole.loop_frames() or 0) - frames) <= slack:
                    return whole
        return facts


def read_metadata(file: BinaryIO) -> tuple[WavMetadata, AcidFacts]:
    """Return what an open WAV says besides sound; damaged parts are left out, never raised."""
    metadata, acid = WavMetadata(software=""), AcidFacts()
    for chunk in chunks_of(file):
        if chunk.name == b"LIST" and chunk.size <= MAX_INFO_BYTES:
            metadata = _with_info(metadata, body_of(file, chunk, MAX_INFO_BYTES))
        elif chunk.name == b"acid" and chunk.size >= _ACID.size:
            acid = _read_acid(body_of(file, chunk, _ACID.size))
        elif chunk.name == RECORD_CHUNK and chunk.whole and chunk.size <= MAX_RECORD_BYTES:
            metadata = replace(metadata, record=body_of(file, chunk, MAX_RECORD_BYTES))
    return metadata, acid


def _info_chunk(metadata: WavMetadata) -> bytes:
    texts = (
        (b"INAM", metadata.title),
        (b"ISFT", metadata.software),
        (b"ICMT", metadata.comment),
        (b"ICRD", metadata.created[:10]),
    )
    body = b"".join(chunk_bytes(name, _text_bytes(text)) for name, text in texts if text)
    return chunk_bytes(b"LIST", b"INFO" + body) if body else b""


def _text_bytes(text: str) -> bytes:
    clean = text.replace("\0", "").encode("utf-8", "replace")[:_MAX_TEXT]
    return clean.decode("utf-8", "ignore").encode() + b"\0"


def _acid_chunk(music: Music) -> bytes:
    """Return the 24-byte chunk that loop libraries have; nothing where the tempo is unknown.

    Its beats are quarter notes, like its tempo, so that both say the same length.
    """
    if music.bpm is None:
        return b""
    meter = music.meter or Meter()
    quarters = meter.quarters_per_bar * (music.bars or 0)
    if quarters.denominator != 1:
        return b""
    flags = _STRETCH if quarters else _DISK
    root = 60
    if music.key is not None:
        flags |= _ROOT
        root = 60 + music.key.pitch_class
    fields = (flags, root, 0x8000, 0.0, int(quarters), meter.denominator, meter.numerator)
    return chunk_bytes(b"acid", _ACID.pack(*fields, music.bpm))


def _record_chunk(record: bytes) -> bytes:
    return chunk_bytes(RECORD_CHUNK, record) if record else b""


def _with_info(metadata: WavMetadata, body: bytes) -> WavMetadata:
    if body[:4] != b"INFO":
        return metadata
    texts: dict[bytes, str] = {}
    position = 4
    while position + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, position)
        text = body[position + 8 : position + 8 + min(size, _MAX_TEXT)].split(b"\0")[0]
        texts[name] = text.decode("utf-8", "replace").strip()
        position += 8 + size + (size & 1)
    return replace(
        metadata,
        title=texts.get(b"INAM", ""),
        software=texts.get(b"ISFT", ""),
        comment=texts.get(b"ICMT", ""),
        created=texts.get(b"ICRD", ""),
    )


def _read_acid(body: bytes) -> AcidFacts:
    flags, root, _, _, beats, lower, upper, bpm = _ACID.unpack(body)
    if flags & _ONE_SHOT:
        return AcidFacts()
    plausible = lower in (1, 2, 4, 8, 16, 32) and 1 <= upper <= 32
    return AcidFacts(
        bpm=_clean_bpm(bpm),
        beats=beats if 1 <= beats <= 65_536 else None,
        meter=Meter(upper, lower) if plausible else None,
        root=root % 12 if flags & _ROOT and root < 128 else None,
    )


def _clean_bpm(bpm: float) -> float | None:
    """Return the tempo without the noise of its 32-bit float: 174.3, not 174.30000305."""
    if not (math.isfinite(bpm) and 20.0 <= bpm <= 999.0):
        return None
    return float(f"{bpm:.6g}")
