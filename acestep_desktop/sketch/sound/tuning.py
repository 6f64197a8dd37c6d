"""Tuning: drums tuned to the key of the piece, as drummers and producers tune them."""

import math
from dataclasses import replace
from functools import lru_cache
from typing import Final

from acestep_desktop.domain.key import Key
from acestep_desktop.sketch.sound.metals import BlockPiece
from acestep_desktop.sketch.sound.patches import Kit, kit_named
from acestep_desktop.sketch.sound.skins import KickPiece, SkinPiece, SnarePiece
from acestep_desktop.sketch.sound.voice import Voice

_CONCERT_HZ: Final = 440.0
_CONCERT_CLASS: Final = 9

_RESERVE: Final = (0.0, 1.0, 3.0)
"""By how many semitones root, third and fifth seem farther away than they are.

Drums on the fifth would pull the ear towards the key of the dominant.
"""

Partials = tuple[tuple[float, float, float], ...]


@lru_cache(maxsize=64)
def tuned_kit(name: str, key: Key) -> Kit:
    """Return a kit with all that has a pitch on a tone of the key's chord, none moved far.

    InvalidValueError where there is no kit of that name.
    """
    kit = kit_named(name)
    triad = (key.scale[0], key.scale[2], key.scale[4])
    pieces = {
        number: replace(piece, voice=_tuned(piece.voice, triad))
        for number, piece in kit.pieces.items()
    }
    return replace(kit, pieces=pieces)


def nearest_hz(hz: float, triad: tuple[int, ...]) -> float:
    """Return the frequency near `hz` that belongs to a triad, given as pitch classes from its root.

    The root is preferred to the third, and both to the fifth; no tone moves by more
    than four semitones.
    """
    place = 12.0 * math.log2(hz / _CONCERT_HZ) + _CONCERT_CLASS
    moves = [(pitch_class - place + 6.0) % 12.0 - 6.0 for pitch_class in triad]
    costs = [abs(move) + held for move, held in zip(moves, _RESERVE, strict=True)]
    return float(hz * 2.0 ** (moves[costs.index(min(costs))] / 12.0))


def _tuned(voice: Voice, triad: tuple[int, ...]) -> Voice:
    match voice:
        case KickPiece():
            knock = _tuned_partials(voice.knock, triad)
            return replace(voice, hz=nearest_hz(voice.hz, triad), knock=knock)
        case SnarePiece():
            return replace(voice, tones=_tuned_partials(voice.tones, triad))
        case SkinPiece():
            return replace(voice, hz=nearest_hz(voice.hz, triad))
        case BlockPiece():
            return replace(voice, partials=_tuned_partials(voice.partials, triad))
        case _:
            return voice


def _tuned_partials(partials: Partials, triad: tuple[int, ...]) -> Partials:
    return tuple((nearest_hz(hz, triad), level, seconds) for hz, level, seconds in partials)
