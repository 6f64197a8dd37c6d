"""The port that every engine fills: a request goes in, progress and audio come out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from acestep_desktop.domain.recipe import EngineIdentity, Measured, Recipe
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.time import Frame
from acestep_desktop.generation.abilities import Abilities, Estimate

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]
    """Audio at 48 kHz: float32, shape (frames, channels), full scale 1.0."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one variation is: `fraction` 0..1, true `step` of `steps` in a named `stage`."""

    variation: int
    fraction: float
    stage: str
    step: int
    steps: int


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """The recipe of a variation, told as soon as it is known: the notes of a song take a while
    to be passed on, and nobody is to wait for them behind its last sample."""

    variation: int
    recipe: Recipe


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    """Audio of a variation's mix from frame `start` on, to be heard before the take is done.

    A later chunk replaces what an earlier one said about the same frames.
    """

    variation: int
    start: Frame
    samples: "Samples"


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """One part of a mix, as long as the mix, under a name for a person ("Drums")."""

    name: str
    samples: "Samples"


@dataclass(frozen=True, slots=True, eq=False)
class StemAudio:
    """A finished part of a variation, handed over early so that the disk takes it meanwhile."""

    variation: int
    stem: Stem


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A finished variation.

    `mix` is the final audio; None says that the chunks sent for this variation
    are the final audio, and that they cover every frame of it. Mix and stems
    have shape (frames, channels). `stems` are those that were not handed over before.
    `measured` is the mix's levels; whoever keeps it measures what an engine did not.
    `warnings` are sentences for a person.
    """

    variation: int
    frames: Frame
    channels: int
    recipe: Recipe
    mix: "Samples | None" = None
    stems: tuple[Stem, ...] = ()
    measured: Measured | None = None
    warnings: tuple[str, ...] = ()


Output = Progress | Planned | AudioChunk | StemAudio | Rendered


class JobCancelled(Exception):
    """Raised from deep inside an engine that saw `cancelled()`; returning does as well."""


class Generator(Protocol):
    """An engine. It lives in a child process of its own and does one job at a time.

    The module that holds one has a function without arguments, `create`, which
    the registry names; it returns quickly and loads nothing heavy.
    """

    @property
    def identity(self) -> EngineIdentity:
        """Who this is, for recipes."""
        ...

    def abilities(self) -> Abilities:
        """Return what this engine can do; quick, without loading a model."""
        ...

    def estimate(self, request: Request) -> Estimate:
        """Return what `request` will cost; quick, without loading a model."""
        ...

    def generate(self, request: Request, cancelled: Callable[[], bool]) -> Iterator[Output]:
        """Make all variations of `request`, one `Rendered` each, in order from 0.

        Variation k uses the seed `domain.request.variation_seeds(request)[k]` and
        comes out the same whether asked alone or among others. `cancelled()` is
        cheap and asked at every step; once true, the iterator ends or raises
        JobCancelled. A UserError carries words for a person; MemoryError says
        that memory ran out.
        """
        ...

    def unload(self) -> None:
        """Give memory back; the next job loads again what it needs."""
        ...
