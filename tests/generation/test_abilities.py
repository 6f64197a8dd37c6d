"""What engines can do, and how they say no."""

import pytest

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.request import Cover, Prompt, Request
from acestep_desktop.domain.time import Meter
from acestep_desktop.generation.abilities import (
    TASK_NAMES,
    Abilities,
    TaskAbility,
    task_abilities,
)

NO_COVERS = "This engine makes no covers: use another one."
ABILITIES = Abilities(
    tasks=task_abilities({"Cover": NO_COVERS}),
    min_seconds=1.0,
    max_seconds=60.0,
    min_bpm=60.0,
    max_bpm=180.0,
    meters=(Meter(4, 4), Meter(6, 8)),
    max_variations=4,
)


def wish(**fields: object) -> Request:
    return Request(Prompt("x"), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "request_",
    [
        wish(),
        wish(seconds=1.0),
        wish(seconds=60.0),
        wish(bpm=60.0),
        wish(bpm=180.0),
        wish(meter=Meter(6, 8)),
        wish(variations=4),
        wish(bars=512),
    ],
)
def test_what_is_within_the_limits_is_not_refused(request_: Request) -> None:
    assert ABILITIES.refusal(request_) is None


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (wish(task=Cover("a.wav")), NO_COVERS),
        (wish(seconds=0.5), "makes 1 to 60 seconds, not 0.5: ask for a length in between."),
        (wish(seconds=61.0), "not 61: ask for a length in between."),
        (wish(bpm=59.9), "plays 60 to 180 bpm, not 59.9: ask for a tempo in between."),
        (wish(bpm=181.0), "not 181: ask for a tempo in between."),
        (wish(meter=Meter(7, 8)), "plays 4/4, 6/8, not 7/8: ask for one of these."),
        (wish(variations=5), "at most 4 variations at once, not 5: ask for fewer."),
    ],
)
def test_what_is_beyond_a_limit_is_refused_with_the_way_on(request_: Request, reason: str) -> None:
    refusal = ABILITIES.refusal(request_)

    assert refusal is not None and refusal.endswith(reason)


def test_an_engine_without_a_list_of_meters_plays_any() -> None:
    free = Abilities(task_abilities({}), 1.0, 60.0)

    assert free.refusal(wish(meter=Meter(31, 32))) is None


def test_an_engine_answers_for_every_task() -> None:
    assert [ability.task for ability in ABILITIES.tasks] == list(TASK_NAMES)
    assert [ability.task for ability in ABILITIES.tasks if not ability.able] == ["Cover"]


@pytest.mark.parametrize("tasks", [(), task_abilities({})[1:], task_abilities({}) * 2])
def test_an_engine_that_leaves_out_a_task_is_refused(tasks: tuple[TaskAbility, ...]) -> None:
    with pytest.raises(InvalidValueError, match="every task"):
        Abilities(tasks, 1.0, 60.0)


def test_a_no_needs_a_reason() -> None:
    with pytest.raises(InvalidValueError, match="must say why"):
        TaskAbility("Cover", able=False)


def test_a_task_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidValueError, match='got "Karaoke"'):
        TaskAbility("Karaoke", able=True)
    with pytest.raises(InvalidValueError, match='no task "Karaoke"'):
        task_abilities({"Karaoke": "No."})
