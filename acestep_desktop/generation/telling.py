"""What an engine's replies tell the client's listener."""

from pathlib import Path
from typing import TYPE_CHECKING

from acestep_desktop.child.errors import ChildProtocolError
from acestep_desktop.child.messages import Payload
from acestep_desktop.generation.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Stalled,
    Started,
    TakeDraft,
    TakeReady,
)
from acestep_desktop.generation.generator import AudioChunk
from acestep_desktop.generation.wire import (
    JobAudio,
    JobDone,
    JobProgress,
    JobStarted,
    JobStopped,
    JobTake,
    OrderFailed,
    Reply,
)

if TYPE_CHECKING:
    from acestep_desktop.generation.generator import Samples


def event_from(reply: Reply | Stalled, payload: Payload, work_dir: Path, seconds: float) -> Event:
    """Return the event that `reply` to a job is.

    Args:
        payload: the audio behind it.
        work_dir: where the job's files lie.
        seconds: since the job began.
    """
    match reply:
        case JobStarted():
            return Started(reply.estimate)
        case JobProgress():
            return reply.progress
        case JobAudio():
            return AudioChunk(reply.variation, reply.start, _samples(payload, reply.channels))
        case JobTake():
            return TakeReady(reply.variation, _draft(reply, work_dir))
        case _:
            return _other_event(reply, seconds)


def misunderstood(reply: Reply | Stalled) -> ChildProtocolError:
    """Return the error for a reply that does not belong where it came."""
    return ChildProtocolError(
        f"The engine and the program do not understand each other "
        f"({type(reply).__name__} was not expected): quit the program and start it again."
    )


def _other_event(reply: Reply | Stalled, seconds: float) -> Event:
    match reply:
        case Stalled():
            return reply
        case JobDone():
            return Finished(seconds, reply.peak_bytes)
        case JobStopped():
            return Cancelled()
        case OrderFailed():
            return Failed(reply.reason, reply.detail)
        case _:
            raise misunderstood(reply)


def _samples(payload: Payload, channels: int) -> "Samples":
    # Only who hears audio pays for the import of NumPy.
    import numpy as np

    try:
        return np.frombuffer(payload, dtype="<f4").reshape(-1, channels)
    except ValueError as error:
        raise ChildProtocolError("The engine sent audio that is no audio: try again.") from error


def _draft(take: JobTake, work_dir: Path) -> TakeDraft:
    """Return the take's files, which are in `work_dir` and nowhere else."""
    if take.recipe is None:
        raise misunderstood(take)
    return TakeDraft(
        mix=work_dir / Path(take.mix).name,
        streamed=take.streamed,
        stems=tuple((name, work_dir / Path(file).name) for name, file in take.stems),
        frames=take.frames,
        channels=take.channels,
        recipe=take.recipe,
        measured=take.measured,
        warnings=take.warnings,
    )
