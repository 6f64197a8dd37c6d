"""Effects and beds: as long as asked, loud where they should be, and smooth where they loop."""

import numpy as np
import pytest

from acestep_desktop.domain.time import SAMPLE_RATE
from acestep_desktop.sketch.sound.effects import moving_noise
from acestep_desktop.sketch.sound.patches import patch_named
from acestep_desktop.sketch.sound.signal import Mono, generator
from acestep_desktop.sketch.sound.voice import Strike

EFFECTS = (
    "riser",
    "impact",
    "vinyl_crackle",
    "rain",
    "noise_sweep",
    "sub_drop",
    "laser",
    "room_tone",
)


def effect(name: str, seconds: float = 4.0) -> Mono:
    """An effect of that length, mono."""
    audio = patch_named(name).voice.sound(Strike(name, 60, 0.5, round(seconds * SAMPLE_RATE)))
    return audio if audio.ndim == 1 else audio.mean(axis=0)


def levels(audio: Mono, pieces: int = 8) -> Mono:
    """The RMS of equal pieces."""
    return np.array([np.sqrt(np.mean(piece**2)) for piece in np.array_split(audio, pieces)])


def brightness(audio: Mono, pieces: int = 4) -> list[float]:
    """The centre of the spectrum of equal pieces, in Hz."""
    found = []
    for piece in np.array_split(audio, pieces):
        power = np.abs(np.fft.rfft(piece)) ** 2
        hz = np.fft.rfftfreq(len(piece), 1 / SAMPLE_RATE)
        found.append(float((power * hz).sum() / power.sum()))
    return found


@pytest.mark.parametrize("name", EFFECTS)
@pytest.mark.parametrize("seconds", [0.05, 0.7, 3.0, 11.3])
def test_an_effect_is_as_long_as_asked_and_finite(name: str, seconds: float) -> None:
    audio = effect(name, seconds)
    assert len(audio) == round(seconds * SAMPLE_RATE)
    assert np.isfinite(audio).all()
    assert float(np.abs(audio).max()) > 0.01


def test_a_riser_grows_louder_and_brighter_to_its_end() -> None:
    audio = effect("riser")
    assert levels(audio)[-1] == levels(audio).max()
    assert levels(audio)[-1] > 4 * levels(audio)[0]
    assert brightness(audio) == sorted(brightness(audio))


def test_an_impact_and_a_sub_drop_are_loudest_where_they_begin() -> None:
    for name in ("impact", "sub_drop"):
        assert levels(effect(name))[0] == levels(effect(name)).max(), name
    assert np.mean(brightness(effect("sub_drop"))) < 200


def test_a_sweep_opens_and_closes() -> None:
    first, second, third, last = brightness(effect("noise_sweep"))
    assert second > 1.5 * first
    assert third > 1.5 * last


def test_a_laser_falls_more_than_once() -> None:
    audio = effect("laser", 1.2)
    parts = [brightness(shot, 3) for shot in np.split(audio, 3)]
    assert all(shot[0] > 2 * shot[2] for shot in parts)


@pytest.mark.parametrize("name", ["rain", "room_tone"])
def test_a_bed_stays_as_loud_as_it_is(name: str) -> None:
    heard = levels(effect(name, 8.0))
    assert heard.max() < 1.5 * heard.min()


def test_vinyl_crackles() -> None:
    audio = effect("vinyl_crackle", 6.0)
    crest = float(np.abs(audio).max() / np.sqrt(np.mean(audio**2)))
    assert crest > 12
    ticks = np.abs(audio) > 6 * np.sqrt(np.mean(audio**2))
    assert np.count_nonzero(np.diff(ticks.astype(int)) > 0) > 6


def test_beds_are_wide_and_sound_in_mono() -> None:
    for name in ("rain", "room_tone", "vinyl_crackle"):
        audio = patch_named(name).voice.sound(Strike(name, 60, 0.5, 96_000))
        likeness = float(np.corrcoef(audio)[0, 1])
        assert 0.0 < likeness < 0.98, name


def test_moving_noise_moves() -> None:
    centre = np.linspace(200, 6000, 60, dtype=np.float32)
    audio = moving_noise(57 * 1024, generator("moving"), centre * 0.7, centre * 1.4)[0]
    assert brightness(audio) == sorted(brightness(audio))
    assert levels(audio).max() < 8 * levels(audio).min()
