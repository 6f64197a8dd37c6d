"""What every instrument is asked for, and what it answers with."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.signal import Mono, amplitude, pitch_hz

REFERENCE: Final = 0.2
"""Loudest short-term RMS of a struck voice at 0 dB; velocity and level come on top."""

_WINDOW: Final = SAMPLE_RATE // 40


@dataclass(frozen=True, slots=True)
class Strike:
    """One sound asked of a voice.

    `force` 0..1 is how hard it is played (it decides the colour; the caller decides how
    loud), `variant` counts the repeats that must not be identical, and `glide_from` is the
    pitch a gliding voice comes from.
    """

    patch: str
    pitch: int
    force: float
    frames: int
    variant: int = 0
    glide_from: int | None = None

    @property
    def hz(self) -> float:
        """The frequency of the pitch."""
        return pitch_hz(self.pitch)

    @property
    def seconds(self) -> float:
        """The duration asked for."""
        return self.frames / SAMPLE_RATE

    def words(self, *more: object) -> tuple[object, ...]:
        """Return what random numbers of this strike depend on: not its length."""
        return (self.patch, self.pitch, round(self.force, 3), self.variant, *more)

    def unforced(self, *more: object) -> tuple[object, ...]:
        """Return what random numbers depend on that are the same for soft and hard strikes."""
        return (self.patch, self.pitch, self.variant, *more)


class Voice(Protocol):
    """A playable sound. It begins at frame 0 and holds or rings for all frames asked."""

    def sound(self, strike: Strike) -> Mono:
        """Return shape (frames,) or, for a voice that is wide by itself, (2, frames)."""
        ...


def levelled(audio: Mono, level_db: float = 0.0) -> Mono:
    """Scale `audio` in place so that its loudest 25 ms have the reference RMS."""
    frames = audio.shape[-1]
    whole = frames - frames % _WINDOW
    power = audio.reshape(-1, frames)
    if whole:
        blocks = power[:, :whole].reshape(len(power), -1, _WINDOW)
        loudest = float(np.einsum("cbw,cbw->b", blocks, blocks).max()) / (_WINDOW * len(power))
    else:
        loudest = float(np.mean(power * power))
    if loudest > 0.0:
        audio *= np.float32(REFERENCE * amplitude(level_db) / np.sqrt(loudest))
    return audio
