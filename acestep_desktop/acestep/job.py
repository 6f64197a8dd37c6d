"""One job on one model: from a request to takes, told step by step."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

import torch
from torch import Tensor

from acestep_desktop.acestep.adapters import applied, read_adapters
from acestep_desktop.acestep.compiled import BlockShape, Form
from acestep_desktop.acestep.compiling import COMPILED, NOT_COMPILED, CompiledBlocks
from acestep_desktop.acestep.decoding import Decoder
from acestep_desktop.acestep.errors import FormError
from acestep_desktop.acestep.ladder import Ladder, in_full_precision
from acestep_desktop.acestep.length import latents_for
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Finish, Plan, Wish
from acestep_desktop.acestep.planning import planned
from acestep_desktop.acestep.sampler import NotFiniteError, sampled, seeded_noise
from acestep_desktop.acestep.steps import (
    DECODING,
    LISTENING,
    LOADING,
    READING,
    SAMPLING,
    Step,
    Work,
)
from acestep_desktop.acestep.velocity import ClipVelocity
from acestep_desktop.domain.recipe import EngineIdentity, Recipe
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.time import Frame
from acestep_desktop.domain.understanding import Understanding
from acestep_desktop.dsp.loudness import measure_levels
from acestep_desktop.dsp.measure import Fault, fault_of
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.generation.generator import (
    AudioChunk,
    JobCancelled,
    Output,
    Progress,
    Rendered,
)
from acestep_desktop.generation.seeds import single_requests

T = TypeVar("T")

SHARES: Final = {
    LOADING: (0.0, 0.1),
    LISTENING: (0.1, 0.15),
    READING: (0.15, 0.2),
    SAMPLING: (0.2, 0.7),
    DECODING: (0.7, 1.0),
}
"""From where to where each stage brings a take."""

TELL_EVERY_S: Final = 0.5
"""So often is a step told that is under way."""

_FAULTS: Final[dict[Fault, str]] = {
    "silence": "This take came out silent: try another seed or other words.",
    "noise": "This take sounds like noise: try another seed or other words.",
    "not finite": "This take holds samples that are no numbers: try another seed.",
}


class Telling:
    """Does work, tells its progress, and ends it once the job is cancelled.

    Each step is told, and a step that takes long is told again and again.
    """

    def __init__(
        self, cancelled: Callable[[], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._cancelled = cancelled
        self._clock = clock
        self._last: Step | None = None
        self._told_at = 0.0

    def of(self, variation: int, work: Work[T]) -> Generator[Progress, None, T]:
        """Yield the progress of `work`, and return its result."""
        try:
            while not self._cancelled():
                try:
                    with torch.inference_mode():
                        step = next(work)
                except StopIteration as end:
                    result: T = end.value
                    return result
                if self._is_news(step):
                    yield _progress(variation, step)
            raise JobCancelled
        finally:
            work.close()

    def _is_news(self, step: Step) -> bool:
        now, whole = self._clock(), replace(step, part=0.0)
        if whole == self._last and now - self._told_at < TELL_EVERY_S:
            return False
        self._last, self._told_at = whole, now
        return True


class Job:
    """Makes the takes of one request with a loaded model.

    Args:
        model: the model.
        ladder: what is done when memory runs short.
        telling: how progress is told.
        identity: who makes it, for recipes.
        blocks: compiled forms of the model's layers; None where none are to be used.
    """

    def __init__(
        self,
        model: LoadedModel,
        ladder: Ladder,
        telling: Telling,
        identity: EngineIdentity,
        blocks: CompiledBlocks | None = None,
    ) -> None:
        self._model = model
        self._ladder = ladder
        self._telling = telling
        self._identity = identity
        self._blocks = blocks
        self._may_compile = blocks is not None
        self._bound: _Bound | None = None

    @property
    def shapes(self) -> frozenset[BlockShape]:
        """What would have to be compiled for this job; empty where it is to stay uncompiled."""
        return self._bound.shapes if self._bound and self._may_compile else frozenset()

    def takes(self, wish: Wish) -> Iterator[Output]:
        """Make all variations of `wish`."""
        request, loras = read_adapters(wish.request)
        wish = replace(wish, request=request)
        make_plan = partial(planned, wish, self._model)
        with applied(request.adapters, loras, self._model.parts.transformer):
            plan = yield from self._telling.of(0, self._ladder.sparing(LISTENING, make_plan))
            yield from self.planned_takes(plan, wish)

    def planned_takes(self, plan: Plan, wish: Wish) -> Iterator[Output]:
        """Make all variations by one plan: its conditions are encoded once for all of them."""
        plain = wish.request.sampling.compiled is False or any(
            adapter.strength for adapter in wish.request.adapters
        )
        self._may_compile = self._blocks is not None and not plain
        for variation, single in enumerate(single_requests(wish.request)):
            yield from self._take(variation, single, plan, wish.understanding)

    def _take(
        self, variation: int, request: Request, plan: Plan, understanding: Understanding
    ) -> Iterator[Output]:
        latents = yield from self._latents(variation, plan, request.seed)
        start, end = plan.decode or (0, latents_for(plan.frames, self._model.hop))
        decoder = Decoder(self._model, latents, start, end)
        finish = plan.finish()
        raw = yield from self._heard(variation, decoder, finish)
        mix = finish.whole(raw)
        fault = fault_of(mix)
        warnings = (
            *understanding.notes,
            *plan.prompt.warnings,
            *plan.warnings,
            self._model.placement.said,
            *self._ladder.said,
            self._said_of_layers(request),
            _FAULTS[fault] if fault else "",
        )
        yield Rendered(
            variation=variation,
            frames=Frame(len(mix)),
            channels=mix.shape[1],
            recipe=Recipe(
                request=self._recorded(request),
                engine=self._identity,
                music=plan.music,
                understood=understanding.understood,
                ignored=(),
            ),
            mix=mix,
            measured=measure_levels(mix).measured(),
            warnings=tuple(dict.fromkeys(filter(None, warnings))),
        )

    def _recorded(self, request: Request) -> Request:
        """Return `request` as a recipe keeps it: made again, it is compiled or not as now."""
        if self._blocks is None and request.sampling.compiled is None:
            return request
        compiled = bool(self._bound and self._bound.forms)
        return replace(request, sampling=replace(request.sampling, compiled=compiled))

    def _said_of_layers(self, request: Request) -> str:
        if self._bound and self._bound.forms:
            return COMPILED
        return NOT_COMPILED if request.sampling.compiled else ""

    def _latents(self, variation: int, plan: Plan, seed: int) -> Generator[Output, None, Tensor]:
        """Sample; once more in full precision where half of it was too little."""
        make = partial(self._sampled, plan, seed)
        try:
            return (yield from self._telling.of(variation, self._ladder.sparing(SAMPLING, make)))
        except NotFiniteError:
            if not in_full_precision(self._model):
                raise
        return (yield from self._telling.of(variation, self._ladder.sparing(SAMPLING, make)))

    def _sampled(self, plan: Plan, seed: int) -> Work[Tensor]:
        model = self._model
        if self._bound is None or self._bound.dtype != model.dtype:
            self._bound = None
            self._bound = yield from self._bind(plan)
        noise = seeded_noise(seed, plan.context.shape[1], model.channels).to(model.device)
        bound = self._bound
        with model.using("transformer"):
            try:
                return (yield from bound.sampled(plan, noise))
            except FormError as error:
                # The ladder knows what to do when memory runs out; this is anything else.
                self._give_up(bound, error)
            return (yield from bound.sampled(plan, noise))

    def _give_up(self, bound: "_Bound", error: FormError) -> None:
        """Go on without compiled layers, from the first step on: half a take so is neither."""
        bound.use({})
        if self._blocks is not None:
            self._blocks.give_up(str(error))

    def _bind(self, plan: Plan) -> Work["_Bound"]:
        """Bind the transformer to the plan's conditions: for all variations, once."""
        model = self._model
        guided = plan.guidance_scale > 1.0 and model.kind != "turbo"
        states = yield from model.conditions.encoded(plan.prompt, plan.timbre)
        if guided:
            states = torch.cat([states, model.conditions.nothing(states)])
        others, blend = None, plan.blend
        if blend is not None:
            others = yield from model.conditions.encoded(blend.prompt, plan.timbre)
        with model.using("transformer") as transformer:
            velocity = ClipVelocity(transformer, states, plan.context.to(states))
            second = None
            if others is not None and blend is not None:
                context = plan.context if blend.context is None else blend.context
                second = ClipVelocity(transformer, others, context.to(others))
        bound = _Bound(model.dtype, velocity, second, guided)
        if self._blocks is not None and self._may_compile:
            bound.use(self._blocks.ready(bound.shapes))
        return bound

    def _heard(
        self, variation: int, decoder: Decoder, finish: Finish
    ) -> Generator[Output, None, Samples]:
        """Decode, and send each chunk on as soon as it is there."""
        work = self._telling.of(variation, self._ladder.sparing(DECODING, decoder.work))
        while True:
            try:
                progress = next(work)
            except StopIteration as end:
                samples: Samples = end.value
                return samples
            yield progress
            for start, piece in decoder.fresh():
                heard = finish.preview(start, piece)
                if heard is not None:
                    yield AudioChunk(variation, Frame(heard[0]), heard[1])


