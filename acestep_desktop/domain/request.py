"""What a person asks an engine for: words, fields that beat words, and a task."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.likeness import Likeness
from acestep_desktop.domain.tempo import checked_bpm
from acestep_desktop.domain.time import Meter

DEFAULT_BARS: Final = 8
MAX_BARS: Final = 512
MAX_SECONDS: Final = 600.0
MAX_CAPTION: Final = 10_000
MAX_LYRICS: Final = 50_000
MAX_VARIATIONS: Final = 64
MAX_SEED: Final = 2**63 - 1

TRACK_NAMES: Final = (
    "woodwinds",
    "brass",
    "fx",
    "synth",
    "strings",
    "percussion",
    "keyboard",
    "guitar",
    "bass",
    "drums",
    "backing_vocals",
    "vocals",
)
"""The tracks that models can extract, add or complete."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the music should be: a caption, and words to sing with their language."""

    caption: str
    lyrics: str = ""
    language: str = "unknown"

    def __post_init__(self) -> None:
        if len(self.caption) > MAX_CAPTION:
            raise InvalidValueError(
                f"a prompt can have {MAX_CAPTION:,} characters, got {len(self.caption):,}"
            )
        if len(self.lyrics) > MAX_LYRICS:
            raise InvalidValueError(
                f"lyrics can have {MAX_LYRICS:,} characters, got {len(self.lyrics):,}"
            )


@dataclass(frozen=True, slots=True)
class TextToMusic:
    """Make music from words alone."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Keep the structure of `source`, change its style; strength 0..1 is how much is kept."""

    source: str
    strength: float = 0.7

    def __post_init__(self) -> None:
        _check_strength(self.strength)


@dataclass(frozen=True, slots=True)
class Repaint:
    """Make the span from..to (seconds) of `source` anew, and nothing else."""

    source: str
    from_s: float
    to_s: float

    def __post_init__(self) -> None:
        if not (
            math.isfinite(self.from_s) and math.isfinite(self.to_s) and 0 <= self.from_s < self.to_s
        ):
            raise InvalidValueError(
                f"a repaint needs 0 <= from < to in seconds, got {self.from_s:g}..{self.to_s:g}"
            )


@dataclass(frozen=True, slots=True)
class Extend:
    """Continue `source` by seconds before its start and after its end."""

    source: str
    before_s: float = 0.0
    after_s: float = 0.0

    def __post_init__(self) -> None:
        if not (
            self.before_s >= 0
            and self.after_s >= 0
            and 0 < self.before_s + self.after_s <= MAX_SECONDS
        ):
            raise InvalidValueError(
                "an extension needs seconds before or after the source, "
                f"got {self.before_s:g} and {self.after_s:g}"
            )


@dataclass(frozen=True, slots=True)
class Variation:
    """Make something like `source`; strength 0..1 is how far it may go."""

    source: str
    strength: float = 0.5

    def __post_init__(self) -> None:
        _check_strength(self.strength)


@dataclass(frozen=True, slots=True)
class Extract:
    """Take one of `TRACK_NAMES` out of `source`."""

    source: str
    track: str

    def __post_init__(self) -> None:
        _check_track(self.track)


@dataclass(frozen=True, slots=True)
class AddLayer:
    """Add one of `TRACK_NAMES` to `source`."""

    source: str
    track: str

    def __post_init__(self) -> None:
        _check_track(self.track)


@dataclass(frozen=True, slots=True)
class Complete:
    """Accompany `source` with several of `TRACK_NAMES`."""

    source: str
    tracks: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.tracks:
            raise InvalidValueError("say which tracks to complete the source with")
        for track in self.tracks:
            _check_track(track)


