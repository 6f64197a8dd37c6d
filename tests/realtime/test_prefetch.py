from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.audiofile.wav import map_wav
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.arrangement import compile_project
from acestep_desktop.dsp.lane import lanes_of
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.audition import Audition
from acestep_desktop.realtime.deck import Score
from acestep_desktop.realtime.prefetch import AHEAD, Prefetcher
from acestep_desktop.realtime.transport import Loop, Transport
from tests.realtime.recordings import Piece, piece
from tests.realtime.studio import Studio


def scored(music: Piece, sources: Mapping[TakeId, Samples]) -> Score:
    arrangement = compile_project(music.project)
    return Score(arrangement, sources, lanes_of(arrangement, sources), music.project.tempo)


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> Score:
    music = piece(tmp_path_factory.mktemp("takes"), tracks=2, clips=4, seconds=16)
    sources = {take: map_wav(path) for take, path in music.paths.items()}
    return scored(music, sources)


@pytest.fixture
def prefetcher() -> Iterator[Prefetcher]:
    made = Prefetcher()
    yield made
    made.forget()


def test_what_plays_within_a_second_is_read_once(score: Score, prefetcher: Prefetcher) -> None:
    assert prefetcher.read_ahead(score, Transport(Frame(0), True)) > 0
    assert prefetcher.read_ahead(score, Transport(Frame(0), True)) == 0


def test_as_the_playhead_moves_more_is_read(score: Score, prefetcher: Prefetcher) -> None:
    prefetcher.read_ahead(score, Transport(Frame(0), True))

    assert prefetcher.read_ahead(score, Transport(Frame(48_000), True)) > 0


def test_a_wrap_of_the_loop_is_read_ahead_as_well(score: Score, prefetcher: Prefetcher) -> None:
    loop = Loop(Frame(0), Frame(500_000))
    prefetcher.read_ahead(score, Transport(Frame(490_000), True), 9_000)

    assert prefetcher.read_ahead(score, Transport(Frame(490_000), True, loop), 48_000) > 0


def test_nothing_is_read_where_nothing_plays(score: Score, prefetcher: Prefetcher) -> None:
    assert prefetcher.read_ahead(score, Transport(Frame(10_000_000), True)) == 0


def test_takes_that_lie_in_memory_need_no_reading(score: Score, prefetcher: Prefetcher) -> None:
    sources = {take: np.array(audio) for take, audio in score.sources.items()}
    held = replace(score, sources=sources, lanes=lanes_of(score.arrangement, sources))

    assert prefetcher.read_ahead(held, Transport(Frame(0), True)) == 0


def test_a_file_that_went_away_is_only_logged(tmp_path: Path, prefetcher: Prefetcher) -> None:
    music = piece(tmp_path, tracks=1, clips=1, seconds=4)
    sources = {take: map_wav(path) for take, path in music.paths.items()}
    for path in music.paths.values():
        path.unlink()
    score = scored(music, sources)

    assert prefetcher.read_ahead(score, Transport(Frame(0), True)) > 0


def test_after_forgetting_all_is_read_again(score: Score, prefetcher: Prefetcher) -> None:
    first = prefetcher.read_ahead(score, Transport(Frame(0), True))

    prefetcher.forget()

    assert prefetcher.read_ahead(score, Transport(Frame(0), True)) == first


def test_what_was_read_long_ago_is_read_again(score: Score) -> None:
    now = [100.0]
    prefetcher = Prefetcher(lambda: now[0])
    first = prefetcher.read_ahead(score, Transport(Frame(0), True))
    now[0] += 60.0

    assert prefetcher.read_ahead(score, Transport(Frame(0), True)) == first
    prefetcher.forget()


def test_a_take_that_is_auditioned_is_read_before_it_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(1).uniform(-0.2, 0.2, (480_000, 2)).astype(np.float32)
    take = TakeId("noise")
    studio = Studio({take: noise}, tmp_path)
    read: list[tuple[int, int]] = []

    def note(self: Prefetcher, source: object, first: int, last: int) -> int:
        read.append((first, last))
        return 0

    monkeypatch.setattr(Prefetcher, "read_samples", note)
    try:
        studio.client.audition(take, studio.paths[take], Audition(offset=Frame(48_000)))
        assert [first for first, _ in read] == [48_000]
        studio.pull(24_000, 480)
        studio.desk.look_ahead()
    finally:
        studio.close()
    first, last = read[-1]
    assert 70_000 < first < 72_000 and last - first == AHEAD