@dataclass(frozen=True, slots=True, eq=False)
class _Bound:
    """The transformer bound to a plan's conditions, in the precision of `dtype`."""

    dtype: torch.dtype
    velocity: ClipVelocity
    second: ClipVelocity | None
    guided: bool

    @property
    def shapes(self) -> frozenset[BlockShape]:
        """What has to be compiled for all layers; empty where one of them cannot be."""
        each = [velocity.shapes for velocity in self._velocities()]
        return frozenset().union(*each) if all(each) else frozenset()

    @property
    def forms(self) -> Mapping[BlockShape, Form]:
        """The compiled forms that are used."""
        return self.velocity.forms

    def use(self, forms: Mapping[BlockShape, Form]) -> None:
        """Go through the layers by these compiled forms from now on; plainly without any."""
        for velocity in self._velocities():
            velocity.forms = forms

    def sampled(self, plan: Plan, noise: Tensor) -> Work[Tensor]:
        """Return the latents that `noise` flows to."""
        return sampled(plan, self.velocity, noise, guided=self.guided, second=self.second)

    def _velocities(self) -> list[ClipVelocity]:
        return [velocity for velocity in (self.velocity, self.second) if velocity is not None]


def _progress(variation: int, step: Step) -> Progress:
    start, end = SHARES[step.stage]
    fraction = start + (end - start) * min(1.0, (step.step + step.part) / step.steps)
    return Progress(variation, fraction, step.stage, step.step, step.steps)
