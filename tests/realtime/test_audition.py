from fractions import Fraction

import numpy as np
import pytest

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.audition import (
    RESUME,
    Ahead,
    Audition,
    AuditionBus,
    Place,
    TakeAudio,
    When,
)
from acestep_desktop.realtime.gate import SWITCH

FRAMES = 100_000
RAMP = (np.arange(FRAMES, dtype=np.float32) + 1)[:, None].repeat(2, 1) / FRAMES
"""A take that says at every frame which one it is."""

BLOCK = 512


class Listener:
    """Pulls a bus as the player does, at a timeline that may roll."""

    def __init__(self) -> None:
        self.bus = AuditionBus()
        self.place: Place | None = None
        self.lines: dict[When, int] = {}

    def begin(self, audio: TakeAudio, wish: Audition) -> None:
        self.bus.begin(audio, wish, self._to_line if self.place else None)

    def pull(self, frames: int) -> Samples:
        out = np.zeros((frames, 2), np.float32)
        scratch = np.zeros_like(out)
        at = 0
        while at < frames:
            self.bus.turn()
            to_switch = self.bus.to_switch()
            count = min(frames - at, BLOCK, to_switch if to_switch else BLOCK)
            self.bus.add(out[at : at + count], scratch, self.place)
            if self.place is not None:
                moved = Frame(self.place.frame + count)
                self.place = Place(moved, self.place.epoch)
            at += count
        return out

    def _to_line(self, when: When) -> int:
        return self.lines[when]


def ramp() -> TakeAudio:
    return TakeAudio(RAMP)


def frames_heard(out: Samples) -> list[int]:
    return (np.rint(out[:, 0] * FRAMES).astype(int) - 1).tolist()


def test_a_take_is_heard_from_its_very_first_frame_at_full_level() -> None:
    listener = Listener()
    listener.begin(ramp(), Audition())

    out = listener.pull(2_000)

    assert not out[:SWITCH].any()
    assert np.array_equal(out[SWITCH:], RAMP[: 2_000 - SWITCH])


def test_a_take_is_heard_from_a_bar_in_it() -> None:
    listener = Listener()
    listener.begin(ramp(), Audition(offset=Frame(48_000)))

    out = listener.pull(1_000)

    assert np.array_equal(out[SWITCH:], RAMP[48_000 : 48_000 + 1_000 - SWITCH])
    assert out[0, 0] < 0.001


def test_a_mono_take_is_heard_on_both_sides() -> None:
    listener = Listener()
    listener.begin(TakeAudio(RAMP[:, :1]), Audition())

    out = listener.pull(1_000)

    assert np.array_equal(out[SWITCH:, 0], RAMP[: 1_000 - SWITCH, 0])
    assert np.array_equal(out[:, 0], out[:, 1])


@pytest.mark.parametrize(("when", "line"), [("beat", 24_000), ("bar", 96_000)])
def test_the_next_take_waits_for_a_line_of_the_one_that_is_heard(when: When, line: int) -> None:
    listener = Listener()
    beat = Fraction(24_000)
    listener.begin(ramp(), Audition(beat=beat, loops=True))
    listener.pull(10_000 + SWITCH)

    listener.begin(TakeAudio(-RAMP), Audition(when=when))
    out = listener.pull(100_000)

    switch = line - 10_000
    assert (out[: switch - SWITCH] > 0).all()
    assert np.array_equal(out[switch:], -RAMP[: 100_000 - switch])


def test_the_next_take_waits_for_a_line_of_the_timeline_where_that_rolls() -> None:
    listener = Listener()
    listener.place = Place(Frame(1_000), 1)
    listener.lines = {"bar": 5_000}

    listener.begin(ramp(), Audition(when="bar"))
    out = listener.pull(6_000)

    assert not out[:5_000].any()
    assert np.array_equal(out[5_000:], RAMP[:1_000])


def test_two_takes_crossfade_within_five_milliseconds_and_no_louder_than_either() -> None:
    listener = Listener()
    level = np.full((FRAMES, 2), 0.5, np.float32)
    listener.begin(TakeAudio(level), Audition())
    listener.pull(1_000)

    listener.begin(TakeAudio(level), Audition(offset=Frame(500)))
    out = listener.pull(1_000)

    assert np.allclose(out, 0.5, atol=1e-6)


