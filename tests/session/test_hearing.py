"""Hearing takes and the loop: what the audio process is wished to do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.audiofile.wav import write_wav
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import Music, TakeId
from acestep_desktop.domain.request import Cover, Extend, Prompt, Request, Task
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.generation.jobs import Job, JobId
from acestep_desktop.realtime.audition import Audition
from acestep_desktop.realtime.status import Status
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.pace import JobPace, wished_frames
from acestep_desktop.session.transport import TransportSession

SECOND = 48_000


class FakeProcess:
    """An audio process that remembers what it was wished to do."""

    def __init__(self) -> None:
        self.status = Status()
        self.wishes: list[tuple[str, Audition]] = []
        self.loops: list[TickRange | None] = []
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def close(self) -> None:
        self.calls.append("close")

    def end_audition(self) -> None:
        self.calls.append("end")

    def audition(self, take: TakeId, path: Path, wish: Audition) -> None:
        self.wishes.append((take, wish))

    def set_loop(self, loop: TickRange | None) -> None:
        self.loops.append(loop)

    def set_project(self, project: Project, paths: Mapping[TakeId, Path]) -> None:
        self.calls.append("project")

    @property
    def wish(self) -> Audition:
        return self.wishes[-1][1]


class FakeTime:
    """A clock that goes on when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def take(
    name: str, *, bars: int | None = 1, seconds: float = 2.0, loudness: float | None = -14.0
) -> SimpleNamespace:
    """Return what an audition reads of a kept take."""
    return SimpleNamespace(
        take_id=TakeId(name),
        path=Path(f"{name}.wav"),
        frames=Frame(round(seconds * SECOND)),
        music=Music(120.0, None, None, bars),
        measured=SimpleNamespace(loudness_lufs=loudness),
    )


@pytest.fixture
def process() -> FakeProcess:
    return FakeProcess()


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


@pytest.fixture
def hearing(
    qapp: QCoreApplication, process: FakeProcess, clock: FakeTime
) -> Iterator[AuditionSession]:
    session = AuditionSession(process, clock=clock)
    yield session
    session.close()


def test_the_process_is_started_once_by_the_first_take_that_is_played(
    hearing: AuditionSession, process: FakeProcess
) -> None:
    hearing.play(take("a"))
    hearing.play(take("b"))
    assert process.calls == ["start"]


@pytest.mark.parametrize(
    ("loudness", "gain"),
    [(-14.0, 1.0), (-20.0, 10**0.3), (-8.0, 10**-0.3), (-40.0, 10**0.6), (6.0, 10**-0.6)],
)
def test_takes_are_played_equally_loud_as_far_as_twelve_decibels_go(
    hearing: AuditionSession, process: FakeProcess, loudness: float, gain: float
) -> None:
    hearing.play(take("a", loudness=loudness))
    assert process.wish.gain == pytest.approx(gain)


def test_silence_is_not_made_louder_and_matching_can_be_left(
    hearing: AuditionSession, process: FakeProcess
) -> None:
    hearing.play(take("silent", loudness=None))
    assert process.wish.gain == 1.0
    hearing.set_level_matched(False)
    hearing.play(take("quiet", loudness=-30.0))
    assert process.wish.gain == 1.0


@pytest.mark.parametrize(("rolling", "when"), [(True, "bar"), (False, "now")])
def test_a_take_waits_for_the_bar_only_where_the_timeline_rolls(
    hearing: AuditionSession, process: FakeProcess, rolling: bool, when: str
) -> None:
    process.status = Status(rolling=rolling)
    hearing.play(take("a"))
    assert process.wish.when == when
    assert process.wish.beat == Fraction(SECOND, 2)


@pytest.mark.parametrize(("rolling", "when"), [(True, "bar"), (False, "now")])
def test_a_take_as_long_as_the_last_goes_on_where_that_one_is_when_it_takes_over(
    hearing: AuditionSession, process: FakeProcess, rolling: bool, when: str
) -> None:
    hearing.play(take("a"))
    process.status = Status(rolling=rolling)
    hearing.switch(take("b", loudness=-20.0))
    assert (process.wish.goes_on, process.wish.when) == (True, when)
    assert process.wish.gain == pytest.approx(10**0.3)


def test_a_take_of_another_length_begins_at_its_start(
    hearing: AuditionSession, process: FakeProcess
) -> None:
    hearing.play(take("a"))
    hearing.switch(take("b", seconds=3.0))
    assert not process.wish.goes_on


def test_after_a_stop_a_take_begins_at_its_start(
    hearing: AuditionSession, process: FakeProcess
) -> None:
    hearing.play(take("a"))
    hearing.stop()
    hearing.switch(take("b"))
    assert not process.wish.goes_on


def test_a_take_that_goes_on_is_over_when_what_is_left_of_it_is(
    hearing: AuditionSession, process: FakeProcess, clock: FakeTime, qtbot: QtBot
) -> None:
    hearing.play(take("a", bars=None, seconds=60.0))
    clock.now += 59.98
    with qtbot.waitSignals([hearing.playing_changed] * 2, timeout=2_000):
        hearing.switch(take("b", bars=None, seconds=60.0))
    assert hearing.playing == ""


