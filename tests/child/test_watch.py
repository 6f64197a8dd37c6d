"""Watching over a child: silence, restarts and giving up."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.child.errors import ChildError, ChildGoneError, ChildStartError
from acestep_desktop.child.process import Child, start_child
from acestep_desktop.child.watch import Patience, RestartPolicy, Silence, Supervisor
from tests.child.fake_roles import ENVIRONMENT
from tests.needs import needs

WAIT_S = 20.0


class FakeClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class FakeChild:
    title = "The audio process"

    def __init__(self, clock: FakeClock) -> None:
        self.heard_at = 0.0
        self.answers = True
        self.dead = False
        self.code = -9
        self.ended = False
        self.killed = False
        self.asked = 0
        self._clock = clock

    def poll(self) -> int | None:
        return self.code if self.dead else None

    def death(self) -> str:
        return "The audio process was ended by signal 9 (SIGKILL)." if self.dead else ""

    def ping(self) -> None:
        self.asked += 1
        if self.dead:
            raise ChildGoneError(self.death())
        if self.answers:
            self.heard_at = self._clock.now

    def kill(self) -> int:
        self.dead = self.killed = True
        return -9

    def end(self) -> int:
        self.ended = True
        return 0


class Diary:
    """A witness that writes everything down."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.children: list[Child] = []
        self.happened = threading.Condition()

    def started(self, child: Child) -> None:
        self.children.append(child)
        self._write("started")

    def silent(self, silent_s: float) -> None:
        self._write(f"silent for {silent_s:g}")

    def died(self, why: str, restart_in_s: float | None) -> None:
        self._write(f"{why} again in {restart_in_s}")

    def _write(self, entry: str) -> None:
        with self.happened:
            self.entries.append(entry)
            self.happened.notify_all()

    def wait_for(self, entries: int) -> None:
        with self.happened:
            assert self.happened.wait_for(lambda: len(self.entries) >= entries, WAIT_S)


class Stage:
    """A supervisor with a clock to turn and children to break."""

    def __init__(self, restarts: RestartPolicy | None = None) -> None:
        self.clock = FakeClock()
        self.children: list[FakeChild] = []
        self.diary = Diary()
        self.start_error: Exception | None = None
        self.supervisor = Supervisor(
            self._start,
            self.diary,
            restarts=restarts,
            patience=Patience(ask_every_s=1.0, warn_after_s=3.0, kill_after_s=6.0),
            clock=self.clock,
        )

    def _start(self) -> Child:
        if self.start_error is not None:
            raise self.start_error
        self.children.append(FakeChild(self.clock))
        return self.children[-1]  # type: ignore[return-value]

    def look_every_second(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.pass_by(1.0)
            self.supervisor.look()


def test_a_child_that_answers_is_left_alone() -> None:
    stage = Stage()
    stage.supervisor.look()
    stage.look_every_second(100)

    assert stage.diary.entries == ["started"]
    assert stage.children[0].asked >= 99
    assert stage.supervisor.child is stage.children[0]


def test_a_silent_child_is_warned_about_once_then_ended_and_restarted() -> None:
    stage = Stage()
    stage.supervisor.look()
    stage.look_every_second(5)
    stage.children[0].answers = False
    stage.look_every_second(8)

    assert stage.diary.entries == [
        "started",
        "silent for 3",
        "The audio process did not answer for 6 s and was ended. again in 0.1",
        "started",
    ]
    assert stage.children[0].killed and stage.children[0].ended
    assert stage.supervisor.child is stage.children[1]


def test_a_child_may_take_its_time_to_start_but_not_forever() -> None:
    stage = Stage()
    stage.supervisor.look()
    stage.children[0].answers = False
    stage.look_every_second(59)
    before = list(stage.diary.entries)
    stage.look_every_second(1)

    assert before == ["started"]
    assert "did not answer for 60 s" in stage.diary.entries[-1]


def test_a_child_that_answers_again_is_forgiven() -> None:
    stage = Stage()
    stage.supervisor.look()
    stage.look_every_second(2)
    for _ in range(3):
        stage.children[0].answers = False
        stage.look_every_second(4)
        stage.children[0].answers = True
        stage.look_every_second(2)

    assert stage.diary.entries == ["started", *["silent for 3"] * 3]


def test_a_computer_that_slept_does_not_cost_a_child_its_life() -> None:
    stage = Stage()
    stage.supervisor.look()
    stage.look_every_second(3)
    stage.clock.pass_by(8 * 3600)
    stage.supervisor.look()
    stage.look_every_second(3)

    assert stage.diary.entries == ["started"]


def test_a_dead_child_is_restarted_after_a_delay_that_doubles() -> None:
    stage = Stage()
    stage.supervisor.look()
    for _ in range(3):
        stage.children[-1].dead = True
        stage.look_every_second(2)

    died = "The audio process was ended by signal 9 (SIGKILL). again in"
    assert stage.diary.entries == [
        "started",
        f"{died} 0.1",
        "started",
        f"{died} 0.2",
        "started",
        f"{died} 0.4",
        "started",
    ]


def test_a_restart_waits_for_its_time() -> None:
    stage = Stage(RestartPolicy(first_delay_s=5.0))
    stage.supervisor.look()
    stage.children[0].dead = True
    stage.look_every_second(5)
    before = stage.supervisor.child
    stage.look_every_second(1)

    assert before is None
    assert stage.supervisor.child is stage.children[1]


def test_a_child_that_keeps_dying_is_given_up() -> None:
    stage = Stage(RestartPolicy(most=2, first_delay_s=0.0))
    stage.supervisor.look()
    for _ in range(20):
        stage.children[-1].dead = True
        stage.look_every_second(2)

    assert len(stage.children) == 3
    assert stage.diary.entries[-1].endswith("again in None")
    assert stage.supervisor.child is None


def test_a_child_that_leaves_of_itself_is_back_however_often_it_does() -> None:
    stage = Stage(RestartPolicy(most=1, first_delay_s=2.0))
    for _ in range(5):
        stage.look_every_second(5)
        child = stage.children[-1]
        child.dead, child.code = True, 0
        stage.look_every_second(1)

    assert len(stage.children) == 5
    assert all(entry.endswith("again in 2.0") for entry in stage.diary.entries[1::2])


def test_a_child_that_leaves_before_it_said_anything_is_given_up() -> None:
    stage = Stage(RestartPolicy(most=1, first_delay_s=0.0))
    stage.look_every_second(1)
    for _ in range(2):
        child = stage.children[-1]
        child.answers, child.dead, child.code = False, True, 0
        stage.look_every_second(2)

    assert stage.diary.entries[-1].endswith("again in None")


def test_a_child_that_cannot_be_started_is_tried_again_and_then_given_up() -> None:
    stage = Stage(RestartPolicy(most=2, first_delay_s=0.5))
    stage.start_error = ChildStartError("No memory is left.")
    stage.supervisor.look()
    stage.look_every_second(10)

    assert stage.diary.entries == [
        "No memory is left. again in 0.5",
        "No memory is left. again in 1.0",
        "No memory is left. again in None",
    ]


def test_a_child_that_dies_while_it_is_asked_is_buried() -> None:
    stage = Stage()
    stage.supervisor.look()
    child = stage.children[0]
    child.poll = lambda: None  # type: ignore[method-assign]
    child.dead = True
    stage.look_every_second(1)

    assert stage.supervisor.child is None
    assert "signal 9" in stage.diary.entries[-1]


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=30).map(sorted))
def test_a_delay_is_never_longer_than_allowed_nor_shorter_than_the_first(
    deaths: list[float],
) -> None:
    policy = RestartPolicy(most=5, window_s=60, first_delay_s=0.1, longest_delay_s=1.0)
    recent = sum(1 for death in deaths if deaths[-1] - death <= 60)

    delay_s = policy.delay_s(deaths)

    assert (delay_s is None) == (recent > 5)
    assert delay_s is None or 0.1 <= delay_s <= 1.0


