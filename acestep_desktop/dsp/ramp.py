"""Gains that glide: how a fader moves without a click."""

from typing import Final

import numpy as np

from acestep_desktop.dsp.samples import Samples

RAMP_FRAMES: Final = 480
"""A fader takes 10 ms to arrive."""

_TILE_FRAMES: Final = 512
"""Two gains are repeated this often: a product of equal shapes is five times as fast."""


class GainRamp:
    """Left and right amplitude, which move in a straight line to where they are sent.

    What a frame is multiplied by depends on how many frames have passed since
    `glide_to`, never on how they were cut into blocks.
    """

    def __init__(self, left: float = 1.0, right: float = 1.0) -> None:
        self._to = np.array((left, right), np.float64)
        self._from = self._to.copy()
        self._passed = 0
        self._length = 0
        self._tile = np.empty((_TILE_FRAMES, 2), np.float32)
        self._settle()

    @property
    def settled(self) -> bool:
        """Whether the gains have arrived."""
        return self._passed >= self._length

    @property
    def silent(self) -> bool:
        """Whether the gains have arrived at nothing, so that nothing need be mixed."""
        return self.level == 0.0

    @property
    def level(self) -> float | None:
        """The gain of both sides, once they have arrived; None while they glide or differ."""
        return self._level if self._passed >= self._length else None

    @property
    def is_unity(self) -> bool:
        """Whether the gains have arrived at 1, so that every sample keeps its bits."""
        return self.level == 1.0

    def glide_to(self, left: float, right: float, frames: int = RAMP_FRAMES) -> None:
        """Begin to move from wherever the gains are now; 0 frames is at once."""
        if self.settled and (self._to[0], self._to[1]) == (left, right):
            return
        share = 1.0 if self.settled else self._passed / self._length
        self._from = self._from + (self._to - self._from) * share
        self._to = np.array((left, right), np.float64)
        self._passed, self._length = 0, frames
        if frames < 1:
            self._settle()

    def apply(self, block: Samples) -> None:
        """Multiply stereo `block` in place, and move on by its frames."""
        if self.is_unity:
            return
        moving = min(len(block), self._length - self._passed)
        if moving > 0:
            steps = np.arange(self._passed + 1, self._passed + moving + 1, dtype=np.float64)
            steps /= self._length
            gains = self._from + (self._to - self._from) * steps[:, None]
            block[:moving] *= gains.astype(np.float32)
            self._passed += moving
            if self.settled:
                self._settle()
        rest = block[moving:] if moving > 0 else block
        if self._level == 1.0 or not len(rest):
            return
        for at in range(0, len(rest), _TILE_FRAMES):
            part = rest[at : at + _TILE_FRAMES]
            np.multiply(part, self._tile[: len(part)], part)

    def _settle(self) -> None:
        left, right = np.float32(self._to[0]), np.float32(self._to[1])
        self._tile[:] = (left, right)
        self._level = float(left) if left == right else None
