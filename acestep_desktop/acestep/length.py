"""How long a take is: whole bars to the frame, and how many latents that takes."""

from dataclasses import replace
from typing import Final

from acestep_desktop.acestep.errors import LengthError
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.request import MAX_SECONDS
from acestep_desktop.domain.time import SAMPLE_RATE, Frame, Meter, frames_from_seconds
from acestep_desktop.domain.understanding import Understanding

MIN_MADE_S: Final = 10
"""The model was trained on no less; what is shorter is cut from this."""

DEFAULT_BPM: Final = 120.0
"""Bars need a tempo: this one where neither fields nor words say any."""


def settled(understanding: Understanding) -> Understanding:
    """Return `understanding` with a tempo and a meter, if its length is in bars."""
    if understanding.bars is None:
        return understanding
    low, high = understanding.bpm_range or (DEFAULT_BPM, DEFAULT_BPM)
    return replace(
        understanding,
        bpm=understanding.bpm or float(round((low + high) / 2)),
        meter=understanding.meter or Meter(),
    )


def music_of(understanding: Understanding) -> Music:
    """Return the musical facts of a take that is made to a settled understanding."""
    return Music(understanding.bpm, understanding.key, understanding.meter, understanding.bars)


def frames_of(understanding: Understanding) -> Frame:
    """Return the exact length of a take; LengthError if it is longer than the model can make."""
    exact = music_of(understanding).loop_frames()
    frames = frames_from_seconds(understanding.seconds or 0.0) if exact is None else exact
    if frames > MAX_SECONDS * SAMPLE_RATE:
        raise LengthError(
            f"{understanding.bars} bars at {understanding.bpm:g} bpm are "
            f"{frames / SAMPLE_RATE:.0f} seconds; ACE-Step makes up to {MAX_SECONDS:.0f}: "
            "ask for fewer bars."
        )
    return frames


def made_seconds(frames: Frame) -> float:
    """Return how many seconds are made for a take of `frames`."""
    return max(MIN_MADE_S, frames / SAMPLE_RATE)


def latents_for(frames: int, hop: int) -> int:
    """Return how many latents of `hop` frames hold `frames`."""
    return -(-frames // hop)
