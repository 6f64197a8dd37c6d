"""Clips: windows onto takes, faded at their edges."""

from dataclasses import dataclass, replace
from typing import Literal, NewType
from uuid import uuid4

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.level import checked_gain_db
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick

ClipId = NewType("ClipId", str)

FadeShape = Literal["equal_power", "linear"]


@dataclass(frozen=True, slots=True)
class Fade:
    """A rise from silence (or a fall to it) over `length` frames.

    `begun` frames of it lie outside the clip, where a split has cut through a
    fade: so a split changes nothing that is heard.
    """

    length: Frame = Frame(0)
    shape: FadeShape = "equal_power"
    begun: Frame = Frame(0)

    def __post_init__(self) -> None:
        if not 0 <= self.begun <= self.length:
            raise InvalidValueError(
                f"a fade needs 0 <= begun <= length, got {self.begun} and {self.length}"
            )
        if self.shape not in ("equal_power", "linear"):
            raise InvalidValueError(f'a fade is equal_power or linear, got "{self.shape[:20]}"')


@dataclass(frozen=True, slots=True)
class Clip:
    """A window of `length` frames, from `offset`, onto a take; heard from `start` on.

    Clips that overlap on a track crossfade; see `dsp.arrangement` for the law.
    """

    clip_id: ClipId
    take_id: TakeId
    start: Tick
    offset: Frame
    length: Frame
    name: str = ""
    gain_db: float = 0.0
    fade_in: Fade = Fade()
    fade_out: Fade = Fade()
    muted: bool = False

    def __post_init__(self) -> None:
        if self.start < 0:
            raise InvalidValueError(f"a clip cannot start before bar 1, got tick {self.start}")
        if self.offset < 0:
            raise InvalidValueError(f"a clip's offset must be at least 0, got {self.offset}")
        if self.length < 1:
            raise InvalidValueError(f"a clip needs at least one frame, got {self.length}")
        object.__setattr__(self, "gain_db", checked_gain_db(self.gain_db))

    @classmethod
    def of_take(cls, take_id: TakeId, start: Tick, length: Frame, *, name: str = "") -> "Clip":
        """Return a new clip that shows a whole take of `length` frames."""
        return cls(new_clip_id(), take_id, start, Frame(0), length, name)

    def moved_to(self, start: Tick) -> "Clip":
        """Return this clip, beginning at `start`."""
        return replace(self, start=start)


def new_clip_id() -> ClipId:
    """Return a fresh, unique id."""
    return ClipId(str(uuid4()))
