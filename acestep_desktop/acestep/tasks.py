"""Tasks on audio: which plan carries out which."""

from acestep_desktop.acestep.errors import TaskRefusedError
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Plan, Wish
from acestep_desktop.acestep.steps import Work
from acestep_desktop.acestep.tasks_style import cover, variation
from acestep_desktop.acestep.tasks_tracks import add_layer, complete, extract
from acestep_desktop.acestep.tasks_window import extend, repaint
from acestep_desktop.domain.request import (
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Repaint,
    TextToMusic,
    Variation,
)
from acestep_desktop.models.kinds import reasons_against


def plan(wish: Wish, model: LoadedModel) -> Work[Plan]:
    """Return how a task on audio is carried out on `model`; listens to the source.

    Raises TaskRefusedError for what the model cannot do, and a UserError for a
    source that will not do.
    """
    task = wish.request.task
    reason = reasons_against(model.kind, tuple(model.parts.networks())).get(type(task).__name__)
    if reason:
        raise TaskRefusedError(reason)
    match task:
        case Cover():
            return cover(wish, task, model)
        case Variation():
            return variation(wish, task, model)
        case Repaint():
            return repaint(wish, task, model)
        case Extend():
            return extend(wish, task, model)
        case Extract():
            return extract(wish, task, model)
        case AddLayer():
            return add_layer(wish, task, model)
        case Complete():
            return complete(wish, task, model)
        case TextToMusic():
            raise TaskRefusedError("Music from words alone needs no source: choose another task.")
