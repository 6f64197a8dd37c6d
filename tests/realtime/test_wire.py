from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from acestep_desktop.child.messages import Message, decode, encode
from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.tempo import TempoChange, TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.dsp.arrangement import Arrangement, compile_project
from acestep_desktop.realtime.audition import Audition
from acestep_desktop.realtime.wire import (
    PIECE_BYTES,
    ScoreReader,
    audition_message,
    read_audition,
    read_tempo,
    score_message,
    tempo_message,
    track_messages,
    whole,
)
from tests.realtime.recordings import Piece, piece


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Piece:
    return piece(tmp_path_factory.mktemp("takes"), tracks=3, clips=150, seconds=60)


def carried(message: Message) -> Message:
    return decode(bytes(encode(message)))


def read(arrangement: Arrangement) -> Arrangement:
    reader = ScoreReader.empty()
    for track in arrangement.tracks:
        for message in track_messages(track):
            reader.take_track(carried(message))
    return reader.arrangement(carried(score_message(arrangement, 1, with_order=True)).fields)


def test_an_arrangement_arrives_as_it_was_sent(music: Piece) -> None:
    sent = compile_project(music.project)

    got = read(sent)

    assert (got.master_gain, got.limiter) == (sent.master_gain, sent.limiter)
    for a, b in zip(got.tracks, sent.tracks, strict=True):
        assert (a.track_id, a.fader, a.media) == (b.track_id, b.fader, b.media)
        assert np.array_equal(a.segments, b.segments)


def test_a_long_track_goes_in_pieces_of_32_kilobytes(tmp_path: Path) -> None:
    long = piece(tmp_path, tracks=1, clips=1_000, seconds=500)
    pieces = list(track_messages(compile_project(long.project).tracks[0]))

    assert len(pieces) > 2
    assert max(len(message.payload) for message in pieces) == PIECE_BYTES
    assert [message.fields["last"] for message in pieces] == [False] * (len(pieces) - 1) + [True]


def test_tracks_that_did_not_change_need_not_be_sent_again(music: Piece) -> None:
    arrangement = compile_project(music.project)
    reader = ScoreReader.empty()
    for track in arrangement.tracks:
        for message in track_messages(track):
            reader.take_track(message)
    first = reader.arrangement(score_message(arrangement, 1, with_order=True).fields)

    second = reader.arrangement(score_message(arrangement, 2, with_order=False).fields)

    assert all(a is b for a, b in zip(first.tracks, second.tracks, strict=True))


def test_a_track_that_never_came_is_an_error_and_no_crash(music: Piece) -> None:
    arrangement = compile_project(music.project)

    with pytest.raises(KeyError):
        ScoreReader.empty().arrangement(score_message(arrangement, 1, with_order=True).fields)


def test_a_tempo_map_arrives_as_it_was_sent() -> None:
    tempo = TempoMap((TempoChange(Tick(0), 174.3), TempoChange(Tick(960_000), 60.0)))

    assert read_tempo(carried(tempo_message(tempo, 5)).fields) == (5, tempo)


@pytest.mark.parametrize(
    "wish",
    [
        Audition(),
        Audition(0.5, Frame(7), "bar", True, Frame(96_000), False, Fraction(1_000, 3), 7),
    ],
)
def test_a_wish_to_hear_a_take_arrives_as_it_was_sent(wish: Audition) -> None:
    message = carried(audition_message("take", wish))

    assert message.fields["take"] == "take"
    assert read_audition(message.fields) == wish


def test_a_field_of_the_wrong_kind_is_named() -> None:
    with pytest.raises(InvalidValueError, match='"frame"'):
        whole({"frame": "soon"}, "frame")
