"""What a new audio process is told: paths, the audition, and when it is told no more."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.child.messages import Message
from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.project import Media, Project
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.audition import Audition
from acestep_desktop.realtime.client import RESTARTS, Notice, RealtimeClient
from acestep_desktop.realtime.heard import Heard
from acestep_desktop.realtime.wire import read_audition
from tests.realtime.studio import Studio, written

TAKE, OTHER = TakeId("take"), TakeId("other")
FRAMES = 96_000
NOISE = np.random.default_rng(3).uniform(-0.3, 0.3, (FRAMES, 2)).astype(np.float32)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = Studio({}, tmp_path)
    yield made
    made.close()


def project_of(take: TakeId) -> Project:
    project = add_track(add_media(Project(), Media(take, "a.wav", Frame(FRAMES), 2)), "Rain")
    clip = Clip.of_take(take, Tick(0), Frame(FRAMES))
    return add_clip(project, project.tracks[0].track_id, clip)


def heard(studio: Studio) -> Samples:
    studio.client.locate(Frame(0))
    studio.client.play()
    out = studio.pull(9_600, 480)
    studio.client.stop()
    studio.pull(9_600, 480)
    return out


def test_a_take_whose_file_is_elsewhere_now_is_read_from_there(
    studio: Studio, tmp_path: Path
) -> None:
    project = project_of(TAKE)
    studio.client.set_project(project, {TAKE: tmp_path / "gone.wav"})
    assert not heard(studio).any()

    studio.client.set_project(project, {TAKE: written(tmp_path / "here.wav", NOISE)})
    assert heard(studio).any()


def test_a_file_that_is_back_where_it_was_is_heard_again(studio: Studio, tmp_path: Path) -> None:
    project, path = project_of(TAKE), tmp_path / "take.wav"
    studio.client.set_project(project, {TAKE: path})
    studio.client.set_project(project, {})
    written(path, NOISE)

    studio.client.set_project(project, {TAKE: path})
    assert heard(studio).any()


def test_a_take_without_a_file_is_refused_in_words_when_it_is_auditioned(
    studio: Studio, tmp_path: Path
) -> None:
    project, path = project_of(TAKE), tmp_path / "gone.wav"
    studio.client.set_project(project, {TAKE: path})
    studio.said.clear()

    studio.client.audition(TAKE, path, Audition())

    assert "gone.wav" in str(studio.said[0][1]["text"])


def test_a_new_process_goes_on_with_the_loop_that_was_heard(studio: Studio, tmp_path: Path) -> None:
    path = written(tmp_path / "take.wav", NOISE)
    studio.client.audition(TAKE, path, Audition(loops=True))
    assert studio.pull(4_800, 480).any()

    studio.client.died("It was killed.", 0.0)
    studio.revive()

    assert studio.pull(4_800, 480).any()


def test_a_new_process_keeps_silent_after_the_audition_was_ended(
    studio: Studio, tmp_path: Path
) -> None:
    path = written(tmp_path / "take.wav", NOISE)
    studio.client.audition(TAKE, path, Audition(loops=True))
    studio.client.end_audition()

    studio.client.died("It was killed.", 0.0)
    studio.revive()

    assert not studio.pull(9_600, 480).any()


def test_a_new_process_goes_on_with_a_part_as_far_as_it_is_decoded(
    studio: Studio, tmp_path: Path
) -> None:
    path = tmp_path / "take.part"
    NOISE.tofile(path)
    studio.client.audition_part(OTHER, path, Frame(FRAMES), 2, Audition())
    studio.client.part_ready(OTHER, Frame(FRAMES))

    studio.client.died("It was killed.", 0.0)
    studio.revive()

    assert studio.pull(9_600, 480).any()


def audition_in(messages: Iterator[Message]) -> Audition:
    return read_audition(list(messages)[-1].fields)


def test_what_is_heard_at_once_goes_on_where_it_would_be() -> None:
    first = Heard(TAKE, Audition(offset=Frame(100)), since=10.0)
    second = Heard(OTHER, Audition(offset=Frame(100), goes_on=True), since=11.0).after(first)

    for taken in (first, second):
        wish = audition_in(taken.again(12.0))
        assert (wish.offset, wish.when, wish.goes_on) == (100 + 96_000, "now", False)


def test_a_loop_that_began_on_a_bar_begins_on_a_bar() -> None:
    wish = audition_in(Heard(TAKE, Audition(loops=True, when="bar"), since=10.0).again(12.0))

    assert (wish.offset, wish.when) == (0, "bar")


@pytest.mark.parametrize("start_s", [0.1, 1.0, 5.0])
def test_a_process_that_dies_at_every_start_is_given_up_and_said(start_s: float) -> None:
    deaths, now = [0.0], 0.0
    while (delay_s := RESTARTS.delay_s(deaths)) is not None and len(deaths) < 1_000:
        now += delay_s + start_s
        deaths.append(now)
    assert len(deaths) < 30

    notices: list[Notice] = []
    client = RealtimeClient(notices.append)
    client.died("The audio process fell over.", None)
    client.close()
    assert [notice.kind for notice in notices] == ["problem"]
    assert "Save your work" in notices[0].text


def test_a_message_that_is_not_understood_does_not_deafen_the_client(
    studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    studio.client._take_in(Message("opened", {"device": "Speaker"}))
    fields = {"device": "Speaker", "rate": 48_000, "latency_s": 0.0, "wished": True}
    studio.client._take_in(Message("opened", fields))

    assert studio.client.open_device.name == "Speaker"
    assert "opened was not understood" in caplog.text
