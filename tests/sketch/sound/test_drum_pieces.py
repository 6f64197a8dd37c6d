"""Drums by their models: pitch, decay, wires, metal, hands, as the parameters say."""

from dataclasses import replace

import numpy as np
import pytest

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.metals import (
    BlockPiece,
    ClapPiece,
    CymbalPiece,
    HatPiece,
    ShakePiece,
)
from acestep_desktop.sketch.sound.signal import Curve, Mono, generator
from acestep_desktop.sketch.sound.skins import (
    MEMBRANE,
    KickPiece,
    SkinPiece,
    SnarePiece,
    burst,
    swept,
)
from acestep_desktop.sketch.sound.voice import REFERENCE, Strike, Voice

HIT = Strike("test", 36, 0.7, SAMPLE_RATE)
PIECES = [
    KickPiece(),
    SnarePiece(),
    SkinPiece(),
    HatPiece(),
    CymbalPiece(),
    ClapPiece(),
    ShakePiece(),
    BlockPiece(),
]
NAMES = [type(piece).__name__ for piece in PIECES]


def heard(voice: Voice, strike: Strike = HIT) -> Mono:
    return voice.sound(strike)


def power(audio: Mono) -> Curve:
    """The power spectrum, one bin a hertz."""
    return np.abs(np.fft.rfft(audio.astype(np.float64), SAMPLE_RATE)) ** 2


def between(audio: Mono, low: int, high: int) -> float:
    """The share of the power within a band."""
    spectrum = power(audio)
    return float(spectrum[low:high].sum() / spectrum.sum())


def centroid_hz(audio: Mono) -> float:
    spectrum = power(audio)
    return float((spectrum * np.arange(len(spectrum))).sum() / spectrum.sum())


