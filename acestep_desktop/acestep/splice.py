"""Splices: what was made anew is set into audio that is kept, which keeps every bit.

All fades lie inside the windows that are made anew. Both sides of a fade are
weighed as an equal-power pair a, b that is divided by sqrt(1 + 2rab), where r is
how alike the two sides are there: alike sides sum to 1, unlike ones keep their
power (see `dsp.fades`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.dsp.fades import crossfade_gains
from acestep_desktop.dsp.samples import Samples

FADE: Final = SAMPLE_RATE * 3 // 100
"""30 ms: no click, and short beside a beat; a short window has shorter fades."""

CONTEXT: Final = 2 * SAMPLE_RATE
"""Kept audio beside a window that is decoded too, to hear how loud the model plays it."""

_MAX_MATCH: Final = 2.0
"""The level is matched within 6 dB: what differs more is other music, not another level."""

_SILENT: Final = 1e-5
"""-100 dBFS: nothing can be matched to it."""

_ORDER: Final = 48
_HEARD: Final = 4096
"""Linear prediction: coefficients, and frames they are learnt from."""


@dataclass(frozen=True, slots=True)
class Window:
    """Frames [start, end) of a take that are made anew."""

    start: int
    end: int


class Spliced:
    """Makes a take of audio that is kept and of windows of it that were decoded.

    The level of what was decoded is matched to what is kept around it, and is
    lowered where it would exceed both full scale and the loudest of what is kept.

    Args:
        kept: the whole take, shape (frames, 2); in windows, what a fade begins with.
        windows: what is made anew, in order.
        first: the frame of the take at which decoding begins; below 0 for what is cut off.
    """

    def __init__(self, kept: Samples, windows: Sequence[Window], first: int) -> None:
        self._kept = kept
        self._windows = tuple(windows)
        self._first = first
        self._heard = _Levels()
        self._gains: dict[Window, float] = {}
        self._shown = 0

    def preview(self, start: int, samples: Samples) -> tuple[int, Samples] | None:
        """Return these frames of the take, and at first all that is kept before them."""
        at = self._first + start
        end = min(len(self._kept), at + len(samples))
        if end <= self._shown:
            return None
        self._heard = self._heard.with_more(self._levels(at, samples))
        first, self._shown = self._shown, end
        shown = self._kept[first:end].copy()
        for window in self._windows:
            low, high = max(window.start, at, first), min(window.end, end)
            if low < high:
                # Of one window, every piece has the same gain: nothing jumps.
                gain = self._gains.setdefault(window, self._heard.gain())
                made = samples[low - at : high - at] * np.float32(gain)
                shown[low - first : high - first] = self._faded(window, low, made)
        return first, shown

    def whole(self, samples: Samples) -> Samples:
        """Return the take: outside the windows, every sample is the kept one."""
        gain = self._bounded(self._levels(self._first, samples).gain(), samples)
        take = self._kept.copy()
        for window in self._windows:
            made = samples[window.start - self._first : window.end - self._first]
            take[window.start : window.end] = self._faded(
                window, window.start, made * np.float32(gain)
            )
        return take

    def _faded(self, window: Window, at: int, made: Samples) -> Samples:
        """Return `made`, which begins at frame `at` of `window`, faded from and to what is kept."""
        fade = min(FADE, (window.end - window.start) // 4)
        faded = made.copy()
        end = at + len(made)
        rise = min(end, window.start + fade)
        if window.start > 0 and at < rise:
            part = slice(0, rise - at)
            faded[part] = crossfaded(
                self._kept[at:rise], made[part], first=at - window.start, length=fade
            )
        fall = max(at, window.end - fade)
        if window.end < len(self._kept) and fall < end:
            part = slice(fall - at, end - at)
            # A fade-out is a fade-in backwards.
            faded[part] = crossfaded(
                self._kept[fall:end][::-1],
                made[part][::-1],
                first=window.end - end,
                length=fade,
            )[::-1]
        return faded

    def _levels(self, at: int, samples: Samples) -> "_Levels":
        """Return how loud what is kept is where it was decoded, and how loud it was decoded."""
        levels = _Levels()
        for low, high in self._gaps():
            low, high = max(low, at), min(high, at + len(samples))
            if low < high:
                levels = levels.with_more(
                    _Levels(_power(self._kept[low:high]), _power(samples[low - at : high - at]))
                )
        return levels

    def _gaps(self) -> list[tuple[int, int]]:
        """Return what lies between the windows, from frame to frame."""
        starts = [0, *(window.end for window in self._windows)]
        ends = [*(window.start for window in self._windows), len(self._kept)]
        return [(low, high) for low, high in zip(starts, ends, strict=True) if low < high]

    def _bounded(self, gain: float, samples: Samples) -> float:
        """Return `gain`, lowered so that nothing made is too loud."""
        made = [samples[w.start - self._first : w.end - self._first] for w in self._windows]
        peak = max((float(np.abs(part).max(initial=0.0)) for part in made), default=0.0)
        allowed = max(1.0, float(np.abs(self._kept).max(initial=0.0)))
        return min(gain, allowed / peak) if peak > 0 else gain


@dataclass(frozen=True, slots=True)
class _Levels:
    """The power of the same frames as they are kept and as they were decoded."""

    kept: float = 0.0
    made: float = 0.0

    def with_more(self, more: "_Levels") -> "_Levels":
        return _Levels(self.kept + more.kept, self.made + more.made)

    def gain(self) -> float:
        """Return what makes the decoded as loud as the kept; 1 where nothing can be said."""
        if min(self.kept, self.made) <= 0.0:
            return 1.0
        return float(np.clip((self.kept / self.made) ** 0.5, 1 / _MAX_MATCH, _MAX_MATCH))


def crossfaded(old: Samples, new: Samples, *, first: int, length: int) -> Samples:
    """Return frames from `first` on of a fade of `length` from `old` to `new`, both stereo."""
    rising, falling = crossfade_gains(first, len(new), length, "equal_power")
    likeness = np.float32(_likeness(old, new))
    mixed = old * falling + new * rising
    return np.asarray(mixed / np.sqrt(1 + 2 * likeness * rising * falling), np.float32)


def rung_on(samples: Samples, frames: int) -> Samples:
    """Return `frames` that continue `samples` as its last sound would ring on.

    Linear prediction, with Burg's coefficients (1975), which never grow without
    bound; what is too quiet or too short is continued by silence.
    """
    heard = samples[-_HEARD:].astype(np.float64)
    order = min(_ORDER, len(heard) // 3)
    ringing = np.zeros((frames, samples.shape[1]), np.float32)
    for channel in range(samples.shape[1]):
        past = heard[:, channel]
        if order and float(np.abs(past).max()) > _SILENT:
            ringing[:, channel] = _predicted(past, _burg(past, order), frames)
    return ringing


def _power(samples: Samples) -> float:
    """Return the energy of `samples`; 0 for what is as good as silent."""
    energy = float(np.vdot(samples, samples))
    return energy if energy > samples.size * _SILENT**2 else 0.0


def _likeness(old: Samples, new: Samples) -> float:
    """Return the correlation of both, 0 where they are unlike or opposed."""
    energies = float(np.vdot(old, old)) * float(np.vdot(new, new))
    return max(0.0, float(np.vdot(old, new)) / energies**0.5) if energies > 0 else 0.0


def _burg(signal: npt.NDArray[np.float64], order: int) -> npt.NDArray[np.float64]:
    """Return coefficients c so that x[n] is near sum of c[k] * x[n - 1 - k]."""
    forward, backward = signal[1:].copy(), signal[:-1].copy()
    filter_ = np.ones(1)
    for _ in range(order):
        energy = float(forward @ forward + backward @ backward)
        if energy <= 0.0:
            break
        reflection = -2.0 * float(forward @ backward) / energy
        longer = np.append(filter_, 0.0)
        filter_ = longer + reflection * longer[::-1]
        forward, backward = (
            (forward + reflection * backward)[1:],
            (backward + reflection * forward)[:-1],
        )
    return -filter_[1:]


def _predicted(
    past: npt.NDArray[np.float64], coefficients: npt.NDArray[np.float64], frames: int
) -> npt.NDArray[np.float64]:
    order = len(coefficients)
    line = np.concatenate((past[-order:], np.zeros(frames)))
    latest_last = coefficients[::-1]
    for at in range(order, order + frames):
        line[at] = latest_last @ line[at - order : at]
    return line[order:]
