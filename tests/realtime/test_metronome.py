import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.tempo import MeterChange, TempoMap
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.realtime.metronome import CLICK_FRAMES, Metronome, click, next_beat

BPM_120 = TempoMap.steady(120.0)


def test_a_bar_begins_with_an_accented_click_and_beats_follow() -> None:
    beats = [next_beat(BPM_120, Frame(frame)) for frame in (0, 1, 24_001, 72_001)]

    assert beats == [(0, True), (24_000, False), (48_000, False), (96_000, True)]


def test_beats_follow_the_meter() -> None:
    tempo = TempoMap.steady(120.0, Meter(6, 8))

    assert next_beat(tempo, Frame(1)) == (12_000, False)
    assert next_beat(tempo, Frame(60_001)) == (72_000, True)


def test_beats_follow_changes_of_the_meter() -> None:
    bar_2 = Meter(4, 4).ticks_per_bar
    tempo = TempoMap(meters=(MeterChange(Tick(0), Meter()), MeterChange(bar_2, Meter(3, 4))))

    assert next_beat(tempo, Frame(96_000 + 1)) == (120_000, False)
    assert next_beat(tempo, Frame(96_000 + 48_001)) == (168_000, True)


@given(st.lists(st.integers(1, 30_000), min_size=1, max_size=12))
def test_block_sizes_do_not_move_a_click(blocks: list[int]) -> None:
    total = sum(blocks)
    whole = np.zeros((total, 2), np.float32)
    metronome = Metronome()
    metronome.set_tempo(BPM_120)
    metronome.add(Frame(0), whole)

    pieces, cut = np.zeros_like(whole), Metronome()
    cut.set_tempo(BPM_120)
    at = 0
    for block in blocks:
        cut.add(Frame(at), pieces[at : at + block])
        at += block

    assert np.array_equal(pieces, whole)


def test_clicks_stand_on_the_frames_of_the_beats() -> None:
    out = np.zeros((50_000, 2), np.float32)

    Metronome().add(Frame(0), out)

    assert np.array_equal(out[:CLICK_FRAMES], click(accented=True))
    assert np.array_equal(out[24_000 : 24_000 + CLICK_FRAMES], click(accented=False))
    assert not out[CLICK_FRAMES:24_000].any()


def test_a_click_that_has_begun_rings_out_when_the_timeline_stops() -> None:
    metronome = Metronome()
    first, rest = np.zeros((100, 2), np.float32), np.zeros((CLICK_FRAMES, 2), np.float32)
    metronome.add(Frame(0), first)

    metronome.ring_out(rest)

    assert np.array_equal(rest[: CLICK_FRAMES - 100], click(accented=True)[100:])
    assert not rest[CLICK_FRAMES - 100 :].any()


def test_a_click_begins_and_ends_in_silence() -> None:
    for accented in (False, True):
        sound = click(accented=accented)
        assert abs(sound[0]).max() < 0.01
        assert abs(sound[-1]).max() < 0.001
        assert 0.2 < abs(sound).max() < 0.4
