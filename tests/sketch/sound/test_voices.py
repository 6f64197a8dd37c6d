"""Each model of synthesis does what its parameters say."""

import dataclasses

import numpy as np
import pytest

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.bars import BarVoice
from acestep_desktop.sketch.sound.ensemble import LOOP, EnsembleVoice
from acestep_desktop.sketch.sound.fm import FmVoice
from acestep_desktop.sketch.sound.oscillator import OscillatorVoice
from acestep_desktop.sketch.sound.patches import MODELS, Insert, patch_named, patch_table
from acestep_desktop.sketch.sound.signal import Mono
from acestep_desktop.sketch.sound.strings import StringVoice
from acestep_desktop.sketch.sound.voice import Strike, Voice

A3 = Strike("test", 57, 0.6, SAMPLE_RATE)
"""220 Hz for a second."""


def heard(voice: Voice, strike: Strike = A3) -> Mono:
    """A strike, mono."""
    audio = voice.sound(strike)
    return audio if audio.ndim == 1 else audio.mean(axis=0)


def spectrum(audio: Mono) -> Mono:
    """Magnitudes, one bin a hertz."""
    return np.abs(np.fft.rfft(audio * np.hanning(len(audio)), SAMPLE_RATE))


def at(audio: Mono, hz: float, reach: int = 4) -> float:
    """How loud a frequency is."""
    centre = round(hz)
    return float(spectrum(audio)[centre - reach : centre + reach + 1].max())


def centroid_hz(audio: Mono) -> float:
    """The centre of the spectrum."""
    power = spectrum(audio) ** 2
    return float((power * np.arange(len(power))).sum() / power.sum())


def level(audio: Mono) -> float:
    """The RMS."""
    return float(np.sqrt(np.mean(audio.astype(np.float64) ** 2)))


STRING = StringVoice(soft_hz=8000, hard_hz=8000, wolf_hz=0.0)


def test_a_string_plucked_in_the_middle_lacks_its_even_partials() -> None:
    middle = heard(dataclasses.replace(STRING, pluck=0.5))
    edge = heard(dataclasses.replace(STRING, pluck=0.11))
    assert at(middle, 440) < 0.2 * at(middle, 660)
    assert at(edge, 440) > at(edge, 660)


def test_a_stiff_string_has_stretched_partials_and_a_true_fundamental() -> None:
    stiff = heard(dataclasses.replace(STRING, inharmonicity=0.002))
    tenth = spectrum(stiff)[2100:2500]
    assert 2100 + int(np.argmax(tenth)) > 2230
    assert 219 <= int(np.argmax(spectrum(stiff)[200:240])) + 200 <= 221


def test_high_partials_and_high_strings_ring_shorter() -> None:
    audio = heard(STRING, Strike("test", 45, 0.6, 2 * SAMPLE_RATE))
    early, late = audio[:24_000], audio[-24_000:]
    assert at(late, 1100) / at(late, 110) < at(early, 1100) / at(early, 110)
    low, high = (heard(STRING, Strike("test", pitch, 0.6, SAMPLE_RATE)) for pitch in (45, 81))
    assert level(high[-9600:]) / level(high[:9600]) < level(low[-9600:]) / level(low[:9600])


def test_strings_that_are_out_of_tune_beat() -> None:
    audio = heard(dataclasses.replace(STRING, cents=(-20.0, 20.0), t60_s=20.0, partials=1))
    rough = np.array([level(piece) for piece in np.array_split(audio, 40)])
    smooth = heard(dataclasses.replace(STRING, t60_s=20.0, partials=1))
    even = np.array([level(piece) for piece in np.array_split(smooth, 40)])
    assert rough.max() / rough.min() > 2 * even.max() / even.min()


def test_a_hammer_and_a_body_are_heard_at_the_start() -> None:
    plain = heard(STRING)
    knocked = heard(dataclasses.replace(STRING, knock=(0.5, 3000.0, 8000.0, 0.01)))
    assert centroid_hz(knocked[:1500]) > centroid_hz(plain[:1500])
    wooden = heard(dataclasses.replace(STRING, body=((100.0, 0.5, 0.3),)))
    assert at(wooden[:12_000], 100) > 5 * at(plain[:12_000], 100)


