"""Waveforms of takes, from their files."""

from acestep_desktop.audiofile.wav import map_wav
from acestep_desktop.dsp.peaks import Peaks, peaks_of
from acestep_desktop.library.stored import StoredTake


def take_peaks(take: StoredTake) -> Peaks:
    """Return the peaks of a take; an AudioFileError says why its file cannot be read."""
    return peaks_of(map_wav(take.path))
