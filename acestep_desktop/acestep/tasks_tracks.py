"""Tasks of single tracks, for base models: extract, add a layer, and complete.

A source of less than a minute is looped, and what is made is cut back to its length.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from acestep_desktop.acestep.finishing import Levelled
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Finish, Plan, Wish
from acestep_desktop.acestep.sources import latents_of, looped, read_source
from acestep_desktop.acestep.steps import Work
from acestep_desktop.acestep.tasks_length import LEAST_OF_TRACKS
from acestep_desktop.acestep.tasks_shared import all_of, source_plan
from acestep_desktop.acestep.tasks_wording import (
    complete_instruction,
    extract_instruction,
    layer_instruction,
)
from acestep_desktop.domain.request import AddLayer, Complete, Extract
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.samples import Samples

LAYER_GUIDANCE: Final = 1.0
"""A layer that is pushed towards its words drifts away from what it should play along with."""


class AtItsLevel:
    """Makes a take of decoded audio as loud as the model plays it, but within full scale.

    A track has its place in the mix it belongs to: its level is a part of it, and
    a track that is not there stays silent.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames

    def preview(self, start: int, samples: Samples) -> tuple[int, Samples] | None:
        """Return the audio of these frames within full scale."""
        samples = samples[: max(0, self._frames - start)]
        return (start, np.clip(samples, -1.0, 1.0)) if len(samples) else None

    def whole(self, samples: Samples) -> Samples:
        """Return the take, lowered if it would exceed full scale."""
        take = samples[: self._frames]
        peak = float(np.abs(take).max(initial=0.0))
        return take / np.float32(peak) if peak > 1.0 else np.ascontiguousarray(take)


def extract(wish: Wish, task: Extract, model: LoadedModel) -> Work[Plan]:
    """Return the plan of one track of a source, alone."""
    plan = yield from _track(wish, task.source, model, extract_instruction(task.track), AtItsLevel)
    return plan


def add_layer(wish: Wish, task: AddLayer, model: LoadedModel) -> Work[Plan]:
    """Return the plan of one more track for a source, alone and as long as the source."""
    asked = wish.request.sampling.guidance_scale
    plan = yield from _track(
        wish,
        task.source,
        model,
        layer_instruction(task.track),
        AtItsLevel,
        guidance_scale=LAYER_GUIDANCE if asked is None else max(1.0, asked),
    )
    return plan


def complete(wish: Wish, task: Complete, model: LoadedModel) -> Work[Plan]:
    """Return the plan of a source with several tracks that accompany it."""
    plan = yield from _track(
        wish,
        task.source,
        model,
        complete_instruction(task.tracks),
        lambda frames: Levelled(Frame(frames)),
    )
    return plan


def _track(
    wish: Wish,
    path: str,
    model: LoadedModel,
    instruction: str,
    finish: Callable[[int], Finish],
    **changes: float,
) -> Work[Plan]:
    source = read_source(path)
    latents = yield from latents_of(looped(source.samples, LEAST_OF_TRACKS), model)
    return source_plan(
        wish,
        model,
        instruction=instruction,
        context=all_of(latents),
        frames=source.frames,
        finish=lambda: finish(source.frames),
        warnings=source.notes,
        **changes,
    )
