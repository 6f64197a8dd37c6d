"""From a wish to the plan of its takes, whatever its task."""

from dataclasses import replace

from acestep_desktop.acestep import tasks, text_to_music
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Plan, Wish
from acestep_desktop.acestep.sources import timbre_of
from acestep_desktop.acestep.steps import Work
from acestep_desktop.domain.request import TextToMusic


def planned(wish: Wish, model: LoadedModel) -> Work[Plan]:
    """Return how `wish` is carried out on `model`; may listen to files on the way."""
    request = wish.request
    if isinstance(request.task, TextToMusic):
        plan = text_to_music.plan(wish, model)
    else:
        plan = yield from tasks.plan(wish, model)
    if request.reference is not None:
        plan = replace(plan, timbre=(yield from timbre_of(request.reference, model)))
    return plan
