"""Damaged audio files by the thousand, and what becomes of them."""

import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from acestep_desktop.audiofile.decode import decode
from acestep_desktop.audiofile.errors import AudioFileError
from acestep_desktop.audiofile.metadata import WavMetadata
from acestep_desktop.audiofile.wav import map_wav, read_wav_metadata, write_wav
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.time import Meter
from tests.audiofile.mutations import mutations
from tests.audiofile.sounds import noise, write


@dataclass
class Report:
    """What became of the files."""

    read: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    grown_mb: float = 0.0


def good_files(folder: Path) -> list[Path]:
    facts = WavMetadata(
        "Title", "c", "2026", music=Music(120.0, Key("A"), Meter(), 1), record=b"{}"
    )
    write_wav(folder / "take.wav", noise(2_000), metadata=facts)
    sound = noise(3_000)
    return [
        folder / "take.wav",
        write(folder / "a.wav", noise(2_000, 6), 44_100, "PCM_16"),
        write(folder / "b.wav", sound, 22_050, "FLOAT"),
        write(folder / "a.flac", sound, 44_100),
        write(folder / "a.aiff", sound, 44_100),
        write(folder / "a.ogg", sound, 44_100),
        write(folder / "a.mp3", noise(8_000), 44_100),
    ]


def fuzz(folder: Path, count: int, seed: int = 0) -> Report:
    """Read `count` damaged files by every door; none may hang, swell or raise what is untyped."""
    report = Report()
    good = good_files(folder)
    before = _peak_mb()
    for number, original in enumerate(good):
        share = count // len(good) + (number < count % len(good))
        for data in mutations(original.read_bytes(), share, seed + number):
            target = folder / f"bad{original.suffix}"
            target.write_bytes(data)
            _read(target, report)
    report.grown_mb = _peak_mb() - before
    return report


def _read(path: Path, report: Report) -> None:
    started = time.monotonic()
    try:
        for block in decode(path).standard():
            if not np.isfinite(block).all():
                report.wrong.append("a sample that is no number")
        report.read += 1
    except AudioFileError as error:
        report.refused += 1
        _check(error, report)
    except Exception as error:
        report.wrong.append(f"{type(error).__name__}: {error}")
    for door in (map_wav, read_wav_metadata):
        try:
            door(path)
        except AudioFileError as error:
            _check(error, report)
        except Exception as error:
            report.wrong.append(f"{door.__name__}: {type(error).__name__}: {error}")
    report.slowest_s = max(report.slowest_s, time.monotonic() - started)


def _check(error: UserError, report: Report) -> None:
    if "\n" in str(error) or not str(error).endswith("."):
        report.wrong.append(f"not a sentence: {error}")


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform == "linux" else peak / 2**20
