"""Waveforms of takes, from their files."""

from pathlib import Path

from acestep_desktop.audiofile.wav import map_wav
from acestep_desktop.dsp.peaks import Peaks, peaks_of
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.library.stored import StoredTake


def take_peaks(take: StoredTake) -> Peaks:
    """Return the peaks of a take; an AudioFileError says why its file cannot be read."""
    return file_peaks(take.path)


def file_peaks(path: Path) -> Peaks:
    """Return the peaks of a take's file; an AudioFileError says why it cannot be read."""
    return peaks_of(map_wav(path))


def file_window(path: Path, first: int, frames: int) -> Samples:
    """Return at most `frames` frames of a take's file from `first` on, as a copy."""
    return map_wav(path)[first : first + frames].copy()
