"""Tasks that make a part anew and keep the rest bit for bit: repaint, and extend.

Three things keep what is outside the windows. The model sees it as context. After
each step, the latents out there are set back to the source's own with the noise
of that time, so that what is made grows into its surroundings. And the finished
audio is spliced into the source's own samples.

They differ from AceStepPipeline in that alone, and in the length of the context:
of a long source, one minute on each side of the window is heard.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from acestep_desktop.acestep.errors import LengthError, SourceError
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Plan, StepState, Wish
from acestep_desktop.acestep.sources import (
    LONGEST_S,
    Source,
    filled,
    latents_of,
    looped,
    read_source,
)
from acestep_desktop.acestep.splice import CONTEXT, FADE, Spliced, Window, rung_on
from acestep_desktop.acestep.steps import Work
from acestep_desktop.acestep.tasks_length import AROUND, LEAST, LEAST_HEARD, MOST
from acestep_desktop.acestep.tasks_shared import part_of, source_plan
from acestep_desktop.acestep.tasks_wording import REPAINT
from acestep_desktop.domain.request import MAX_SECONDS, Extend, Repaint
from acestep_desktop.domain.time import SAMPLE_RATE, frames_from_seconds
from acestep_desktop.dsp.samples import Samples, silence


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What the model works on, and where it lies in the take.

    `samples` has silence where there is no source; `spans` are the latents
    [from, to) that are made anew. Frame 0 of it is frame `first` of the take
    `kept`, whose `windows` are replaced.
    """

    samples: Samples
    spans: tuple[tuple[int, int], ...]
    first: int
    kept: Samples
    windows: tuple[Window, ...]


class Held:
    """Sets the latents outside a mask back to the source's, with the noise of each time.

    Args:
        latents: [1, T, C] of the source.
        mask: [1, T, 1], 1 where something is made.
    """

    def __init__(self, latents: Tensor, mask: Tensor) -> None:
        self._latents = latents
        self._mask = mask

    def __call__(self, state: StepState) -> Tensor:
        """Return the latents to go on with."""
        source = self._latents.to(state.latents)
        kept = state.t_next * state.noise + (1.0 - state.t_next) * source
        return torch.where(self._mask.to(state.latents) > 0, state.latents, kept)


def repaint(wish: Wish, task: Repaint, model: LoadedModel) -> Work[Plan]:
    """Return the plan of a repaint of `task.from_s` .. `task.to_s`."""
    source = read_source(task.source, longest_s=LONGEST_S)
    scene = repainted_scene(source, task, model.hop)
    plan = yield from _plan(wish, model, scene, source.notes)
    return plan


def extend(wish: Wish, task: Extend, model: LoadedModel) -> Work[Plan]:
    """Return the plan of a longer take, in which the source lies unchanged."""
    source = read_source(task.source, longest_s=LONGEST_S)
    scene = extended_scene(source, task, model.hop)
    plan = yield from _plan(wish, model, scene, source.notes)
    return plan