Task = TextToMusic | Cover | Repaint | Extend | Variation | Extract | AddLayer | Complete


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model samples; None means the preset of its checkpoint.

    `compiled` says whether its layers are to be compiled ones, which round otherwise:
    recipes keep it. None leaves that to the engine.
    """

    steps: int | None = None
    shift: float | None = None
    guidance_scale: float | None = None
    compiled: bool | None = None

    def __post_init__(self) -> None:
        if self.steps is not None and not 1 <= self.steps <= 1000:
            raise InvalidValueError(f"steps must be within 1..1000, got {self.steps}")
        if self.shift is not None and not 0.1 <= self.shift <= 20:
            raise InvalidValueError(f"shift must be within 0.1..20, got {self.shift:g}")
        if self.guidance_scale is not None and not 0 <= self.guidance_scale <= 50:
            raise InvalidValueError(f"guidance must be within 0..50, got {self.guidance_scale:g}")


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA file and how strongly it acts; `sha256` of the file is set in recipes."""

    path: str
    strength: float = 1.0
    sha256: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.strength) and abs(self.strength) <= 10):
            raise InvalidValueError(
                f"a LoRA's strength must be within -10..10, got {self.strength:g}"
            )


@dataclass(frozen=True, slots=True)
class Request:
    """One wish. A field that is None is left to the words, then to the engine.

    `bars` and `seconds` exclude each other; with neither, the words decide, else
    8 bars. Variation k (from 0) of `seed` S has seed S + k.
    """

    prompt: Prompt
    task: Task = field(default_factory=TextToMusic)
    bars: int | None = None
    seconds: float | None = None
    bpm: float | None = None
    key: Key | None = None
    meter: Meter | None = None
    seed: int = 0
    variations: int = 1
    reference: str | None = None
    model: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    adapters: tuple[Adapter, ...] = ()
    likeness: Likeness = field(default_factory=Likeness)

    def __post_init__(self) -> None:
        if self.bars is not None and self.seconds is not None:
            raise InvalidValueError("give a length in bars or in seconds, not both")
        if self.bars is not None and not 1 <= self.bars <= MAX_BARS:
            raise InvalidValueError(f"bars must be within 1..{MAX_BARS}, got {self.bars}")
        if self.seconds is not None and not 0.1 <= self.seconds <= MAX_SECONDS:
            raise InvalidValueError(
                f"seconds must be within 0.1..{MAX_SECONDS:g}, got {self.seconds:g}"
            )
        if self.bpm is not None:
            object.__setattr__(self, "bpm", checked_bpm(self.bpm))
        if not 0 <= self.seed <= MAX_SEED - MAX_VARIATIONS:
            raise InvalidValueError(
                f"a seed must be within 0..{MAX_SEED - MAX_VARIATIONS}, got {self.seed}"
            )
        if not 1 <= self.variations <= MAX_VARIATIONS:
            raise InvalidValueError(
                f"variations must be within 1..{MAX_VARIATIONS}, got {self.variations}"
            )

    def like(self, seed: int, *, locked: Sequence[str] = ()) -> "Request":
        """Return the wish for one more take of the same plan, its parts played anew by `seed`.

        Parts named in `locked` keep their notes, and who is muted stays so.
        """
        old = self.likeness
        kept = tuple((name, old.seed_of(name, self.seed)) for name in dict.fromkeys(locked))
        plan_seed = self.seed if old.plan_seed is None else old.plan_seed
        likeness = Likeness(plan_seed, kept, old.muted)
        return replace(self, seed=seed, variations=1, likeness=likeness)


def variation_seeds(request: Request) -> tuple[int, ...]:
    """Return the seed of each variation: the same take whether asked alone or among others."""
    return tuple(request.seed + k for k in range(request.variations))


def _check_strength(strength: float) -> None:
    if not 0.0 <= strength <= 1.0:
        raise InvalidValueError(f"strength must be within 0..1, got {strength:g}")


def _check_track(track: str) -> None:
    if track not in TRACK_NAMES:
        raise InvalidValueError(f'a track is one of {", ".join(TRACK_NAMES)}, got "{track[:40]}"')
