"""The facts of a take's sound, learnt while the sound still comes: its id and its shape."""

import hashlib
from dataclasses import dataclass

import numpy as np

from acestep_desktop.audiofile.samples import Samples, blocks_of, repaired
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What is known of a whole mix without looking at its samples again."""

    take_id: TakeId
    frames: Frame
    channels: int


class Listening:
    """Hears the chunks of one mix, on one thread.

    A chunk that begins at 0 begins anew. Chunks that leave something out, or come once more,
    cannot be heard: then there are no facts until it begins anew.
    """

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self._frames = 0
        self._channels: int | None = None

    def hear(self, start: int, samples: Samples) -> None:
        """Take note of the next samples, shape (frames, channels)."""
        if start == 0:
            self._hash = hashlib.blake2b(digest_size=16)
            self._frames, self._channels = 0, samples.shape[1]
        goes_on = start == self._frames and samples.shape[1] == self._channels
        if not goes_on or repaired(samples)[1]:
            self._channels = None
            return
        self._hash.update(np.ascontiguousarray(samples, dtype="<f4").data)
        self._frames += len(samples)

    def facts(self, frames: int, channels: int) -> SoundFacts | None:
        """Return the facts of a mix of this shape; None if it was not heard whole and in order."""
        if (self._frames, self._channels) != (frames, channels):
            return None
        return SoundFacts(TakeId(self._hash.hexdigest()), Frame(frames), channels)


def facts_of(mix: Samples) -> SoundFacts | None:
    """Return the facts of a whole mix; None where it has samples that are no sound."""
    listening = Listening()
    start = 0
    for block in blocks_of(mix):
        listening.hear(start, block)
        start += len(block)
    return listening.facts(*mix.shape)