def repainted_scene(source: Source, task: Repaint, hop: int) -> Scene:
    """Return what is heard and made of a repaint; a window that reaches too far is cut."""
    start = frames_from_seconds(task.from_s)
    end = min(source.frames, frames_from_seconds(task.to_s))
    if start >= end:
        raise SourceError(
            f'"{source.name}" ends at {source.frames / SAMPLE_RATE:.2f} seconds: '
            f"there is nothing to repaint from {task.from_s:g} to {task.to_s:g}. "
            "Choose a span within it."
        )
    if end - start > MOST:
        raise LengthError(
            f"ACE-Step repaints up to {MAX_SECONDS:.0f} seconds at once, not "
            f"{(end - start) / SAMPLE_RATE:.0f}: choose a shorter span."
        )
    around = min(AROUND, (MOST - (end - start)) // 2)
    low = max(0, start - around) // hop * hop
    high = min(source.frames, end + around)
    samples = filled(looped(source.samples[low:high], LEAST), hop)
    to_the_end = end == source.frames and len(samples) - (end - low) < hop
    span = repainted_latents(
        (start - low) / SAMPLE_RATE,
        None if to_the_end else (end - low) / SAMPLE_RATE,
        len(samples) // hop,
        hop,
    )
    return Scene(samples, (span,), low, source.samples, (Window(start, end),))


def repainted_latents(from_s: float, to_s: float | None, latents: int, hop: int) -> tuple[int, int]:
    """Return which of `latents` are made anew for a span of seconds; None is the end.

    Both ends are rounded down, as AceStepPipeline does it: at the end of a window
    the last fraction of a latent is the source's, and the fade lies over it.
    """
    per_second = SAMPLE_RATE / hop
    start = min(int(from_s * per_second), latents - 1)
    end = latents if to_s is None else int(to_s * per_second)
    return start, max(start + 1, min(end, latents))


def extended_scene(source: Source, task: Extend, hop: int) -> Scene:
    """Return what is heard and made of an extension.

    What is made before the source begins early enough to be whole latents, and
    is cut to the frames that were asked for. In the windows, the source rings on
    for as long as the fades last.
    """
    before, after = frames_from_seconds(task.before_s), frames_from_seconds(task.after_s)
    low, high = _heard(source, before, after)
    ahead = -(-before // hop) * hop
    length = high - low
    lacking = max(0, LEAST - ahead - length - after)
    if after:
        behind = after + lacking
    else:
        behind, ahead = 0, ahead + -(-lacking // hop) * hop
    samples = filled(np.pad(source.samples[low:high], ((ahead, behind), (0, 0))), hop)
    spans = []
    if before:
        spans.append((0, ahead // hop))
    if after:
        spans.append(((ahead + length) // hop, len(samples) // hop))
    kept, windows = _kept(source.samples, before, after)
    return Scene(samples, tuple(spans), before + low - ahead, kept, windows)


def _heard(source: Source, before: int, after: int) -> tuple[int, int]:
    """Return which frames of the source are heard; LengthError if they are too many."""
    room = MOST - before - after
    if before and after:
        if source.frames > room:
            raise LengthError(
                f'"{source.name}" and what is to be added are longer than '
                f"{MAX_SECONDS:.0f} seconds: extend one side at a time."
            )
        return 0, source.frames
    if room < min(LEAST_HEARD, source.frames):
        most = (MOST - min(LEAST_HEARD, source.frames)) / SAMPLE_RATE
        raise LengthError(
            f'ACE-Step can continue "{source.name}" by up to {most:.0f} seconds at once: '
            "ask for less, and extend the result again."
        )
    heard = min(source.frames, room, AROUND)
    return (0, heard) if before else (source.frames - heard, source.frames)


def _kept(samples: Samples, before: int, after: int) -> tuple[Samples, tuple[Window, ...]]:
    """Return the longer take with nothing but the source in it, and its windows."""
    kept = silence(before + len(samples) + after)
    end = before + len(samples)
    kept[before:end] = samples
    windows = []
    if before:
        fade = min(FADE, before)
        kept[before - fade : before] = rung_on(samples[::-1], fade)[::-1]
        windows.append(Window(0, before))
    if after:
        fade = min(FADE, after)
        kept[end : end + fade] = rung_on(samples, fade)
        windows.append(Window(end, len(kept)))
    return kept, tuple(windows)


def _plan(wish: Wish, model: LoadedModel, scene: Scene, notes: tuple[str, ...]) -> Work[Plan]:
    latents = yield from latents_of(scene.samples, model)
    length = latents.shape[1]
    mask = torch.zeros(1, length, 1)
    for start, end in scene.spans:
        mask[:, start:end] = 1.0
    first, last = _decoded(scene, length, model.hop)
    begins_at = scene.first + first * model.hop
    plan = source_plan(
        wish,
        model,
        instruction=REPAINT,
        context=part_of(latents, model.silence(length), mask),
        frames=len(scene.kept),
        finish=lambda: Spliced(scene.kept, scene.windows, begins_at),
        warnings=notes,
    )
    return replace(plan, after_step=Held(latents, mask), decode=(first, last))


def _decoded(scene: Scene, latents: int, hop: int) -> tuple[int, int]:
    """Return which latents are decoded: the windows, what is between them, and some around."""
    start = scene.windows[0].start - scene.first - CONTEXT
    end = scene.windows[-1].end - scene.first + CONTEXT
    return max(0, start // hop), min(latents, -(-end // hop))
