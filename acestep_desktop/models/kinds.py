"""The kinds of checkpoints: how each is sampled by itself, and what it cannot do."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from acestep_desktop.models.catalogue import ModelKind


@dataclass(frozen=True, slots=True)
class Preset:
    """Steps, the shift of their times towards noise, and guidance (1: none)."""

    steps: int
    shift: float
    guidance_scale: float

    @property
    def guidance(self) -> float | None:
        """The guidance that can be changed; None where it is distilled into the weights."""
        return self.guidance_scale if self.guidance_scale > 1.0 else None


PRESETS: Final[dict[ModelKind, Preset]] = {
    "turbo": Preset(steps=8, shift=3.0, guidance_scale=1.0),
    "base": Preset(steps=50, shift=1.0, guidance_scale=7.0),
    "sft": Preset(steps=50, shift=1.0, guidance_scale=7.0),
}
"""The presets of the makers' training registry."""

NEEDS_LISTENER: Final = (
    "This model came without the part that listens for a cover: choose another model."
)
_NEEDS_BASE: Final = (
    "Only a base model can {}: choose one, or get one in the Models dialog "
    "or with `acestep-desktop models download base`."
)
_BASE_ALONE: Final = {
    "Extract": _NEEDS_BASE.format("take a track out of existing audio"),
    "AddLayer": _NEEDS_BASE.format("add a layer to existing audio"),
    "Complete": _NEEDS_BASE.format("accompany existing audio"),
}
"""What turbo and SFT checkpoints were never trained for, though they would make some sound."""

_COVER_PARTS: Final = {"audio_tokenizer", "audio_token_detokenizer"}


def reasons_against(kind: ModelKind, parts: Collection[str]) -> dict[str, str]:
    """Return by task why a model of this kind, with these parts, cannot do it."""
    reasons = {} if kind == "base" else dict(_BASE_ALONE)
    if not set(parts) >= _COVER_PARTS:
        reasons["Cover"] = NEEDS_LISTENER
    return reasons
