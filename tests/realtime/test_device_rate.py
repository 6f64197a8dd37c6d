import numpy as np
import numpy.typing as npt
import pytest

from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.device_rate import PASSBAND, DeviceRate

RATES = [8_000, 22_050, 32_000, 44_100, 47_999, 88_200, 96_000, 192_000]


def tone(hertz: float, frames: int = 24_000) -> Samples:
    turns = 2 * np.pi * hertz / 48_000 * np.arange(frames)
    return np.stack((np.sin(turns), np.cos(turns)), axis=1).astype(np.float32)


def heard(rate: int, audio: Samples, block: int = 256) -> npt.NDArray[np.float64]:
    converted = DeviceRate(rate)
    blocks = [converted(audio[at : at + block]) for at in range(0, len(audio), block)]
    return np.concatenate(blocks).astype(np.float64)


def settled(audio: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    edge = len(audio) // 10
    return audio[edge:-edge]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [0.01, 0.5, 0.98])
def test_a_tone_keeps_its_pitch_its_level_and_its_place(rate: int, share: float) -> None:
    hertz = share * PASSBAND * min(rate, 48_000) / 2

    found = heard(rate, tone(hertz))

    turns = 2 * np.pi * hertz / rate * np.arange(len(found))
    ideal = np.stack((np.sin(turns), np.cos(turns)), axis=1)
    noise = np.sqrt(np.mean(settled(found - ideal) ** 2) / np.mean(ideal**2))
    assert 20 * np.log10(noise) < -100


@pytest.mark.parametrize("rate", [8_000, 22_050, 32_000])
def test_what_a_slower_device_cannot_play_is_not_folded_into_what_it_can(rate: int) -> None:
    found = heard(rate, tone(rate - PASSBAND * rate / 2 + 50))

    assert np.abs(settled(found)).max() < 10 ** (-100 / 20)


@pytest.mark.parametrize("rate", RATES)
def test_how_the_stream_is_cut_changes_no_bit(rate: int) -> None:
    audio = tone(440.0, 4_096)

    whole = heard(rate, audio, 4_096)

    for block in (1, 37, 256):
        assert np.array_equal(heard(rate, audio, block), whole)


@pytest.mark.parametrize("rate", RATES)
def test_every_block_gives_what_lies_in_it_and_none_is_held_back(rate: int) -> None:
    converted, silent = DeviceRate(rate), np.zeros((256, 2), np.float32)

    given = [len(converted(silent)) for _ in range(100)]

    share = 256 * rate / 48_000
    assert max(abs(count - share) for count in given[3:]) <= 1
    assert abs(sum(given) - 100 * share) < 3 * share
