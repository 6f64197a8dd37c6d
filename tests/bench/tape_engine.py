"""An engine that plays noise of the asked length with six stems, and does nothing else."""

from collections.abc import Callable, Iterator

import numpy as np

from acestep_desktop.domain.recipe import EngineIdentity, Music, Recipe
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.generation.abilities import Abilities, Estimate, task_abilities
from acestep_desktop.generation.generator import AudioChunk, Output, Rendered, Stem
from acestep_desktop.generation.seeds import single_requests

IDENTITY = EngineIdentity("tape", "1")
STEMS = 6


class TapeEngine:
    """Costs next to nothing itself, so that what is measured is everything around it."""

    identity = IDENTITY

    def __init__(self) -> None:
        self._tape = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 2)).astype(np.float32)

    def abilities(self) -> Abilities:
        return Abilities(task_abilities({}), 0.1, 600.0, max_variations=64, streams=True)

    def estimate(self, request: Request) -> Estimate:
        return Estimate(1.0, 1)

    def unload(self) -> None:
        pass

    def generate(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Output]:
        frames = round((request.seconds or 1.0) * SAMPLE_RATE)
        if len(self._tape) != frames:
            self._tape = np.resize(np.linspace(-0.5, 0.5, 997, dtype=np.float32), (frames, 2))
        for variation, single in enumerate(single_requests(request)):
            for start in range(0, frames, SAMPLE_RATE):
                if cancelled():
                    return
                chunk = self._tape[start : start + SAMPLE_RATE]
                yield AudioChunk(variation, Frame(start), chunk)
            stems = tuple(Stem(f"Stem {n}", self._tape) for n in range(STEMS))
            recipe = Recipe(single, IDENTITY, Music())
            yield Rendered(variation, Frame(frames), 2, recipe, stems=stems)


def create() -> TapeEngine:
    return TapeEngine()