def test_a_loop_goes_on_without_a_gap() -> None:
    listener = Listener()
    listener.begin(TakeAudio(RAMP[:3_000]), Audition(loops=True))

    out = listener.pull(SWITCH + 9_000)[SWITCH:]

    assert np.array_equal(out, np.tile(RAMP[:3_000], (3, 1)))


def test_a_take_that_ends_leaves_the_bus_silent() -> None:
    listener = Listener()
    listener.begin(TakeAudio(RAMP[:1_000]), Audition())

    listener.pull(5_000)

    assert listener.bus.is_silent
    assert not listener.bus.mutes_timeline


def test_ending_an_audition_fades_it_out() -> None:
    listener = Listener()
    listener.begin(ramp(), Audition())
    listener.pull(50_000)

    listener.bus.end("now", None)
    out = listener.pull(2_000)

    assert out[0, 0] > 0.4
    assert (np.abs(np.diff(out[:, 0])) < 0.01).all()
    assert not out[SWITCH:].any()
    assert listener.bus.is_silent


def test_ending_before_anything_began_does_nothing() -> None:
    bus = AuditionBus()

    bus.end("now", None)

    assert bus.is_silent


def test_an_anchored_take_is_heard_where_the_timeline_is() -> None:
    listener = Listener()
    listener.place = Place(Frame(30_000), 1)
    listener.begin(ramp(), Audition(anchor=Frame(10_000)))

    out = listener.pull(2_000)

    assert frames_heard(out)[SWITCH:] == list(range(20_000 + SWITCH, 22_000))


def test_an_anchored_take_begins_where_the_timeline_reaches_it() -> None:
    listener = Listener()
    listener.place = Place(Frame(9_000), 1)
    listener.begin(ramp(), Audition(anchor=Frame(10_000)))

    out = listener.pull(2_000)

    assert not out[:1_000].any()
    assert np.array_equal(out[1_000:], RAMP[:1_000])


def test_an_anchored_take_follows_a_wrap_of_the_loop_without_a_gap() -> None:
    listener = Listener()
    listener.place = Place(Frame(0), 1)
    listener.begin(ramp(), Audition(anchor=Frame(0)))
    listener.pull(4_096)

    listener.place = Place(Frame(1_000), 1)
    out = listener.pull(1_000)

    assert frames_heard(out) == list(range(1_000, 2_000))


def test_an_anchored_take_fades_out_and_in_over_a_seek() -> None:
    listener = Listener()
    listener.place = Place(Frame(40_000), 1)
    listener.begin(ramp(), Audition(anchor=Frame(0)))
    listener.pull(1_024)

    listener.place = None
    falling = listener.pull(512)
    listener.place = Place(Frame(80_000), 2)
    rising = listener.pull(1_024)

    both = np.concatenate((falling, rising))[:, 0]
    assert np.abs(np.diff(both)).max() < 0.01
    assert not falling[SWITCH:].any()
    assert frames_heard(rising)[SWITCH:] == list(range(80_000 + SWITCH, 81_024))


def test_a_take_that_is_being_decoded_waits_and_goes_on_without_a_step() -> None:
    listener = Listener()
    audio = TakeAudio(RAMP, ready=5_000)
    listener.begin(audio, Audition())

    first = listener.pull(10_240)
    assert listener.bus.buffering
    audio.ready = FRAMES
    rest = listener.pull(10_240)

    both = np.concatenate((first, rest))[:, 0]
    assert np.abs(np.diff(both)).max() < 0.001
    assert not first[5_000 + SWITCH :].any()
    heard = frames_heard(rest)
    assert heard[SWITCH] < 5_000
    assert heard[-1] - heard[SWITCH] == 10_240 - 1 - SWITCH
    assert not listener.bus.buffering


def test_a_take_that_waits_goes_on_only_with_a_lead_over_its_decoder() -> None:
    listener = Listener()
    audio = TakeAudio(RAMP, ready=2_000)
    listener.begin(audio, Audition())
    listener.pull(4_096)

    audio.ready = 2_000 + RESUME // 2
    assert not listener.pull(2_048).any()
    audio.ready = 2_000 + 2 * RESUME
    assert listener.pull(2_048).any()


