"""How long tasks on audio are: their source says so, not the words."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from acestep_desktop.acestep.length import MIN_MADE_S, frames_of, settled
from acestep_desktop.audiofile.decode import open_audio
from acestep_desktop.domain.request import (
    MAX_SECONDS,
    AddLayer,
    Complete,
    Extend,
    Extract,
    Repaint,
    Request,
    TextToMusic,
)
from acestep_desktop.domain.time import SAMPLE_RATE, frames_from_seconds
from acestep_desktop.domain.understanding import Understanding, understand

LEAST: Final = MIN_MADE_S * SAMPLE_RATE
MOST: Final = int(MAX_SECONDS) * SAMPLE_RATE
"""The model works on so many frames at once; what is shorter is looped."""

LEAST_OF_TRACKS: Final = 60 * SAMPLE_RATE
"""It works on single tracks from a minute on."""

AROUND: Final = 60 * SAMPLE_RATE
"""So much of a long source is heard on each side of what is made anew."""

LEAST_HEARD: Final = 10 * SAMPLE_RATE
"""Of what is continued, no less than this is heard."""

_NOBODYS_S: Final = 0.123
"""A length that nobody asks for."""


def understood(request: Request) -> Understanding:
    """Return what `request` asks for; of a task on audio without any length.

    No tempo is taken for granted then: the source has its own.
    """
    asked = understand(request)
    if isinstance(request.task, TextToMusic):
        return settled(asked)
    other = understand(replace(request, bars=None, seconds=_NOBODYS_S)).understood
    notes = asked.notes
    if request.bars is not None or request.seconds is not None:
        notes += ("This take is as long as its source says: the length was left out.",)
    # What is understood but for the length does not change with it.
    rest = tuple(text for text in asked.understood if text in other)
    return replace(asked, bars=None, seconds=None, understood=rest, notes=notes)


def worked_frames(request: Request) -> int:
    """Return how many frames the model will work on; reads no more than the source's header.

    Raises AudioFileError where there is no source, and LengthError for what is
    longer than the model can make.
    """
    task = request.task
    if isinstance(task, TextToMusic):
        return max(LEAST, frames_of(understood(request)))
    frames = open_audio(Path(task.source)).standard_frames
    match task:
        case Repaint():
            span = frames_from_seconds(task.to_s) - frames_from_seconds(task.from_s)
            frames = min(frames, span + 2 * AROUND)
        case Extend():
            sides = bool(task.before_s) + bool(task.after_s)
            heard = frames if sides == 2 else min(frames, AROUND)
            frames = heard + frames_from_seconds(task.before_s + task.after_s)
        case Extract() | AddLayer() | Complete():
            frames = max(frames, LEAST_OF_TRACKS)
    return max(LEAST, min(frames, MOST))
