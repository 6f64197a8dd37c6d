"""An engine for tests, run in a real child; the words of the prompt say how it misbehaves.

Named in tests as "fake_engines:create".
"""

import ctypes
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.notes import Marker, Note, Part
from acestep_desktop.domain.recipe import EngineIdentity, Music, Recipe
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.generation.abilities import Abilities, Estimate, task_abilities
from acestep_desktop.generation.generator import (
    AudioChunk,
    JobCancelled,
    Output,
    Planned,
    Progress,
    Rendered,
    Stem,
)
from acestep_desktop.generation.seeds import single_requests

FOLDER = Path(__file__).parent
ENVIRONMENT = {"PYTHONPATH": str(FOLDER)}
STEPS = 3
CHUNKS = 4
CHUNK_FRAMES = 1_000
FRAMES = CHUNKS * CHUNK_FRAMES
IDENTITY = EngineIdentity("fake", "1", "no model", "", "none")
NO_STEMS = "This engine cannot take music apart: use another one."


def music(seed: int) -> np.ndarray:
    """Return the mix that a seed makes."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (FRAMES, 2)).astype(np.float32)


class FakeGenerator:
    """Makes noise out of seeds, and trouble out of words."""

    def __init__(self) -> None:
        self._loaded = False

    @property
    def identity(self) -> EngineIdentity:
        return IDENTITY

    def abilities(self) -> Abilities:
        return Abilities(
            tasks=task_abilities({"Extract": NO_STEMS}),
            min_seconds=0.1,
            max_seconds=60.0,
            min_bpm=40.0,
            max_bpm=200.0,
            meters=(Meter(4, 4), Meter(3, 4)),
            max_variations=8,
            caches=("text",),
            streams=True,
        )

    def estimate(self, request: Request) -> Estimate:
        if request.prompt.caption == "die at once":
            os.kill(os.getpid(), signal.SIGKILL)
        if request.prompt.caption == "unestimable":
            raise InvalidValueError("Nobody knows how long that takes: ask for something else.")
        return Estimate(0.01, 1_000_000, "loaded" if self._loaded else "")

    def unload(self) -> None:
        self._loaded = False

    def generate(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Output]:
        self._loaded = True
        words = request.prompt.caption
        if words == "no takes":
            return
        for variation, single in enumerate(single_requests(request)):
            yield from self._variation(variation, single, words, cancelled)

    def _variation(
        self, variation: int, request: Request, words: str, cancelled: Callable[[], bool]
    ) -> Iterator[Output]:
        for step in range(1, STEPS + 1):
            if cancelled():
                return
            yield Progress(variation, step / STEPS, "Playing", step, STEPS)
            wait_if_asked(words, f"wait at step {step}", cancelled)
        mix = music(request.seed)
        for number in range(CHUNKS):
            start = number * CHUNK_FRAMES
            samples = mix[start : start + CHUNK_FRAMES]
            yield AudioChunk(variation, Frame(start), samples)
            wait_if_asked(words, f"wait at chunk {number}", cancelled)
            make_trouble(words, variation)
            if words == "no patience" and cancelled():
                raise JobCancelled
        yield from self._rendered(variation, request, words, mix)

    def _rendered(
        self, variation: int, request: Request, words: str, mix: np.ndarray
    ) -> Iterator[Output]:
        stems = (Stem("Drums", mix * 0.25), Stem("Bass & Keys", mix * 0.75))
        rendered = Rendered(
            variation=variation,
            frames=Frame(FRAMES),
            channels=2,
            recipe=recipe(request),
            stems=stems,
            warnings=("It is only noise.",),
        )
        wrong = replace(request, seed=request.seed + 1)
        odd = mix.copy()
        odd[7] = np.nan
        late = Progress(variation, 1.0, "Late", 1, 1)
        troubles: dict[str, tuple[Output, ...]] = {
            "final mix": (replace(rendered, mix=mix * 0.5),),
            "bare": (replace(rendered, stems=(), recipe=replace(recipe(request), parts=())),),
            "mono": (Rendered(variation, Frame(FRAMES), 1, recipe(request), mix=mix[:, :1]),),
            "flat": (replace(rendered, mix=mix.reshape(-1)),),
            "nan": (replace(rendered, mix=odd),),
            "nan stem": (replace(rendered, stems=(Stem("Drums", odd),)),),
            "short stem": (replace(rendered, stems=(Stem("Drums", mix[:-1]),)),),
            "too long": (replace(rendered, frames=Frame(FRAMES + 1)),),
            "twice": (rendered, rendered),
            "ghost": (replace(rendered, variation=99),),
            "afterthought": (rendered, late),
            "planned": (Planned(variation, rendered.recipe), rendered),
            "planned otherwise": (Planned(variation, recipe(wrong)), rendered),
        }
        yield from troubles.get(words, (rendered,))


def recipe(request: Request) -> Recipe:
    part = Part("Bass", "bass", 33, False, (Note(Tick(0), Tick(960_000), 40, 100),))
    return Recipe(
        request, IDENTITY, Music(bpm=120.0), parts=(part,), markers=(Marker(Tick(0), "A"),)
    )


def wait_if_asked(words: str, here: str, cancelled: Callable[[], bool]) -> None:
    """Stand still at a place until told to cancel, as a long step would."""
    never = threading.Event()
    while words == here and not cancelled():
        never.wait(0.001)


def make_trouble(words: str, variation: int) -> None:
    first, _, rest = words.partition(" in variation ")
    if int(rest or 0) != variation:
        return
    trouble = TROUBLES.get(first)
    if trouble is not None:
        trouble()


def refuse() -> None:
    raise InvalidValueError("This engine knows no polka: ask for a waltz.")


def fail() -> None:
    raise ValueError("the strings\n have come off")


def run_out_of_memory() -> None:
    raise MemoryError


def fill_the_disk() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def sit_still() -> None:
    threading.Event().wait()


def spin() -> None:
    while True:
        pass


def chatter() -> None:
    print("\x00\x01\x02 garbage on stdout" * 1000, flush=True)
    os.write(1, bytes(range(256)) * 100)


TROUBLES: dict[str, Callable[[], object]] = {
    "refuse": refuse,
    "fail": fail,
    "no memory": run_out_of_memory,
    "full disk": fill_the_disk,
    "die": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "crash": lambda: ctypes.string_at(0),
    "exit": lambda: sys.exit(3),
    "sit still": sit_still,
    "spin": spin,
    "chatter": chatter,
}


def create() -> FakeGenerator:
    return FakeGenerator()


def create_broken() -> FakeGenerator:
    raise ImportError("no module named strings")


def create_stuck() -> FakeGenerator:
    threading.Event().wait()
    raise AssertionError


def create_dying() -> FakeGenerator:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
