"""Tonality: keys of cadences, and what has none."""

import numpy as np
import pytest

from acestep_desktop.domain.key import Key
from acestep_desktop.dsp.samples import silence
from acestep_desktop.dsp.tonality import chroma, key_of, same_notes
from tests.dsp.arrangements import noise
from tests.dsp.music import cadence, clicks, tone


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_is_heard_in_its_key(tonic: int, mode: str) -> None:
    key = key_of(cadence(tonic, mode))
    assert key is not None
    assert (key.pitch_class, key.mode) == (tonic, mode)


@pytest.mark.parametrize("level", [0.01, 0.3])
def test_drums_do_not_hide_the_key(level: float) -> None:
    music = cadence(9, "minor", 2.0)
    drums = clicks(120.0, 8.0)[: len(music)] * np.float32(level)
    key = key_of(music + drums)
    assert key is not None
    assert same_notes(key, Key("A", "minor"))


def test_a_lone_note_is_one_pitch_class() -> None:
    heard = chroma(tone(440.0))
    assert int(np.argmax(heard)) == 9
    assert heard[9] > 0.95
    assert heard.sum() == pytest.approx(1.0)


def test_level_does_not_matter() -> None:
    music = cadence(2, "major")
    assert np.allclose(chroma(music), chroma(music * np.float32(0.05)), atol=1e-3)


def test_silence_has_no_key() -> None:
    assert key_of(silence(48_000)) is None
    assert key_of(noise(48_000, 1e-7)) is None


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [("C", "Am", True), ("F#", "Gb", True), ("A", "Am", False), ("Ebm", "Gb", True)],
)
def test_equal_and_relative_keys_have_the_same_notes(a: str, b: str, same: bool) -> None:
    assert same_notes(Key.parse(a), Key.parse(b)) is same