def test_two_takes_are_compared_by_swapping_as_often_as_one_likes(
    hearing: AuditionSession, process: FakeProcess
) -> None:
    assert not hearing.swap()
    hearing.play(take("a"))
    assert not hearing.swap()
    hearing.switch(take("b"))
    assert all(hearing.swap() for _ in range(3))
    assert [name for name, _ in process.wishes] == ["a", "b", "a", "b", "a"]
    assert hearing.playing == "a"


def test_toggling_stops_what_is_heard_and_plays_anything_else(
    hearing: AuditionSession, process: FakeProcess
) -> None:
    shown: list[str] = []
    hearing.playing_changed.connect(shown.append)
    hearing.toggle(take("a"))
    hearing.toggle(take("b"))
    hearing.toggle(take("b"))
    hearing.stop()
    assert shown == ["a", "b", ""]
    assert process.calls == ["start", "end"], "what is silent is not ended again"


def test_a_take_that_is_no_loop_is_shown_as_over_when_it_is(
    hearing: AuditionSession, process: FakeProcess, qtbot: QtBot
) -> None:
    with qtbot.waitSignals([hearing.playing_changed] * 2, timeout=2_000):
        hearing.play(take("a", bars=None, seconds=0.02))
    assert hearing.playing == ""
    assert not process.wish.loops


def test_a_take_that_waited_for_its_bar_is_heard_to_its_end(
    hearing: AuditionSession, process: FakeProcess, clock: FakeTime, qtbot: QtBot
) -> None:
    process.status = Status(rolling=True)
    hearing.seconds_to_bar = lambda: 60.0
    hearing.play(take("a", bars=None, seconds=0.02))
    clock.now += 59.99
    assert hearing.playing == "a"
    hearing.seconds_to_bar = lambda: 0.0
    with qtbot.waitSignals([hearing.playing_changed] * 2, timeout=2_000):
        hearing.switch(take("b", bars=None, seconds=0.02))
    assert process.calls == ["start"], "it ends by itself, not by an order"


@pytest.mark.parametrize(("frame", "seconds"), [(0, 2.0), (72_000, 0.5), (96_000, 2.0)])
def test_the_next_bar_is_as_far_as_the_tempo_says(
    qapp: QCoreApplication, process: FakeProcess, frame: int, seconds: float
) -> None:
    session = TransportSession(process, DocumentSession(), lambda project: {})
    process.status = Status(frame=Frame(frame))
    assert session.seconds_to_bar() == pytest.approx(seconds)
    session.close()


def looping(start: int, end: int) -> Project:
    return replace(Project(), loop=TickRange(Tick(start), Tick(end)))


def test_a_brace_that_is_moved_while_it_loops_is_followed(
    qapp: QCoreApplication, process: FakeProcess
) -> None:
    document = DocumentSession(looping(0, 960_000))
    session = TransportSession(process, document, lambda project: {})
    session.set_loop(True)
    document.preview(lambda project: looping(960_000, 960_003))
    document.preview(lambda project: looping(960_000, 1_920_000))
    assert process.loops == [
        TickRange(Tick(0), Tick(960_000)),
        TickRange(Tick(960_000), Tick(960_003)),
        TickRange(Tick(960_000), Tick(1_920_000)),
    ]
    session.close()


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("house 120 bpm 8 bars", 16.0), ("house 90 bpm 4 bars", 32 / 3), ("pads, 30 seconds", 30.0)],
)
@pytest.mark.parametrize("variations", [1, 3])
def test_a_request_asks_for_the_frames_of_its_words(
    words: str, seconds: float, variations: int
) -> None:
    request = Request(Prompt(words), variations=variations)
    assert wished_frames(request) == pytest.approx(variations * seconds * SECOND, abs=variations)


@pytest.mark.parametrize(
    ("task", "seconds"),
    [(Cover, 2.0), (partial(Extend, before_s=1.0, after_s=10.0), 13.0)],
)
def test_a_task_of_audio_asks_for_the_length_of_its_source(
    tmp_path: Path, task: Callable[[str], Task], seconds: float
) -> None:
    path = tmp_path / "source.wav"
    write_wav(path, np.zeros((2 * SECOND, 2), np.float32))
    request = Request(Prompt("house, ten minutes"), task=task(str(path)), variations=2)
    assert wished_frames(request) == 2 * seconds * SECOND


def test_the_words_are_all_there_is_while_a_source_cannot_be_read(tmp_path: Path) -> None:
    request = Request(Prompt("pads, 30 seconds"), task=Cover(str(tmp_path / "gone.wav")))
    assert wished_frames(request) == 30 * SECOND


def job(engine: str, words: str) -> Job:
    return Job(JobId(1), engine, Request(Prompt(words)))


def test_a_job_is_expected_to_take_as_long_as_those_before_it_of_its_engine() -> None:
    pace = JobPace()
    short, long = job("a", "house 120 bpm 4 bars"), job("a", "house 120 bpm 16 bars")
    assert pace.expected_s(short) is None
    for _ in range(3):
        pace.note(short, 4.0)
        pace.note(long, 13.0)
    assert pace.expected_s(short) == pytest.approx(4.0, rel=0.2)
    assert pace.expected_s(long) == pytest.approx(13.0, rel=0.2)
    assert pace.expected_s(job("b", "house 120 bpm 4 bars")) is None
