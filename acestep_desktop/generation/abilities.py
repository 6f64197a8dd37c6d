"""What an engine can do: tasks, limits, and what a job will cost."""

from dataclasses import dataclass
from typing import Final, get_args

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.request import Request, Task
from acestep_desktop.domain.tempo import MAX_REQUEST_BPM, MIN_REQUEST_BPM
from acestep_desktop.domain.time import Meter

TASK_NAMES: Final = tuple(str(kind.__name__) for kind in get_args(Task))
"""The names of all tasks: TextToMusic, Cover, Repaint and so on."""


@dataclass(frozen=True, slots=True)
class TaskAbility:
    """Whether an engine can do the task of this name; if not, `reason` is a sentence saying why."""

    task: str
    able: bool
    reason: str = ""

    def __post_init__(self) -> None:
        if self.task not in TASK_NAMES:
            raise InvalidValueError(f'a task is one of {", ".join(TASK_NAMES)}, got "{self.task}"')
        if not self.able and not self.reason:
            raise InvalidValueError(f"an engine that cannot do {self.task} must say why")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an engine can do, said before any work.

    `tasks` says yes or no for every task there is. `meters` is empty where any
    meter will do. `caches` names the conditions that are kept between jobs
    ("text", "source", "reference"). `streams` is true where audio can be heard
    before a take is finished. `by_model` is true where `tasks` speaks of the models
    that the engine chooses among: one that a request names is asked by the engine.
    """

    tasks: tuple[TaskAbility, ...]
    min_seconds: float
    max_seconds: float
    min_bpm: float = MIN_REQUEST_BPM
    max_bpm: float = MAX_REQUEST_BPM
    meters: tuple[Meter, ...] = ()
    max_variations: int = 1
    caches: tuple[str, ...] = ()
    streams: bool = False
    by_model: bool = False

    def __post_init__(self) -> None:
        if sorted(ability.task for ability in self.tasks) != sorted(TASK_NAMES):
            raise InvalidValueError("an engine must say of every task whether it can do it")

    def refusal(self, request: Request) -> str | None:
        """Return the sentence that says why this engine cannot do `request`, or None if it can.

        Only what the request's fields say is judged; what its words mean is the
        engine's to read.
        """
        return (
            self._task_refusal(request)
            or self._length_refusal(request)
            or self._music_refusal(request)
        )

    def _task_refusal(self, request: Request) -> str | None:
        if self.by_model and request.model is not None:
            return None
        name = type(request.task).__name__
        return next((a.reason for a in self.tasks if a.task == name and not a.able), None)

    def _length_refusal(self, request: Request) -> str | None:
        seconds = request.seconds
        if seconds is not None and not self.min_seconds <= seconds <= self.max_seconds:
            return (
                f"This engine makes {self.min_seconds:g} to {self.max_seconds:g} seconds, "
                f"not {seconds:g}: ask for a length in between."
            )
        if request.variations > self.max_variations:
            return (
                f"This engine makes at most {self.max_variations} variations at once, "
                f"not {request.variations}: ask for fewer."
            )
        return None

    def _music_refusal(self, request: Request) -> str | None:
        if request.bpm is not None and not self.min_bpm <= request.bpm <= self.max_bpm:
            return (
                f"This engine plays {self.min_bpm:g} to {self.max_bpm:g} bpm, "
                f"not {request.bpm:g}: ask for a tempo in between."
            )
        if request.meter is not None and self.meters and request.meter not in self.meters:
            known = ", ".join(str(meter) for meter in self.meters)
            return f"This engine plays {known}, not {request.meter}: ask for one of these."
        return None


def task_abilities(reasons: dict[str, str]) -> tuple[TaskAbility, ...]:
    """Return the abilities of an engine that can do every task but those named in `reasons`."""
    unknown = sorted(set(reasons) - set(TASK_NAMES))
    if unknown:
        raise InvalidValueError(f'there is no task "{unknown[0]}"')
    return tuple(
        TaskAbility(name, able=name not in reasons, reason=reasons.get(name, ""))
        for name in TASK_NAMES
    )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job is expected to cost: seconds of work, bytes of memory at its peak.

    `reason` is a sentence where a person should know something before it starts,
    such as that it will not fit; empty otherwise.
    """

    work_s: float
    peak_bytes: int
    reason: str = ""