def test_nothing_beyond_what_is_decoded_is_ever_heard() -> None:
    listener = Listener()
    poison = RAMP.copy()
    poison[5_000:] = 9.0
    listener.begin(TakeAudio(poison, ready=5_000), Audition())

    assert listener.pull(20_480).max() < 1.0


def test_a_gain_scales_and_what_is_no_number_is_silence() -> None:
    spoilt = RAMP.copy()
    spoilt[1_000:1_100] = np.nan
    listener = Listener()
    listener.begin(TakeAudio(spoilt), Audition(gain=0.5))

    out = listener.pull(3_000)[SWITCH:]

    assert np.isfinite(out).all()
    assert np.array_equal(out[:1_000], RAMP[:1_000] * np.float32(0.5))
    assert not out[1_000:1_100].any()


def test_a_take_may_leave_the_timeline_audible() -> None:
    listener = Listener()
    listener.begin(ramp(), Audition(mutes_timeline=False))
    listener.pull(512)

    assert not listener.bus.mutes_timeline


@pytest.mark.parametrize(
    "wrong",
    [{"gain": 4.1}, {"gain": float("nan")}, {"offset": -1}, {"beats": 0}, {"when": "soon"}],
)
def test_a_wish_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        Audition(**wrong)  # type: ignore[arg-type]


def test_a_finished_take_goes_on_at_the_very_frame_where_its_part_was() -> None:
    listener = Listener()
    part = TakeAudio(np.vstack((RAMP, np.zeros((50_000, 2), np.float32))), 60_000)
    listener.begin(part, Audition())
    before = listener.pull(10_000)
    listener.begin(ramp(), Audition(goes_on=True, loops=True))
    after = listener.pull(FRAMES)

    heard = frames_heard(np.vstack((before, after)))
    assert heard[SWITCH : SWITCH + 99_000] == list(range(99_000))
    assert heard[SWITCH + FRAMES : SWITCH + FRAMES + 100] == list(range(100))


def test_a_take_that_finds_no_part_to_go_on_from_plays_from_its_start() -> None:
    listener = Listener()
    listener.begin(ramp(), Audition(goes_on=True))
    out = listener.pull(2_000)
    assert np.array_equal(out[SWITCH:], RAMP[: 2_000 - SWITCH])


def test_a_take_that_goes_on_at_a_line_is_there_in_step_with_the_one_before() -> None:
    listener = Listener()
    listener.place = Place(Frame(1_000), 1)
    listener.lines = {"bar": 5_000}
    listener.begin(TakeAudio(-RAMP[:7_000]), Audition(loops=True))
    listener.pull(SWITCH + 4_000)

    listener.begin(TakeAudio(RAMP[:7_000]), Audition(goes_on=True, when="bar", loops=True))
    out = listener.pull(6_000)

    assert np.array_equal(out[: 3_000 - SWITCH], -RAMP[4_000 : 7_000 - SWITCH])
    assert np.array_equal(out[5_000:], RAMP[2_000:3_000])


def test_a_finished_take_waits_for_the_bar_in_the_place_of_its_part() -> None:
    listener = Listener()
    listener.begin(TakeAudio(np.full((FRAMES, 2), 0.25, np.float32)), Audition(loops=True))
    listener.pull(3_000)
    listener.place = Place(Frame(1_000), 1)
    listener.lines = {"bar": 5_000}
    listener.begin(TakeAudio(RAMP * 0.5, ready=20_000), Audition(when="bar"))
    listener.pull(2_000)

    listener.begin(ramp(), Audition(goes_on=True))
    out = listener.pull(6_000)

    assert np.allclose(out[: 3_000 - SWITCH], 0.25)
    assert np.array_equal(out[3_000:], RAMP[:3_000])


def test_what_will_be_read_of_a_loop_goes_round_its_end() -> None:
    listener, audio = Listener(), TakeAudio(RAMP[:3_000])
    listener.begin(audio, Audition(loops=True))
    listener.pull(SWITCH + 2_000)

    assert listener.bus.ahead(1_500) == [Ahead(audio, 2_000, 3_000), Ahead(audio, 0, 500)]
