"""The metronome: a click rendered once, summed in at the frames of the beats."""

from typing import Final

import numpy as np

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Frame, Tick
from acestep_desktop.dsp.samples import Samples

CLICK_FRAMES: Final = 2400
"""50 ms: over before the next beat at any tempo that can be counted."""

_LEVEL: Final = 0.35
_BEAT_HZ: Final = 1000.0
_BAR_HZ: Final = 1500.0


def click(*, accented: bool) -> Samples:
    """Return one click, stereo; the first beat of a bar is accented."""
    time_s = np.arange(CLICK_FRAMES, dtype=np.float64) / SAMPLE_RATE
    attack = np.minimum(1.0, time_s / 0.001)
    decay = np.exp(-time_s / 0.008) * np.cos(time_s / time_s[-1] * np.pi / 2)
    tone = np.sin(2 * np.pi * (_BAR_HZ if accented else _BEAT_HZ) * time_s)
    level = _LEVEL * (1.0 if accented else 0.7)
    mono = (level * attack * decay * tone).astype(np.float32)
    return np.repeat(mono[:, None], 2, axis=1)


def next_beat(tempo: TempoMap, frame: Frame) -> tuple[Frame, bool]:
    """Return the frame of the first beat at or behind `frame`, and whether a bar begins with it."""
    at = Frame(frame)
    bar = tempo.bar_at(tempo.tick_at(at))
    while True:
        start = tempo.tick_of_bar(bar)
        meter = tempo.meter_at(start)
        for beat in range(meter.numerator):
            due = tempo.frame_at(Tick(start + beat * meter.ticks_per_beat))
            if due >= frame:
                return due, beat == 0
        bar += 1


class Metronome:
    """Adds clicks to what the timeline plays. Used by the audio thread alone."""

    def __init__(self) -> None:
        self._clicks = (click(accented=False), click(accented=True))
        self._tempo = TempoMap()
        self._expected = Frame(-1)
        self._beat: tuple[Frame, bool] = (Frame(0), True)
        self._sounding: Samples | None = None
        self._sounded = 0

    @property
    def is_sounding(self) -> bool:
        """Whether a click has begun and not ended."""
        return self._sounding is not None

    def set_tempo(self, tempo: TempoMap) -> None:
        """Count by another tempo map from now on."""
        self._tempo = tempo
        self._expected = Frame(-1)

    def add(self, start: Frame, out: Samples) -> None:
        """Add the clicks of the timeline's frames from `start` on to `out`."""
        if start != self._expected:
            self._beat = next_beat(self._tempo, start)
        self._expected = Frame(start + len(out))
        self._ring(out)
        while self._beat[0] < start + len(out):
            beat, accented = self._beat
            self._sounding, self._sounded = self._clicks[accented], 0
            self._ring(out[beat - start :])
            self._beat = next_beat(self._tempo, Frame(beat + 1))

    def ring_out(self, out: Samples) -> None:
        """Add the rest of a click that has begun, while no timeline plays."""
        self._expected = Frame(-1)
        self._ring(out)

    def _ring(self, out: Samples) -> None:
        if self._sounding is None:
            return
        rest = self._sounding[self._sounded : self._sounded + len(out)]
        out[: len(rest)] += rest
        self._sounded += len(rest)
        if self._sounded >= CLICK_FRAMES:
            self._sounding = None
