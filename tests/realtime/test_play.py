import threading
from pathlib import Path

import pytest

from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.realtime.play import Listener, play, project_of_take
from acestep_desktop.realtime.status import Status
from tests.realtime.recordings import piece

TAKE = TakeId("take-0")


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[TakeId, Path]:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    return piece(tmp_path, tracks=1, clips=1, seconds=4).paths


def test_a_take_is_a_project_at_its_own_tempo() -> None:
    project = project_of_take(TAKE, Frame(48_000), 2, name="Rain", bpm=97.5, meter=Meter(3, 4))

    assert project.tempo == TempoMap.steady(97.5, Meter(3, 4))
    assert (project.end(), project.tracks[0].clips[0].name) == (48_000, "Rain")


def test_a_project_is_played_to_its_end(paths: dict[TakeId, Path]) -> None:
    frames: list[Frame] = []

    def moved(status: Status) -> None:
        frames.append(status.frame)

    last = play(project_of_take(TAKE, Frame(24_000), 2), paths, listener=Listener(moved=moved))

    assert last.frame >= 24_000
    assert not last.rolling
    assert frames == sorted(frames)
    assert len(frames) > 3


def test_a_loop_goes_round_until_it_is_interrupted(paths: dict[TakeId, Path]) -> None:
    passes = threading.Event()
    seen: list[Frame] = []

    def moved(status: Status) -> None:
        if seen and status.frame < seen[-1]:
            passes.set()
        seen.append(status.frame)
        if passes.is_set():
            raise KeyboardInterrupt

    loop = TickRange(Tick(0), Tick(240_000))
    with pytest.raises(KeyboardInterrupt):
        play(
            project_of_take(TAKE, Frame(96_000), 2),
            paths,
            loop=loop,
            listener=Listener(moved=moved),
        )

    assert max(seen) < 6_000
