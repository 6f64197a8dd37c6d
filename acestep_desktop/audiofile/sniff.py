"""What a file is, judged by its own bytes before any decoder sees it.

Only plain PCM, float, A-law and mu-law WAV and AIFF, FLAC, OGG and MP3 pass:
rare codes are where decoders have their holes (CVE-2026-37555 is one in ADPCM).
"""

import stat
from pathlib import Path
from typing import BinaryIO, Final, Literal

from acestep_desktop.audiofile.errors import (
    DiskError,
    RefusedAudioError,
    UnreadableAudioError,
    disk_errors,
    shown,
)
from acestep_desktop.audiofile.riff import body_of, chunks_of

AudioFormat = Literal["WAV", "AIFF", "FLAC", "OGG", "MP3"]

_WAV_CODES: Final = (1, 3, 6, 7)
"""PCM, float, A-law, mu-law."""

_AIFF_CODES: Final = frozenset(
    b"NONE,sowt,twos,in24,in32,raw ,fl32,FL32,fl64,FL64,alaw,ALAW,ulaw,ULAW".split(b",")
)

_OTHERS: Final = (
    (4, b"ftyp", "a video or an MP4/M4A file"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (8, b"AVI ", "an AVI video"),
    (0, b"FLV\x01", "a Flash video"),
    (0, b"\x00\x00\x01\xba", "an MPEG video"),
    (0, b"\x30\x26\xb2\x75", "a Windows Media file"),
    (0, b"MThd", "a MIDI file, which has notes but no sound"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
)


def format_of(path: Path) -> AudioFormat:
    """Return what kind of audio `path` is, or raise an AudioFileError that says what it is not."""
    name = shown(path.name)
    with disk_errors(path):
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableAudioError(f'"{name}" is a folder. Choose an audio file in it.')
        if not stat.S_ISREG(status.st_mode):
            raise DiskError(f'"{name}" is a device, not a file. Choose an audio file.')
        if status.st_size == 0:
            raise UnreadableAudioError(f'"{name}" is empty. Choose another file.')
        with path.open("rb") as file:
            return _format_of(file, name)


def _format_of(file: BinaryIO, name: str) -> AudioFormat:
    head = file.read(16)
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        _check_wav(file, name)
        return "WAV"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        _check_aiff(file, name)
        return "AIFF"
    if head[:4] == b"fLaC":
        return "FLAC"
    if head[:4] == b"OggS":
        return "OGG"
    if head[:3] == b"ID3":
        return _behind_id3(file, head)
    if len(head) > 2 and _is_mpeg_audio(head):
        return "MP3"
    for offset, mark, what in _OTHERS:
        if head[offset : offset + len(mark)] == mark:
            raise UnreadableAudioError(
                f'"{name}" is {what}. Save its sound as WAV or FLAC, and use that.'
            )
    raise UnreadableAudioError(
        f'"{name}" is not audio that can be read. WAV, FLAC, AIFF, OGG and MP3 can.'
    )


def _is_mpeg_audio(head: bytes) -> bool:
    """Say whether an MPEG audio frame of layer III (or II) begins here."""
    layer = head[1] >> 1 & 3
    return head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and layer in (1, 2) and head[2] >> 4 != 15


def _behind_id3(file: BinaryIO, head: bytes) -> AudioFormat:
    """Return what follows an ID3 tag: FLAC in odd files, else MP3."""
    size = sum(
        (byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)
    )
    file.seek(10 + size)
    return "FLAC" if file.read(4) == b"fLaC" else "MP3"


def _check_wav(file: BinaryIO, name: str) -> None:
    for chunk in chunks_of(file):
        if chunk.name != b"fmt ":
            continue
        form = body_of(file, chunk, 40)
        code = int.from_bytes(form[:2], "little")
        if code == 0xFFFE and len(form) >= 26:
            code = int.from_bytes(form[24:26], "little")
        if code not in _WAV_CODES:
            raise RefusedAudioError(
                f'"{name}" is a WAV in a rare code ({code:#06x}). '
                "Save it as plain PCM, and use that."
            )


def _check_aiff(file: BinaryIO, name: str) -> None:
    file.seek(8)
    compressed = file.read(4) == b"AIFC"
    for chunk in chunks_of(file):
        if chunk.name == b"COMM" and compressed:
            code = body_of(file, chunk, 22)[18:22]
            if code not in _AIFF_CODES:
                raise RefusedAudioError(
                    f'"{name}" is an AIFF in a rare code. Save it as plain PCM, and use that.'
                )
