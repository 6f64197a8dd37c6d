"""Plain music whose tempo and key are known."""

import numpy as np

from acestep_desktop.dsp.samples import Samples

RATE = 48_000


def clicks(bpm: float, seconds: float = 16.0, *, swing: float = 0.0) -> Samples:
    """Return a stroke on every beat, the first of four the loudest, and softer ones between."""
    random = np.random.default_rng(3)
    stroke = random.standard_normal(2_000) * np.exp(-np.arange(2_000) / 300.0)
    audio = np.zeros(int(seconds * RATE) + 2_000)
    for half in range(int(seconds * bpm / 30.0)):
        late = swing if half % 2 else 0.0
        at = round((half + late) * 30.0 / bpm * RATE)
        level = 0.9 if half % 8 == 0 else 0.6 if half % 2 == 0 else 0.3
        if at + 2_000 <= len(audio):
            audio[at : at + 2_000] += level * stroke
    return stereo(0.3 * audio[: int(seconds * RATE)])


def cadence(tonic: int, mode: str, seconds: float = 1.0) -> Samples:
    """Return the chords I IV V I of a key, each note with five partials."""
    third = 4 if mode == "major" else 3
    chords = [(0, third, 7), (5, 5 + third, 12), (7, 7 + third, 14), (0, third, 7)]
    t = np.arange(int(seconds * RATE)) / RATE
    parts = []
    for chord in chords:
        part = np.zeros(len(t))
        for pitch in chord:
            hertz = 440.0 * 2.0 ** ((48 + tonic + pitch - 69) / 12)
            for partial in range(1, 6):
                part += np.sin(2.0 * np.pi * hertz * partial * t) / partial**1.5
        parts.append(0.05 * part)
    return stereo(np.concatenate(parts))


def tone(hertz: float, level: float = 0.5, seconds: float = 1.0) -> Samples:
    """Return a sine."""
    return stereo(level * np.sin(2.0 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE))


def stereo(mono: np.ndarray) -> Samples:
    """Return the same on both sides."""
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)
