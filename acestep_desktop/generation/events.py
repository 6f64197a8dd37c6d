"""What happens in a job, told in order; see `EngineClient.run`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acestep_desktop.domain.recipe import Measured, Recipe
from acestep_desktop.domain.time import Frame
from acestep_desktop.generation.abilities import Estimate
from acestep_desktop.generation.generator import AudioChunk, Progress


@dataclass(frozen=True, slots=True)
class TakeDraft:
    """Finished audio that is not kept yet: raw files in the job's work folder.

    Raw means float32, little-endian, interleaved, 48 kHz, behind room for a header.
    `streamed` says that the AudioChunks that came were the mix, every frame of it.
    `stems` are (name, file), each as long as the mix. `measured` is None where nobody did.
    """

    mix: Path
    streamed: bool
    stems: tuple[tuple[str, Path], ...]
    frames: Frame
    channels: int
    recipe: Recipe
    measured: Measured | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Started:
    """The engine has begun; what it expects to take."""

    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Stalled:
    """The engine has said nothing for a while, and will be ended in a while."""

    silent_s: float
    ends_in_s: float


@dataclass(frozen=True, slots=True)
class TakeReady:
    """A variation is finished and lies in the work folder, where it stays whatever comes next."""

    variation: int
    draft: TakeDraft


@dataclass(frozen=True, slots=True)
class Finished:
    """All variations are finished; seconds the job took, most memory the engine has held."""

    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job was cancelled."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The job failed: a sentence for a person, and details for the log or nothing."""

    reason: str
    detail: str


Event = Started | Progress | AudioChunk | Stalled | TakeReady | Finished | Cancelled | Failed
"""Whatever a job tells."""

END_EVENTS: Final = (Finished, Cancelled, Failed)
"""One of these is the last event of every job."""
