"""What the audition bus was asked to play last, so that a new process can go on with it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from acestep_desktop.child.messages import Message
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.realtime.audition import Audition
from acestep_desktop.realtime.wire import audition_message


@dataclass(frozen=True, slots=True)
class Heard:
    """A take on the audition bus; `part` has the fields of one that is still being decoded.

    `since` is when its `offset` was asked for, in seconds of `time.monotonic`.
    """

    take: TakeId
    wish: Audition
    part: Mapping[str, Json] | None = None
    ready: Frame = Frame(0)
    since: float = field(default_factory=time.monotonic)

    def after(self, before: "Heard | None") -> "Heard":
        """Return this, as old as the take that it goes on from."""
        if before is None or not self.wish.goes_on:
            return self
        return replace(self, since=before.since)

    def again(self, now: float) -> Iterator[Message]:
        """Yield the messages by which it goes on at a time.

        A loop begins anew at the line that it waited for, everything else where it would be.
        """
        if self.part is not None:
            yield Message("part", self.part)
            yield Message("ready", {"take": self.take, "frames": self.ready})
        wish = replace(self.wish, goes_on=False)
        if wish.when == "now" or not wish.loops:
            passed = Frame(wish.offset + round((now - self.since) * SAMPLE_RATE))
            wish = replace(wish, when="now", offset=passed)
        yield audition_message(self.take, wish)
