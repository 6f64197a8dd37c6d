"""What the model is told to do, task by task, in the words that it was trained on."""

from collections.abc import Sequence
from typing import Final

COVER: Final = "Generate audio semantic tokens based on the given conditions:"
REPAINT: Final = "Repaint the mask area based on the given conditions:"


def extract_instruction(track: str) -> str:
    """Return how to ask for one track out of a mix."""
    return f"Extract the {track.upper()} track from the audio:"


def layer_instruction(track: str) -> str:
    """Return how to ask for one more track."""
    return f"Generate the {track.upper()} track based on the audio context:"


def complete_instruction(tracks: Sequence[str]) -> str:
    """Return how to ask for an accompaniment of several tracks."""
    return f"Complete the input track with {' | '.join(track.upper() for track in tracks)}:"
