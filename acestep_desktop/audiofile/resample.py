"""Sample rates and channels: to 48 kHz stereo on import, to any rate on export."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from acestep_desktop.audiofile.errors import RefusedAudioError
from acestep_desktop.audiofile.samples import Blocks, Samples, blocks_of
from acestep_desktop.domain.time import SAMPLE_RATE

MIN_RATE: Final = 1_000
MAX_RATE: Final = 768_000
MAX_CHANNELS: Final = 8

_NEAR: Final = 2

_HALF: Final = math.sqrt(0.5)
"""-3 dB: what a centre or surround channel gives to a side."""

_DOWNMIX: Final[dict[int, tuple[tuple[float, ...], tuple[float, ...]]]] = {
    3: ((1, 0, _HALF), (0, 1, _HALF)),
    4: ((1, 0, _HALF, 0), (0, 1, 0, _HALF)),
    5: ((1, 0, _HALF, _HALF, 0), (0, 1, _HALF, 0, _HALF)),
    6: ((1, 0, _HALF, 0, _HALF, 0), (0, 1, _HALF, 0, 0, _HALF)),
    7: ((1, 0, _HALF, 0, 0.5, _HALF, 0), (0, 1, _HALF, 0, 0.5, 0, _HALF)),
    8: ((1, 0, _HALF, 0, _HALF, 0, _HALF, 0), (0, 1, _HALF, 0, 0, _HALF, 0, _HALF)),
}
"""Left and right from the channels in WAV order (ITU-R BS.775-3, annex 4, table 2):
3 L R C · 4 L R Ls Rs · 5 L R C Ls Rs · 6 L R C LFE Ls Rs · 7 L R C LFE Cs Ls Rs ·
8 L R C LFE Lb Rb Ls Rs. The effects channel (LFE) is left out, as the recommendation has it."""


def resampled_length(frames: int, from_rate: int, to_rate: int) -> int:
    """Return round(frames * to_rate / from_rate), halves up, exactly."""
    return (2 * frames * to_rate + from_rate) // (2 * from_rate)


def resampled(
    audio: Blocks, from_rate: int, to_rate: int = SAMPLE_RATE, *, frames: int | None = None
) -> Iterator[Samples]:
    """Yield `audio` at another rate: no delay, exactly `resampled_length` frames.

    `frames` asks for another length, at most 2 frames away, for loops whose exact
    length is known; farther off, or between equal rates, it is not heeded. The
    filter is soxr's "very high quality" (28 bits).
    """
    import soxr

    _check_rates(from_rate, to_rate)
    if from_rate == to_rate:
        yield from audio
        return
    stream: soxr.ResampleStream | None = None
    taken = given = 0
    channels = 1
    for block in audio:
        if stream is None:
            channels = block.shape[1]
            stream = soxr.ResampleStream(from_rate, to_rate, channels, "float32", "VHQ")
        taken += len(block)
        # The filter looks ahead: what comes out here never reaches the last frame.
        out = stream.resample_chunk(np.ascontiguousarray(block))
        given += len(out)
        if len(out):
            yield out
    if stream is not None:
        tail = stream.resample_chunk(np.zeros((0, channels), np.float32), last=True)
        natural = resampled_length(taken, from_rate, to_rate)
        near = frames is not None and abs(frames - natural) <= _NEAR
        wanted = frames if frames is not None and near else natural
        yield from blocks_of(_fitted(tail, wanted - given))


def downmixed(audio: Blocks) -> Iterator[Samples]:
    """Yield `audio` with one or two channels: three to eight are mixed by ITU-R BS.775."""
    for block in audio:
        channels = block.shape[1]
        if channels <= 2:
            yield block
            continue
        if channels not in _DOWNMIX:
            raise RefusedAudioError(
                f"Audio with {channels} channels cannot be used: at most {MAX_CHANNELS} can."
            )
        matrix = np.array(_DOWNMIX[channels], dtype=np.float64).T
        yield (block.astype(np.float64) @ matrix).astype(np.float32)


def _check_rates(*rates: int) -> None:
    for rate in rates:
        if not MIN_RATE <= rate <= MAX_RATE:
            raise RefusedAudioError(
                f"A sample rate must be within {MIN_RATE:,}..{MAX_RATE:,} Hz, not {rate:,}."
            )


def _fitted(tail: Samples, frames: int) -> Samples:
    missing = max(0, frames - len(tail))
    return np.pad(tail[: max(0, frames)], ((0, missing), (0, 0)))