def test_a_pickup_hides_the_partials_above_it() -> None:
    audio = heard(dataclasses.replace(STRING, pickup=0.25, pluck=0.11))
    assert at(audio, 880) < 0.3 * at(audio, 660)


BAR = BarVoice(((1.0, 1.0, 3.0, 0.0), (4.0, 0.5, 0.5, 2.0)))


def test_a_bar_has_its_partials_and_hard_ones_need_force() -> None:
    soft, hard = (heard(BAR, dataclasses.replace(A3, force=force)) for force in (0.1, 1.0))
    assert at(soft, 880) / at(soft, 220) < 0.3 * at(hard, 880) / at(hard, 220)


def test_fans_make_a_bar_louder_and_softer() -> None:
    still = heard(BAR)
    fanned = heard(dataclasses.replace(BAR, tremolo=(5.0, 0.8)))
    ratio = np.array(
        [
            level(a) / level(b)
            for a, b in zip(np.split(fanned, 20), np.split(still, 20), strict=True)
        ]
    )
    assert ratio.max() > 2 * ratio.min()


def test_a_split_bar_shimmers() -> None:
    split = heard(dataclasses.replace(BAR, split_hz=8.0))
    assert at(split, 228, 1) > 0.1 * at(split, 220, 1)


def test_a_modulator_makes_sidebands_that_fall() -> None:
    pair = (1.0, 3.0, 2.0, 0.1, 0.0, 1.0, 0.0, 0.0)
    audio = heard(FmVoice((pair,)))
    early, late = audio[:12_000], audio[-12_000:]
    assert at(early, 880, 8) > 0.1 * at(early, 220, 8)
    assert at(late, 880, 8) < 0.05 * at(late, 220, 8)


def test_force_bends_a_sine_further() -> None:
    voice = FmVoice(((1.0, 1.0, 3.0, 2.0, 0.0, 1.0, 0.0, 0.0),))
    soft, hard = (heard(voice, dataclasses.replace(A3, force=force)) for force in (0.1, 0.9))
    assert centroid_hz(hard) > 1.3 * centroid_hz(soft)


