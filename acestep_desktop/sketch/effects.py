"""Effects and beds: where risers, impacts, rain and the like stand in a sketch."""

from typing import Final

from acestep_desktop.sketch.feel import Stroke
from acestep_desktop.sketch.score import Score

BEDS: Final = frozenset(("vinyl_crackle", "rain", "room_tone"))
_PITCH: Final = 60
_LEAD_BARS: Final = 4


def play_effect(score: Score, effect: str) -> list[Stroke]:
    """Return the strokes of an effect; a stroke is as long as the effect should last.

    Beds last throughout, and so does an effect that stands alone. Others lead
    into or mark the start of sections.
    """
    blueprint = score.blueprint
    if effect in BEDS or len(blueprint.players) == 1:
        return [Stroke(0, blueprint.total, _PITCH, 90, tight=True)]
    bar = blueprint.grid.bar
    if effect in ("riser", "noise_sweep"):
        return [
            Stroke((section.end_bar - length) * bar, length * bar, _PITCH, 96, tight=True)
            for section in blueprint.sections
            if (length := min(_LEAD_BARS, section.bars))
        ]
    return [
        Stroke(section.first_bar * bar, min(2, section.bars) * bar, _PITCH, 100, tight=True)
        for section in blueprint.sections
    ]
