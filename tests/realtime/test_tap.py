"""What is played equals the bounce, bit for bit: real messages, real pipe, real callback."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acestep_desktop.domain.edits import add_track, change_track
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.arrangement import compile_project
from acestep_desktop.dsp.bounce import bounce
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.gate import FADE
from tests.dsp.random_projects import FOUR_SECONDS, SOURCES, projects
from tests.realtime.studio import Studio, brace

PROJECTS = 40
"""The bench plays 200."""

ALL = FOUR_SECONDS + 30_000


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = Studio(SOURCES, tmp_path_factory.mktemp("takes"))
    yield made
    made.close()


def whole(project: Project, start: int = 0, end: int = ALL) -> Samples:
    """Return the offline bounce."""
    return np.concatenate(list(bounce(compile_project(project), SOURCES, start, end)))


def cue(studio: Studio, project: Project, start: int = 0) -> None:
    """Stand at `start` with `project` loaded and nothing heard yet."""
    studio.client.stop()
    studio.client.set_loop(None)
    studio.client.set_project(project, studio.paths)
    studio.pull(2_000)
    studio.client.locate(Frame(start))
    studio.pull(64)
    studio.taps.clear()


def pull_at_random(studio: Studio, frames: int, seed: int) -> None:
    dice = random.Random(seed)
    while frames > 0:
        block = min(frames, dice.choice((1, 7, 64, 255, 256, 480, 512, 1_024, 3_000, 8_192)))
        studio.pull(block)
        frames -= block


@settings(max_examples=PROJECTS)
@given(projects(min_clips=1), st.integers(0, 2**30))
def test_a_random_project_in_random_blocks_is_the_bounce_bit_for_bit(
    studio: Studio, project: Project, seed: int
) -> None:
    cue(studio, project)

    studio.client.play()
    pull_at_random(studio, FOUR_SECONDS, seed)

    reference = whole(project)
    assert sum(len(samples) for _, samples in studio.taps) == FOUR_SECONDS
    assert studio.taps[0][0] == 0
    for frame, samples in studio.taps:
        assert np.array_equal(samples, reference[frame : frame + len(samples)])


@settings(max_examples=15)
@given(
    projects(min_clips=1), st.lists(st.integers(0, FOUR_SECONDS), min_size=1, max_size=4), st.data()
)
def test_after_each_seek_the_bounce_from_there_is_heard(
    studio: Studio, project: Project, seeks: list[int], data: st.DataObject
) -> None:
    cue(studio, project)
    studio.client.play()
    studio.pull(data.draw(st.integers(1, 5_000)))

    for seek in seeks:
        studio.taps.clear()
        studio.client.locate(Frame(seek))
        studio.pull(9_000, block=data.draw(st.sampled_from((333, 512, 9_000))))

        heard = np.concatenate([samples for _, samples in studio.taps])
        assert studio.taps[0][0] == seek
        assert len(heard) >= 9_000 - 2 * FADE
        assert np.array_equal(heard, whole(project, seek, seek + len(heard)))


@settings(max_examples=4)
@given(projects(min_clips=2), st.integers(0, 100_000), st.integers(480, 3_000))
def test_loops_wrap_on_the_frame_a_thousand_times(
    studio: Studio, project: Project, start: int, length: int
) -> None:
    cue(studio, project, start)
    studio.client.set_loop(brace(project, start, start + length))
    studio.client.play()

    for _ in range(250 * length // 1_024):
        studio.pull(1_024)

    once = whole(project, start, start + length)
    heard = np.concatenate([samples for _, samples in studio.taps])
    passes = -(-len(heard) // length)
    assert passes >= 250
    assert np.array_equal(heard, np.tile(once, (passes, 1))[: len(heard)])


@settings(max_examples=10)
@given(projects(min_clips=1), projects(min_clips=1))
def test_another_project_is_heard_exactly_once_it_has_taken_over(
    studio: Studio, project: Project, other: Project
) -> None:
    cue(studio, project)
    studio.client.play()
    studio.pull(10_000, block=512)

    studio.client.set_project(other, studio.paths)
    studio.pull(2_400 + 9_000, block=480)
    studio.taps.clear()
    studio.pull(20_000, block=480)

    reference = whole(other, 0, 20 * ALL)
    for frame, samples in studio.taps:
        assert np.array_equal(samples, reference[frame : frame + len(samples)])


@settings(max_examples=10)
@given(projects(min_clips=1), st.sampled_from((-6.0, -0.5, 3.0)))
def test_a_moved_fader_is_heard_exactly_once_its_ramp_is_over(
    studio: Studio, project: Project, gain_db: float
) -> None:

    cue(studio, project)
    studio.client.play()
    studio.pull(10_000, block=512)
    moved = change_track(
        project, project.tracks[0].track_id, lambda track: replace(track, gain_db=gain_db)
    )

    studio.client.set_project(moved, studio.paths)
    studio.pull(12_000, block=512)
    studio.taps.clear()
    studio.pull(20_000, block=512)

    reference = whole(moved)
    for frame, samples in studio.taps:
        assert np.array_equal(samples, reference[frame : frame + len(samples)])


def test_records_travel_in_pieces_of_4_kilobytes(studio: Studio) -> None:
    assert 0 < studio.child.largest <= 4_096


def test_only_the_track_that_changed_is_sent(studio: Studio, tmp_path: Path) -> None:
    project = Project()
    for name in "abc":
        project = add_track(project, name)
    studio.client.set_project(project, {})
    studio.child.kinds.clear()

    middle = project.tracks[1].track_id
    edited = change_track(project, middle, lambda track: replace(track, pan=0.5))
    studio.client.set_project(edited, {})

    assert studio.child.kinds == ["track", "score"]
