"""How long an engine may be silent, by a clock that is turned by hand."""

from collections.abc import Callable

import pytest

from acestep_desktop.child.errors import ChildGoneError, ChildProtocolError
from acestep_desktop.child.messages import Message
from acestep_desktop.generation.abilities import Estimate
from acestep_desktop.generation.errors import EngineHungError
from acestep_desktop.generation.events import Stalled
from acestep_desktop.generation.generator import JobCancelled
from acestep_desktop.generation.patience import JobPatience, Listener
from acestep_desktop.generation.wire import JobStopped

STOPPED = Message("JobStopped", {"job": 1}, b"sound")


class FakeEngine:
    """A child that says what is due, and lets the clock run while it is silent."""

    title = "The music engine"

    def __init__(self, said: dict[float, Message | Exception] | None = None) -> None:
        self.now = 0.0
        self.said = said or {}
        self.killed = False

    def clock(self) -> float:
        return self.now

    def receive(self, timeout_s: float) -> Message | None:
        self.now = round(self.now + timeout_s, 3)
        said = self.said.get(self.now)
        if isinstance(said, Exception):
            raise said
        return said

    def kill(self) -> None:
        self.killed = True


def listener(engine: FakeEngine, limit_s: float = 30.0, cancel_s: float = 10.0) -> Listener:
    return Listener(
        engine,  # type: ignore[arg-type]
        limit_s=limit_s,
        cancel_s=cancel_s,
        look_every_s=0.25,
        clock=engine.clock,
    )


def never() -> bool:
    return False


def test_a_reply_is_heard_with_the_audio_behind_it() -> None:
    engine = FakeEngine({5.0: STOPPED})

    assert listener(engine).hear(never) == (JobStopped(1), b"sound")
    assert engine.now == 5.0


def test_silence_is_reported_once_at_half_of_the_limit() -> None:
    engine = FakeEngine({29.0: STOPPED})
    heard = listener(engine)

    assert heard.hear(never) == (Stalled(15.0, 15.0), b"")
    assert heard.hear(never) == (JobStopped(1), b"sound")
    assert engine.now == 29.0


def test_a_reply_ends_the_silence() -> None:
    engine = FakeEngine({n * 14.0: STOPPED for n in range(1, 6)})
    heard = listener(engine)

    assert [heard.hear(never)[0] for _ in range(5)] == [JobStopped(1)] * 5


def test_too_long_a_silence_ends_the_engine() -> None:
    engine = FakeEngine()
    heard = listener(engine)
    heard.hear(never)

    with pytest.raises(EngineHungError, match="said nothing for 30 s and was ended: try again"):
        heard.hear(never)
    assert engine.killed
    assert engine.now == 30.0


def test_a_computer_that_slept_is_no_silence() -> None:
    engine = FakeEngine()
    heard = listener(engine)
    sleeping = engine.receive

    def fall_asleep(timeout_s: float) -> Message | None:
        engine.now += 3600.0
        engine.receive = sleeping  # type: ignore[method-assign]
        return None

    engine.receive = fall_asleep  # type: ignore[method-assign]
    said, _ = heard.hear(never)

    assert isinstance(said, Stalled)
    assert engine.now > 3610.0
    assert not engine.killed


def test_a_cancel_that_is_followed_in_time_is_no_end_by_force() -> None:
    engine = FakeEngine({9.75: STOPPED})

    assert listener(engine).hear(lambda: True)[0] == JobStopped(1)
    assert not engine.killed


def test_a_cancel_that_is_not_followed_ends_the_engine() -> None:
    engine = FakeEngine()

    with pytest.raises(JobCancelled):
        listener(engine).hear(lambda: True)
    assert engine.killed
    assert engine.now == 10.0


def test_an_engine_that_talks_instead_of_cancelling_is_ended_as_well() -> None:
    engine = FakeEngine({n * 0.25: STOPPED for n in range(1, 1000)})
    heard = listener(engine)

    with pytest.raises(JobCancelled):
        for _ in range(1000):
            heard.hear(lambda: True)
    assert engine.now == 10.0


@pytest.mark.parametrize(
    "error", [ChildGoneError("It died."), ChildProtocolError("It speaks in tongues.")]
)
def test_an_engine_that_makes_no_sense_is_ended(error: Exception) -> None:
    engine = FakeEngine({1.0: error})

    with pytest.raises(type(error)):
        listener(engine).hear(never)
    assert engine.killed


def test_an_engine_that_says_what_is_no_reply_is_ended() -> None:
    engine = FakeEngine({1.0: Message("Karaoke")})

    with pytest.raises(ChildProtocolError, match="Karaoke"):
        listener(engine).hear(never)
    assert engine.killed


@pytest.mark.parametrize(
    ("work_s", "limit_s"), [(0.0, 30.0), (6.0, 30.0), (7.0, 35.0), (100.0, 500.0)]
)
def test_patience_grows_with_the_estimate(work_s: float, limit_s: float) -> None:
    limit: Callable[[Estimate], float] = JobPatience().limit_s

    assert limit(Estimate(work_s, 0)) == limit_s
