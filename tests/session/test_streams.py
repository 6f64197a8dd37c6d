"""Streams: a take is heard while it is made, and goes on when it is finished."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.recipe import EngineIdentity, Music, Recipe
from acestep_desktop.domain.request import Cover, Prompt, Request
from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.generation.generator import AudioChunk
from acestep_desktop.generation.jobs import Job, JobId, JobState
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.preferences import Preferences
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.jobs import JobSession
from acestep_desktop.session.parts import MOST_FRAMES, Part, PartFiles, expected_frames
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.session.streams import StreamSession
from tests.session.test_jobs import WAIT_MS, fake_client
from tests.ui.conftest import FakeSound

FRAMES = 4 * SAMPLE_RATE


class Desk:
    """Everything that hears a part, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.sound = FakeSound()
        self.takes = TakeLibrary(folders_below(folder))
        self.settings = SettingsSession(Preferences(folder / "preferences.json"))
        self.audition = AuditionSession(self.sound, clock=lambda: self.now)
        self.jobs = JobSession(self.takes, fake_client)
        self.streams = StreamSession(
            self.jobs, self.audition, self.settings, clock=lambda: self.now
        )

    def grow(self, ready_s: float, now: float, **fields: object) -> Part:
        self.now = now
        facts = {
            "job_id": JobId(1),
            "variation": 0,
            "path": Path("part"),
            "frames": Frame(FRAMES),
            "channels": 2,
            "ready": Frame(round(ready_s * SAMPLE_RATE)),
            "whole": True,
            "loudness_db": -20.0,
        }
        part = Part(**{**facts, **fields})
        self.streams.show_part(part)
        return part

    def kept(self, bars: int | None) -> StoredTake:
        recipe = Recipe(Request(Prompt("x")), EngineIdentity("fake", "1"), Music(120.0, bars=bars))
        return self.takes.commit(np.full((FRAMES, 2), 0.1, np.float32), (), recipe)


