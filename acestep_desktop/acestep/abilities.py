"""What ACE-Step can do with the models that are on the disk; known without loading one."""

from collections.abc import Sequence
from typing import Final

from acestep_desktop.acestep.presets import Kind
from acestep_desktop.domain.request import MAX_SECONDS, MAX_VARIATIONS
from acestep_desktop.generation.abilities import Abilities, task_abilities

NEEDS_BASE: Final = (
    "Only a base model can {}: get one in the Models dialog, "
    "or with `acestep-desktop models download base`."
)
_BASE_ALONE: Final = {
    "Extract": NEEDS_BASE.format("take a track out of existing audio"),
    "AddLayer": NEEDS_BASE.format("add a layer to existing audio"),
    "Complete": NEEDS_BASE.format("accompany existing audio"),
}
"""What turbo and SFT checkpoints were never trained for, though they would make some sound."""

NEEDS_LISTENER: Final = (
    "This model came without the part that listens for a cover: choose another model."
)
_COVER_PARTS: Final = {"audio_tokenizer", "audio_token_detokenizer"}


def reasons_against(kind: Kind, parts: Sequence[str]) -> dict[str, str]:
    """Return by task why a model of this kind, with these parts, cannot do it."""
    reasons = {} if kind == "base" else dict(_BASE_ALONE)
    if not set(parts) >= _COVER_PARTS:
        reasons["Cover"] = NEEDS_LISTENER
    return reasons


def abilities_of(models: Sequence[tuple[Kind, Sequence[str]]]) -> Abilities:
    """Return what can be done with the best of `models` for each task.

    Each is its kind and its parts. Where there is none, the answer is what any
    could do: a request may name the folder of a model that lies elsewhere.
    """
    each = [reasons_against(kind, parts) for kind, parts in models] or [{}]
    lacking = set.intersection(*(set(reasons) for reasons in each))
    reasons = {task: each[0][task] for task in lacking}
    return Abilities(
        tasks=task_abilities(reasons),
        min_seconds=0.1,
        max_seconds=MAX_SECONDS,
        max_variations=MAX_VARIATIONS,
        caches=("text", "source", "reference"),
        streams=True,
    )
