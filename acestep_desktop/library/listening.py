"""The facts of a take's sound, learnt while the sound still comes: its id and its levels."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Queue
from typing import Final

import numpy as np

from acestep_desktop.audiofile.samples import Blocks, Samples, blocks_of, repaired
from acestep_desktop.domain.recipe import Measured, TakeId
from acestep_desktop.domain.time import Frame

MAX_WAITING: Final = 1
"""Chunks that wait to be measured; who brings another waits as well."""

Measure = Callable[[Blocks], Measured]


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """What is known of a whole mix without looking at its samples again.

    `measured` waits until the levels are known; None where they could not be measured.
    """

    take_id: TakeId
    frames: Frame
    channels: int
    measured: Callable[[], Measured | None]


class Listening:
    """Hears the chunks of one mix, on one thread; levels are measured on another meanwhile.

    A chunk that begins at 0 begins anew. Chunks that leave something out, or come once more,
    cannot be heard: then there are no facts until it begins anew.
    """

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._pass: _Pass | None = None

    def hear(self, start: int, samples: Samples) -> None:
        """Take note of the next samples, shape (frames, channels), which nobody changes later."""
        if start == 0:
            self.close()
            self._pass = _Pass(self._measure, samples.shape[1])
        if self._pass is None:
            return
        if start != self._pass.frames or not self._pass.hear(samples):
            self.close()

    def facts(self, frames: int, channels: int) -> SoundFacts | None:
        """Return the facts of a mix of this shape; None if it was not heard whole and in order."""
        heard, self._pass = self._pass, None
        if heard is None:
            return None
        facts = heard.end()
        return facts if (facts.frames, facts.channels) == (frames, channels) else None

    def close(self) -> None:
        """Forget what was heard."""
        if self._pass is not None:
            self._pass.drop()
            self._pass = None


def facts_of(mix: Samples, measure: Measure) -> SoundFacts | None:
    """Return the facts of a whole mix; None where it has samples that are no sound."""
    listening = Listening(measure)
    start = 0
    for block in blocks_of(mix):
        listening.hear(start, block)
        start += len(block)
    return listening.facts(*mix.shape)


class _Pass:
    """One hearing from the first sample on."""

    def __init__(self, measure: Measure, channels: int) -> None:
        self.frames = 0
        self._channels = channels
        self._hash = hashlib.blake2b(digest_size=16)
        self._waiting: Queue[Samples | None] = Queue(MAX_WAITING)
        self._measured: Measured | None = None
        self._dropped = False
        self._measuring = threading.Thread(
            target=self._run, args=(measure,), name="measuring", daemon=True
        )
        self._measuring.start()

    def hear(self, samples: Samples) -> bool:
        """Hear more; return False for what is no sound of this shape."""
        if samples.shape[1] != self._channels or repaired(samples)[1]:
            return False
        sound = np.ascontiguousarray(samples, dtype="<f4")
        self._waiting.put(sound)
        self._hash.update(sound.data)
        self.frames += len(sound)
        return True

    def end(self) -> SoundFacts:
        """Hear no more; return the facts of what was heard."""
        self._waiting.put(None)
        take_id = TakeId(self._hash.hexdigest())
        return SoundFacts(take_id, Frame(self.frames), self._channels, self._levels)

    def drop(self) -> None:
        """Hear no more, and forget it all."""
        self._dropped = True
        self._waiting.put(None)

    def _levels(self) -> Measured | None:
        self._measuring.join()
        return self._measured

    def _run(self, measure: Measure) -> None:
        # The measuring thread; `_levels` reads its one result when it has ended.
        heard = self._heard()
        try:
            self._measured = measure(heard)
        finally:
            for _ in heard:  # else who brings more would wait for ever
                pass

    def _heard(self) -> Iterator[Samples]:
        while (samples := self._waiting.get()) is not None and not self._dropped:
            yield samples
