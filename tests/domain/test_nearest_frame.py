"""The nearest frame of a tick, by whole numbers alone."""

from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.tempo import TempoChange, TempoMap
from acestep_desktop.domain.time import Tick

bpms = st.floats(20.0, 999.0).map(lambda bpm: round(bpm, 3))


@given(bpms, bpms, st.integers(1, 10**9), st.integers(-(10**8), 10**11))
def test_the_nearest_frame_is_the_exact_one_rounded_half_to_even(
    first: float, second: float, change: int, tick: int
) -> None:
    tempo = TempoMap((TempoChange(Tick(0), first), TempoChange(Tick(change), second)))
    assert tempo.frame_at(tick) == round(tempo.exact_frame_at(tick))


def test_a_tick_half_way_between_frames_goes_to_the_even_one() -> None:
    tempo = TempoMap.steady(6.0 * 160.0)
    halves = [tick for tick in range(5_000) if tempo.exact_frame_at(tick).denominator == 2]
    assert halves
    assert all(tempo.frame_at(tick) % 2 == 0 for tick in halves)
