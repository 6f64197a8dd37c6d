"""Arrangements made by hand, for tests of what plays them."""

from collections.abc import Mapping

import numpy as np

from acestep_desktop.domain.project import TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.dsp.arrangement import SEGMENT, Arrangement, Fader, TrackArrangement
from acestep_desktop.dsp.bounce import Renderer, bounce
from acestep_desktop.dsp.lane import Sources, lanes_of
from acestep_desktop.dsp.mixer import Mixer
from acestep_desktop.dsp.ramp import RAMP_FRAMES
from acestep_desktop.dsp.samples import Samples, silence

TAKE = TakeId("take")


def segment(end: int, *, start: int = 0, **fields: float) -> np.ndarray:
    """Return one segment of the first media at unity gain."""
    row = np.zeros(1, SEGMENT)
    row["start"], row["end"], row["gain"] = start, end, 1.0
    for name, value in fields.items():
        row[name] = value
    return row


def track(
    *segments: np.ndarray, name: str = "track", fader: Fader | None = None
) -> TrackArrangement:
    """Return a track of `TAKE`."""
    rows = np.concatenate(segments) if segments else np.zeros(0, SEGMENT)
    return TrackArrangement(TrackId(name), fader or Fader(), (TAKE,), rows)


def of_take(
    samples: Samples, *, limiter: bool = True
) -> tuple[Arrangement, Mapping[TakeId, Samples]]:
    """Return an arrangement that plays `samples` from frame 0 on, and its sources."""
    arrangement = Arrangement((track(segment(len(samples))),), limiter=limiter)
    return arrangement, {TAKE: samples}


class Live:
    """A mixer or renderer, updated as playing does it: lanes that sound the same are kept."""

    def __init__(
        self, kind: type[Mixer] | type[Renderer], arrangement: Arrangement, sources: Sources
    ) -> None:
        self._lanes = lanes_of(arrangement, sources)
        self._playing = kind(arrangement, self._lanes)

    def update(
        self, arrangement: Arrangement, sources: Sources, ramp_frames: int = RAMP_FRAMES
    ) -> None:
        """Play another arrangement."""
        self._lanes = lanes_of(arrangement, sources, self._lanes)
        self._playing.update(arrangement, self._lanes, ramp_frames)

    def render(self, start: int, out: Samples) -> None:
        """Fill `out`."""
        self._playing.render(start, out)


def bounced(
    arrangement: Arrangement, sources: Mapping[TakeId, Samples], start: int = 0, block: int = 4_096
) -> Samples:
    """Return the whole bounce."""
    return np.concatenate([silence(0), *bounce(arrangement, sources, start, block=block)])


def noise(frames: int, level: float = 0.3, seed: int = 7, channels: int = 2) -> Samples:
    """Return white noise."""
    random = np.random.default_rng(seed)
    return random.uniform(-level, level, (frames, channels)).astype(np.float32)