@pytest.fixture
def desk(qapp: QCoreApplication, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.jobs.close()
    desk.audition.close()


def test_a_part_is_heard_once_it_grows_as_fast_as_it_plays(desk: Desk) -> None:
    desk.grow(1.0, now=0.0)
    assert desk.sound.parts == []
    part = desk.grow(2.5, now=1.0)
    assert desk.sound.parts == [(part.part_id, Frame(FRAMES))]
    assert desk.sound.ready[-1] == (part.part_id, part.ready)
    assert desk.audition.playing == part.part_id


def test_a_slow_part_waits_until_it_will_not_run_dry(desk: Desk) -> None:
    desk.grow(1.0, now=0.0)
    desk.grow(1.5, now=1.0)
    assert desk.sound.parts == []
    desk.grow(2.0, now=2.0)
    assert len(desk.sound.parts) == 1


def test_a_slow_part_of_unknown_length_is_not_begun(desk: Desk) -> None:
    for second in range(6):
        desk.grow(1.0 + second * 0.5, now=float(second), whole=False)
    assert desk.sound.parts == []


def test_more_of_a_part_that_is_heard_is_told(desk: Desk) -> None:
    desk.grow(1.0, now=0.0)
    desk.grow(2.5, now=1.0)
    desk.grow(4.0, now=1.5)
    assert [frames for _, frames in desk.sound.ready] == [2.5 * SAMPLE_RATE, FRAMES]
    assert len(desk.sound.parts) == 1


def test_other_variations_and_older_jobs_stay_silent(desk: Desk) -> None:
    for now in (0.0, 1.0):
        desk.grow(1.0 + 3 * now, now=now, variation=1)
    desk.jobs.submit("sketch", Request(Prompt("wait at step 1")))
    desk.jobs.submit("sketch", Request(Prompt("wait at step 1")))
    for now in (0.0, 1.0):
        desk.grow(1.0 + 3 * now, now=now)
    assert desk.sound.parts == []


def test_nothing_plays_by_itself_where_that_is_switched_off(desk: Desk) -> None:
    desk.settings.set_plays_first_take(False)
    desk.grow(1.0, now=0.0)
    desk.grow(4.0, now=1.0)
    assert desk.sound.parts == []


@pytest.mark.parametrize("bars", [2, None])
def test_the_finished_take_goes_on_where_its_part_is(desk: Desk, bars: int | None) -> None:
    desk.grow(1.0, now=0.0)
    desk.grow(2.5, now=1.0)
    take = desk.kept(bars)
    desk.now = 2.0
    desk.jobs.take_kept.emit(take, Job(JobId(1), "sketch", Request(Prompt("x"))))
    heard, wish = desk.sound.heard[-1]
    assert heard == take.take_id and wish.goes_on and wish.loops == (bars is not None)
    assert wish.gain == pytest.approx(10 ** (6 / 20))
    assert desk.audition.playing == take.take_id


def test_a_part_whose_job_fails_falls_silent(desk: Desk) -> None:
    desk.grow(1.0, now=0.0)
    desk.grow(2.5, now=1.0)
    failed = Job(JobId(1), "sketch", Request(Prompt("x")), JobState.FAILED)
    desk.jobs.jobs_changed.emit((failed,))
    assert desk.audition.playing == "" and desk.sound.ended == 1


def chunk(start: int, samples: np.ndarray, variation: int = 0) -> AudioChunk:
    return AudioChunk(variation, Frame(start), samples)


def test_a_part_lies_in_its_file_as_far_as_it_is_ready(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (48_000, 2)).astype(np.float32)
    files = PartFiles(JobId(3), Request(Prompt("house"), seconds=1.0), tmp_path)
    first = files.write(chunk(0, noise[:10_000]))
    apart = files.write(chunk(20_000, noise[20_000:]))
    whole = files.write(chunk(10_000, noise[10_000:20_000]))
    assert (first.ready, apart.ready, whole.ready) == (10_000, 10_000, 48_000)
    assert whole.frames == 48_000 and whole.whole
    stored = np.fromfile(whole.path, "<f4").reshape(-1, 2)
    assert np.array_equal(stored, noise)
    assert whole.loudness_db == pytest.approx(10 * np.log10(2 / 12) - 0.69, abs=0.1)


def test_a_later_chunk_replaces_an_earlier_one_and_none_exceeds_the_part(tmp_path: Path) -> None:
    files = PartFiles(JobId(3), Request(Prompt("house"), seconds=1.0), tmp_path)
    files.write(chunk(0, np.full((100, 1), 0.25, np.float32)))
    part = files.write(chunk(0, np.full((60_000, 1), 0.5, np.float32)))
    assert part.ready == part.frames == 48_000
    assert (np.fromfile(part.path, "<f4") == 0.5).all()


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    files = PartFiles(JobId(3), Request(Prompt("house"), seconds=1.0), tmp_path)
    assert files.write(chunk(0, np.zeros((100, 2), np.float32))).loudness_db is None


@pytest.mark.parametrize(
    ("request_", "frames"),
    [
        (Request(Prompt("house"), seconds=2.0), 96_000),
        (Request(Prompt("house"), bars=2, bpm=120.0), 192_000),
        (Request(Prompt("house, 120 bpm, 2 bars")), 192_000),
        (Request(Prompt("house"), bars=2), None),
        (Request(Prompt("house"), Cover("a.wav"), bars=2, bpm=120.0), None),
    ],
)
def test_the_length_is_known_where_tempo_and_bars_are(
    request_: Request, frames: int | None
) -> None:
    assert expected_frames(request_) == frames


def test_a_part_of_unknown_length_has_room(tmp_path: Path) -> None:
    files = PartFiles(JobId(3), Request(Prompt("")), tmp_path)
    part = files.write(chunk(0, np.ones((10, 2), np.float32)))
    assert part.frames == MOST_FRAMES and not part.whole


def test_what_an_engine_makes_is_told_as_parts_and_warnings(desk: Desk, qtbot: QtBot) -> None:
    parts: list[Part] = []
    desk.jobs.part_grown.connect(parts.append)
    with qtbot.waitSignal(desk.jobs.told, timeout=WAIT_MS) as told:
        desk.jobs.submit("sketch", Request(Prompt("some noise"), variations=2))
    assert told.args == ["It is only noise."]
    qtbot.waitUntil(lambda: len(parts) == 8, timeout=WAIT_MS)
    assert [part.ready for part in parts] == [1_000, 2_000, 3_000, 4_000] * 2
    assert {part.variation for part in parts} == {0, 1}