def test_a_pair_above_hearing_is_left_out() -> None:
    high = (90.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
    plain = (1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
    assert np.array_equal(heard(FmVoice((plain, high))), heard(FmVoice((plain,))))


SAW = OscillatorVoice(cutoff_hz=1000.0)


def test_a_filter_that_closes_darkens_the_tone() -> None:
    audio = heard(dataclasses.replace(SAW, env_octaves=4.0, env_decay_s=0.1))
    early, late = (at(part, 4400, 20) / at(part, 220, 20) for part in (audio[:4800], audio[-4800:]))
    assert early > 5 * late


def test_resonance_lifts_the_partials_at_the_cutoff() -> None:
    plain, sharp = heard(SAW), heard(dataclasses.replace(SAW, resonance=0.9))
    near = round(1000 * (220 / 262) ** 0.5 / 220) * 220
    assert at(sharp, near) / at(sharp, 220) > 2 * at(plain, near) / at(plain, 220)


def test_vibrato_sets_in_after_a_while() -> None:
    audio = heard(
        dataclasses.replace(SAW, shape="sine", vibrato=(5.0, 60.0, 0.5)),
        Strike("test", 69, 0.6, 2 * SAMPLE_RATE),
    )
    early = spectrum(audio[4800:20_000])
    late = spectrum(audio[60_000:90_000])
    assert np.count_nonzero(late > 0.3 * late.max()) > np.count_nonzero(early > 0.3 * early.max())


def test_a_scoop_comes_from_below() -> None:
    audio = heard(dataclasses.replace(SAW, shape="sine", scoop=(300.0, 0.1)))
    early, late = (np.count_nonzero(np.diff(np.signbit(part))) for part in np.split(audio, 2))
    assert early < late


def test_unison_is_wide_above_the_bass_and_mono_in_mono() -> None:
    wide = dataclasses.replace(SAW, unison=7, detune_cents=15.0, width=0.9)
    high = wide.sound(dataclasses.replace(A3, pitch=69))
    low = wide.sound(dataclasses.replace(A3, pitch=28))
    assert float(np.corrcoef(low)[0, 1]) > float(np.corrcoef(high)[0, 1])
    assert 0.0 < float(np.corrcoef(high)[0, 1]) < 0.95
    assert dataclasses.replace(wide, width=0.0).sound(A3).ndim == 1


def test_a_sub_is_an_octave_below_and_air_is_noise() -> None:
    assert at(heard(dataclasses.replace(SAW, sub=1.0)), 110) > 20 * at(heard(SAW), 110)
    airy = heard(dataclasses.replace(SAW, air=(0.5, 5000.0, 9000.0, 1.0)))
    assert at(airy, 7000, 300) > 3 * at(heard(SAW), 7000, 300)


def test_a_decay_falls_to_what_it_sustains() -> None:
    audio = heard(dataclasses.replace(SAW, decay_s=0.1, sustain=0.25))
    assert 0.15 < level(audio[-4800:]) / level(audio[:2400]) < 0.4


PAD = EnsembleVoice()
LONG = Strike("test", 57, 0.6, LOOP + SAMPLE_RATE)


def test_a_pad_opens_and_swells() -> None:
    audio = heard(dataclasses.replace(PAD, attack_s=0.5, bloom_s=0.8, onset=0.1), LONG)
    assert centroid_hz(audio[72_000:96_000]) > 1.1 * centroid_hz(audio[:4800])
    assert level(audio[72_000:96_000]) > 1.5 * level(audio[:2400])


def test_a_pad_comes_round_without_a_click() -> None:
    audio = heard(PAD, LONG).astype(np.float64)
    bends = np.abs(np.diff(audio, 2))
    assert bends[LOOP - 50 : LOOP + 50].max() <= 1.2 * np.percentile(bends[LOOP - 9600 :], 99.9)


def test_a_pad_is_as_wide_as_asked_but_its_low_end_is_in_the_middle() -> None:
    narrow, wide = (dataclasses.replace(PAD, width=width).sound(LONG) for width in (0.2, 0.9))
    assert np.corrcoef(wide)[0, 1] < np.corrcoef(narrow)[0, 1]
    assert np.corrcoef(wide)[0, 1] > 0.0
    low = dataclasses.replace(PAD, shape="sine", low_cut_hz=20.0, width=0.9).sound(
        dataclasses.replace(LONG, pitch=45)
    )
    assert np.corrcoef(low)[0, 1] > 0.999


def test_octaves_of_a_pad_are_heard() -> None:
    plain = heard(dataclasses.replace(PAD, shape="sine"), LONG)
    layered = heard(dataclasses.replace(PAD, shape="sine", layers=((1.0, 1.0), (0.5, 0.7))), LONG)
    assert at(layered, 110, 8) > 5 * at(plain, 110, 8)


def test_every_model_in_the_patch_files_is_played_by_something() -> None:
    used = {type(patch.voice) for patch in patch_table().values()}
    assert {MODELS[name] for name in ("string", "bar", "fm", "oscillator", "ensemble")} <= used


def test_a_patch_that_is_like_another_takes_over_what_it_does_not_say() -> None:
    base, like = patch_named("grand_piano"), patch_named("upright_piano")
    assert isinstance(base.voice, StringVoice)
    assert isinstance(like.voice, StringVoice)
    assert like.family == base.family
    assert like.voice.partials == base.voice.partials
    assert like.voice.t60_s != base.voice.t60_s
    assert all(isinstance(insert, Insert) for insert in like.inserts)


@pytest.mark.parametrize("model", ["string", "bar", "oscillator", "ensemble"])
def test_a_wrong_parameter_is_an_error_not_a_silence(model: str) -> None:
    with pytest.raises(TypeError):
        MODELS[model](loudnes=3)


@pytest.mark.parametrize("frames", [1, 2, 31, 513, 6000])
def test_a_sound_has_the_frames_asked_however_few(frames: int) -> None:
    for name in ("grand_piano", "electric_piano", "supersaw", "vibraphone", "warm_pad", "flute"):
        audio = patch_named(name).voice.sound(Strike(name, 60, 0.5, frames))
        assert audio.shape[-1] == frames
        assert np.isfinite(audio).all()


@pytest.mark.parametrize("pitch", [0, 12, 108, 127])
def test_pitches_far_out_of_range_do_no_harm(pitch: int) -> None:
    for name, patch in patch_table().items():
        audio = patch.voice.sound(Strike(name, pitch, 0.9, 4800))
        assert np.isfinite(audio).all(), name