@pytest.mark.parametrize(
    ("passes", "silent_s"),
    [([1.0, 1.0], 2.0), ([0.5], 0.5), ([2.0, 1.0], 3.0), ([3600.0, 1.0], 3.0)],
)
def test_silence_adds_up_but_never_by_a_night(passes: list[float], silent_s: float) -> None:
    clock = FakeClock()
    silence = Silence(2.0, clock)
    for seconds in passes:
        clock.pass_by(seconds)
        looked = silence.look()

    assert looked == pytest.approx(silent_s)


def test_silence_ends_when_something_is_heard() -> None:
    clock = FakeClock()
    silence = Silence(2.0, clock)
    clock.pass_by(2.0)
    silence.look()
    silence.heard()

    assert silence.look() == 0.0


def supervised(
    role: str, diary: Diary, patience: Patience, restarts: RestartPolicy | None = None
) -> Supervisor:
    start: Callable[[], Child] = lambda: start_child(  # noqa: E731
        f"fake_roles:{role}", environment=ENVIRONMENT
    )
    return Supervisor(start, diary, patience=patience, restarts=restarts)


@needs("posix")
def test_a_real_child_that_is_killed_is_there_again() -> None:
    diary = Diary()
    supervisor = supervised("echo", diary, Patience(ask_every_s=0.02))
    supervisor.start()
    first = diary.children[0]
    first.receive(WAIT_S)
    first._process.kill()
    diary.wait_for(3)
    second = supervisor.child
    assert second is not None
    answer = second.receive(WAIT_S)
    supervisor.stop()

    assert answer is not None and answer.kind == "ready"
    assert "signal 9" in diary.entries[1]
    assert first.pid != second.pid
    assert second.poll() == 0


@needs("posix")
def test_a_real_child_that_hangs_is_ended_and_there_again() -> None:
    diary = Diary()
    supervisor = supervised(
        "deaf",
        diary,
        Patience(ask_every_s=0.02, warn_after_s=0.2, kill_after_s=0.4),
        RestartPolicy(most=1, first_delay_s=0.0),
    )
    supervisor.start()
    diary.wait_for(6)
    supervisor.stop()

    assert diary.entries[0] == diary.entries[3] == "started"
    assert diary.entries[1].startswith("silent for")
    assert "did not answer" in diary.entries[2] and "did not answer" in diary.entries[5]
    assert diary.entries[5].endswith("again in None")
    assert [child.poll() for child in diary.children] == [-9, -9]


class Stubborn(FakeChild):
    """A child that takes no messages any more and that the system does not end."""

    def ping(self) -> None:
        raise ChildError("Another process of the program has stopped listening: try again.")

    def kill(self) -> int:
        raise ChildError("The audio process cannot be ended: restart the computer.")

    end = kill


def test_a_child_that_cannot_be_ended_is_left_behind_and_another_takes_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    stage.supervisor.look()
    stubborn = Stubborn(stage.clock)
    stage.supervisor._child = stubborn  # type: ignore[assignment]

    stage.look_every_second(70)

    assert stage.supervisor.child is stage.children[-1]
    assert "did not answer" in "".join(stage.diary.entries)
    assert "restart the computer" in caplog.text


def test_a_supervisor_stops_even_where_its_child_cannot_be_ended(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage()
    stage.supervisor._child = Stubborn(stage.clock)  # type: ignore[assignment]

    stage.supervisor.stop()

    assert stage.supervisor.child is None
    assert "restart the computer" in caplog.text