def ring_s(audio: Mono, fall_db: float = 20.0) -> float:
    """Seconds until the level of 10 ms has fallen from its loudest for good."""
    blocks = np.sqrt(np.mean(audio[: len(audio) // 480 * 480].reshape(-1, 480) ** 2, axis=1))
    loud = np.flatnonzero(blocks > blocks.max() * 10 ** (-fall_db / 20))
    return float(loud[-1] + 1) * 0.01


def peak_hz(audio: Mono, low: int, high: int) -> int:
    return low + int(np.argmax(power(audio)[low:high]))


@pytest.mark.parametrize("piece", PIECES, ids=NAMES)
def test_a_drum_is_as_loud_as_any_other_at_its_loudest(piece: Voice) -> None:
    audio = heard(piece)
    blocks = audio.reshape(-1, SAMPLE_RATE // 40)

    assert abs(float(np.sqrt(np.mean(blocks**2, axis=1).max())) - REFERENCE) < 1e-4


@pytest.mark.parametrize("piece", PIECES, ids=NAMES)
@pytest.mark.parametrize("frames", [1, 2, 100, 4801])
def test_a_drum_has_the_frames_asked_and_ends_in_silence(piece: Voice, frames: int) -> None:
    audio = heard(piece, replace(HIT, frames=frames))

    assert audio.shape == (frames,)
    assert np.isfinite(audio).all()
    if frames > 1000:
        assert np.abs(audio[-24:]).max() < 0.02 * np.abs(audio).max()


@pytest.mark.parametrize("piece", PIECES, ids=NAMES)
def test_force_brightens_and_a_second_hit_differs(piece: Voice) -> None:
    soft, hard = (heard(piece, replace(HIT, force=force)) for force in (0.1, 1.0))

    assert centroid_hz(hard) > centroid_hz(soft)
    assert not np.array_equal(heard(piece), heard(piece, replace(HIT, variant=1)))


@pytest.mark.parametrize(("start", "end"), [(400.0, 50.0), (100.0, 100.0), (30.0, 900.0)])
def test_a_sweep_starts_and_ends_on_its_pitches(start: float, end: float) -> None:
    tone = swept(SAMPLE_RATE, start, end, 0.05).astype(np.float64)
    late = tone[SAMPLE_RATE // 2 :]
    first = np.flatnonzero(np.diff(np.signbit(tone)))[0]

    assert abs(np.count_nonzero(np.diff(np.signbit(late))) - end) <= 2
    assert abs(tone[0]) < 1e-6
    assert 0.35 < first / SAMPLE_RATE * 2 * start <= 1.6 or end > start


def test_a_burst_falls_by_e_in_its_time_and_lies_in_its_band() -> None:
    audio = burst(SAMPLE_RATE, generator("b"), 1000.0, 4000.0, 0.05)
    early, late = (float(np.sqrt(np.mean(audio[k : k + 2400] ** 2))) for k in (480, 2880))

    assert 0.25 < late / early < 0.55
    assert between(audio, 600, 7000) > 0.9
    assert not audio[round(0.41 * SAMPLE_RATE) :].any()


@pytest.mark.parametrize("hz", [40.0, 55.0, 70.0])
def test_a_kick_settles_on_its_pitch_after_falling_from_above(hz: float) -> None:
    audio = heard(KickPiece(hz=hz, decay_s=0.4, click=(0.0, 1000.0, 2000.0, 0.01)))
    early, late = audio[:1400], audio[9_600:28_800]

    assert abs(peak_hz(late, 20, 200) - hz) <= 3
    assert centroid_hz(early) > 1.5 * hz


@pytest.mark.parametrize(("short", "long"), [(0.08, 0.2), (0.2, 0.5)])
def test_a_longer_kick_rings_longer(short: float, long: float) -> None:
    assert ring_s(heard(KickPiece(decay_s=long))) > 1.4 * ring_s(heard(KickPiece(decay_s=short)))


def test_a_click_is_high_and_over_at_once() -> None:
    dull = heard(KickPiece(click=(0.0, 1500.0, 9000.0, 0.003)))
    clicked = heard(KickPiece(click=(1.0, 1500.0, 9000.0, 0.003)))

    assert between(clicked[:720], 1500, 9000) > 5 * between(dull[:720], 1500, 9000)
    assert between(clicked[4800:], 1500, 9000) < 0.01


def test_driving_a_kick_adds_odd_harmonics() -> None:
    clean, driven = (heard(KickPiece(drive=drive, decay_s=0.5)) for drive in (0.0, 5.0))

    assert between(driven[9600:], 130, 160) > 5 * between(clean[9600:], 130, 160)


def test_the_wires_of_a_snare_are_above_its_skin() -> None:
    skin = heard(SnarePiece(wires=(0.0, 1200.0, 9000.0, 0.09), snap=(0.0, 1.0, 2.0, 0.01)))
    wired = heard(SnarePiece())

    assert between(skin, 100, 600) > 0.95
    assert between(wired, 1200, 12_000) > 0.2
    assert abs(peak_hz(skin[2400:], 100, 260) - 185) < 12


def test_a_brush_swells_and_a_tail_stays() -> None:
    wires = SnarePiece(tones=(), snap=(0.0, 1.0, 2.0, 0.01), wires=(1.0, 1200.0, 9000.0, 0.2))
    struck, brushed = heard(wires), heard(replace(wires, swirl_s=0.12))
    plain, long = heard(SnarePiece()), heard(SnarePiece(tail=(0.5, 0.4)))
    later = slice(4800, 5760)

    assert np.sum(brushed[later] ** 2) / np.sum(brushed[:960] ** 2) > 3 * (
        np.sum(struck[later] ** 2) / np.sum(struck[:960] ** 2)
    )
    assert ring_s(long) > ring_s(plain)


def test_a_membrane_has_its_modes_where_they_belong() -> None:
    drum = SkinPiece(hz=150.0, bend=1.0, decay_s=0.6, slap=(0.0, 400.0, 5000.0, 0.01))
    audio = heard(drum)
    for ratio in MEMBRANE[:4]:
        hz = 150.0 * ratio
        assert abs(peak_hz(audio, round(hz * 0.97), round(hz * 1.03)) - hz) < 3.5


def test_a_tom_hit_harder_bends_further() -> None:
    drum = SkinPiece(hz=110.0, bend=1.6, bend_s=0.05)
    soft, hard = (heard(drum, replace(HIT, force=force))[:4800] for force in (0.05, 1.0))

    assert peak_hz(hard, 90, 200) >= peak_hz(soft, 90, 200)
    assert between(hard, 120, 200) > between(soft, 120, 200)


def test_a_hat_lies_above_its_cut_and_an_open_one_rings() -> None:
    closed, opened = heard(HatPiece(decay_s=0.04)), heard(HatPiece(decay_s=0.35, stays=0.8))

    assert between(closed, 5000, 20_000) > 0.75
    assert ring_s(closed) < 0.12
    assert ring_s(opened) > 3 * ring_s(closed)


@pytest.mark.parametrize("decay_s", [0.5, 1.5, 3.0])
def test_a_cymbal_rings_and_its_highest_partials_go_first(decay_s: float) -> None:
    long = replace(HIT, frames=3 * SAMPLE_RATE)
    audio = heard(CymbalPiece(decay_s=decay_s, wash=(0.0, 0.5)), long)
    early, late = audio[4800:28_800], audio[48_000:72_000]

    assert centroid_hz(late) < centroid_hz(early)
    assert np.sum(late**2) < np.sum(early**2)


def test_a_ride_pings_where_its_bell_is() -> None:
    bell = heard(CymbalPiece(ping=((2700.0, 0.8, 1.0),), wash=(0.1, 0.3)))

    assert abs(peak_hz(bell[9600:], 1000, 6000) - 2702) < 6


def test_a_clap_is_several_hands() -> None:
    spread = (0.0, 0.012, 0.024, 0.036)
    audio = heard(ClapPiece(spread_s=spread, burst_s=0.002, tail=(0.1, 0.05)))
    level = np.sqrt(np.convolve(audio**2, np.ones(96) / 96, mode="same"))
    for at in spread[1:]:
        frame = round(at * SAMPLE_RATE)
        before = level[frame - 300 : frame - 100].min()
        assert level[frame - 150 : frame + 350].max() > 2.5 * before


def test_a_shaker_swells_and_a_tambourine_jingles() -> None:
    shaker = heard(ShakePiece(rise_s=0.03, grain=0.0))
    jingle = heard(ShakePiece(jingles=((8000.0, 1.0, 0.3),)))

    assert np.mean(shaker[1200:1440] ** 2) > 2 * np.mean(shaker[24:120] ** 2)
    assert ring_s(jingle) > 1.5 * ring_s(shaker)


@pytest.mark.parametrize("hz", [800.0, 1900.0, 2500.0])
def test_a_block_sounds_its_partials(hz: float) -> None:
    audio = heard(BlockPiece(partials=((hz, 1.0, 0.06), (hz * 1.5, 0.4, 0.03))))

    assert abs(peak_hz(audio, 300, 6000) - hz) < 0.01 * hz
    assert between(audio, round(hz * 1.45), round(hz * 1.55)) > 0.01
    assert ring_s(audio) < 0.4
