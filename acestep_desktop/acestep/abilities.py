"""What ACE-Step can do with the models that are on the disk; known without loading one."""

from collections.abc import Sequence

from acestep_desktop.domain.request import MAX_SECONDS, MAX_VARIATIONS
from acestep_desktop.generation.abilities import Abilities, task_abilities
from acestep_desktop.models.catalogue import ModelKind
from acestep_desktop.models.kinds import reasons_against


def abilities_of(models: Sequence[tuple[ModelKind, Sequence[str]]]) -> Abilities:
    """Return what can be done with the best of `models` for each task.

    Each is its kind and its parts. Where there is none, the answer is what any
    could do. A request may name the folder of a model that lies elsewhere.
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
        by_model=True,
    )
