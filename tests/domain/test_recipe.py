"""Notes, recipes and takes check themselves."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.recipe import Measured, Music, Take, TakeId
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import Frame, Meter, Tick
from tests.domain import values


def _take(frames: int, channels: int) -> Take:
    return Take(
        TakeId("0" * 32), "Rainy", "2026-11-22", Frame(frames), channels, Music(), Measured()
    )


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: Note(Tick(-1), Tick(1), 60, 1), "a note needs a start and a length, got -1, 1"),
    (lambda: Note(Tick(0), Tick(0), 60, 1), "a note needs a start and a length, got 0, 0"),
    (lambda: Note(Tick(0), Tick(1), 128, 1), "a pitch must be within 0..127, got 128"),
    (lambda: Note(Tick(0), Tick(1), -1, 1), "a pitch must be within 0..127, got -1"),
    (lambda: Note(Tick(0), Tick(1), 60, 0), "a velocity must be within 1..127, got 0"),
    (lambda: Note(Tick(0), Tick(1), 60, 128), "a velocity must be within 1..127, got 128"),
    (
        lambda: Part("Bass", "sub_bass", 128, False, ()),
        "a MIDI program must be within 0..127, got 128",
    ),
    (lambda: Music(bpm=0), "bpm must be within 1..999, got 0"),
    (lambda: Music(bpm=float("nan")), "bpm must be within 1..999, got nan"),
    (lambda: Music(bars=0), "bars must be at least 1, got 0"),
    (lambda: _take(0, 2), "a take needs at least one frame, got 0"),
    (lambda: _take(1, 0), "a take is mono or stereo, got 0 channels"),
    (lambda: _take(1, 3), "a take is mono or stereo, got 3 channels"),
]


@pytest.mark.parametrize(("make", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_a_value_that_cannot_be_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^{re.escape(sentence)}$"):
        make()


@given(st.floats(30, 300), st.integers(1, 64), values.meters)
def test_a_loop_is_as_long_as_its_bars(bpm: float, bars: int, meter: Meter) -> None:
    assert Music(bpm, None, meter, bars).loop_frames() == frames_of_bars(bars, meter, bpm)


@pytest.mark.parametrize(
    "music",
    [
        Music(),
        Music(bpm=120.0, key=Key("C")),
        Music(bpm=120.0, meter=Meter()),
        Music(meter=Meter(), bars=4),
        Music(bpm=120.0, bars=4),
    ],
)
def test_music_of_unknown_length_is_no_loop(music: Music) -> None:
    assert music.loop_frames() is None
