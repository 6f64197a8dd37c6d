"""What the client and the host of an engine say to each other, as values.

An order goes to the host, a reply comes back. The kind of a message is the name
of its class; audio is its payload.
"""

from dataclasses import dataclass
from typing import Final, Protocol, cast, get_args

from acestep_desktop.child.errors import ChildProtocolError
from acestep_desktop.child.messages import Message, Payload
from acestep_desktop.domain.codec import Json, from_json, to_json
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.recipe import EngineIdentity, Measured, Recipe
from acestep_desktop.domain.request import Request
from acestep_desktop.domain.time import Frame
from acestep_desktop.generation.abilities import Abilities, Estimate
from acestep_desktop.generation.generator import Progress


@dataclass(frozen=True, slots=True)
class OpenEngine:
    """Make the generator that `entry` ("module:function") names; the first order of all."""

    entry: str


@dataclass(frozen=True, slots=True)
class EstimateJob:
    """Say what `request` would cost."""

    request: Request


@dataclass(frozen=True, slots=True)
class StartJob:
    """Do a job; its files go into the folder `work_dir`. Numbers of jobs rise."""

    job: int
    request: Request
    work_dir: str


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Stop the job at its next step; heard while it runs."""

    job: int


@dataclass(frozen=True, slots=True)
class UnloadEngine:
    """Give memory back."""


Order = OpenEngine | EstimateJob | StartJob | CancelJob | UnloadEngine


@dataclass(frozen=True, slots=True)
class EngineOpened:
    """The generator is there."""

    identity: EngineIdentity
    abilities: Abilities


@dataclass(frozen=True, slots=True)
class JobEstimated:
    """What a request would cost."""

    estimate: Estimate


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A job has begun, and what it will cost."""

    job: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far one variation of a job is."""

    job: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class JobPlanned:
    """The recipe of a variation that is being made."""

    job: int
    variation: int
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class JobAudio:
    """Audio of a mix, float32 little-endian and interleaved, in the payload."""

    job: int
    variation: int
    start: Frame
    channels: int


@dataclass(frozen=True, slots=True)
class JobTake:
    """A finished variation, as files in the job's folder: the mix and (name, file) of stems.

    `streamed` says that the audio sent of it was its mix. `recipe` is None where a
    `JobPlanned` told it.
    """

    job: int
    variation: int
    frames: Frame
    channels: int
    mix: str
    streamed: bool
    stems: tuple[tuple[str, str], ...]
    recipe: Recipe | None
    measured: Measured | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobDone:
    """All variations of a job are finished; the most memory the engine has held so far."""

    job: int
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class JobStopped:
    """A job was cancelled."""

    job: int


@dataclass(frozen=True, slots=True)
class OrderFailed:
    """An order, or a job, failed: a sentence for a person, and a traceback or nothing."""

    job: int | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class EngineUnloaded:
    """Memory was given back."""


Reply = (
    EngineOpened
    | JobEstimated
    | JobStarted
    | JobProgress
    | JobPlanned
    | JobAudio
    | JobTake
    | JobDone
    | JobStopped
    | OrderFailed
    | EngineUnloaded
)


class Speaker(Protocol):
    """Either end of the line."""

    def send(self, kind: str, fields: dict[str, Json], payload: Payload = b"") -> None:
        """Send one message."""


def say(speaker: Speaker, value: Order | Reply, payload: Payload = b"") -> None:
    """Send `value`."""
    speaker.send(type(value).__name__, cast("dict[str, Json]", to_json(value)), payload)


def read_order(message: Message) -> Order:
    """Return the order that `message` holds; ChildProtocolError if there is none."""
    return cast("Order", _read(message, _ORDERS))


def read_reply(message: Message) -> Reply:
    """Return the reply that `message` holds; ChildProtocolError if there is none."""
    return cast("Reply", _read(message, _REPLIES))


_ORDERS: Final = {kind.__name__: kind for kind in get_args(Order)}
_REPLIES: Final = {kind.__name__: kind for kind in get_args(Reply)}


def _read(message: Message, kinds: dict[str, type[object]]) -> object:
    if message.kind not in kinds:
        raise ChildProtocolError(
            f'The engine and the program do not understand each other ("{message.kind}"): '
            "quit the program and start it again."
        )
    try:
        return from_json(kinds[message.kind], dict(message.fields))
    except InvalidValueError as error:
        raise ChildProtocolError(
            f"The engine and the program do not understand each other ({error}): "
            "quit the program and start it again."
        ) from error
