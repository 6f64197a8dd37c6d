import threading
from types import SimpleNamespace

import numpy as np
import pytest

from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime import stream
from acestep_desktop.realtime.errors import DeviceError
from acestep_desktop.realtime.stream import (
    Callback,
    DeviceOutput,
    TimedOutput,
    _best_rate,
    _find,
    find_devices,
)
from tests.realtime.studio import NO_FLAGS


class Sine:
    """A player of one tone."""

    def __init__(self) -> None:
        self.xruns = 0
        self.latency_s = 1.0
        self.device_rate = 1
        self.device_block = 1
        self.pulled = 0
        self.asked: list[tuple[int, int]] = []
        self.enough = threading.Event()

    def pull(self, out: Samples, called_ns: int | None = None, device_frame: int = -1) -> None:
        self.asked.append((self.pulled, device_frame))
        frames = np.arange(self.pulled, self.pulled + len(out))
        out[:, 0] = 0.5 * np.sin(2 * np.pi * 1_000 * frames / 48_000)
        out[:, 1] = -out[:, 0]
        self.pulled += len(out)
        if self.pulled >= 9_600:
            self.enough.set()


class Broken(Sine):
    tries = 0

    def pull(self, out: Samples, called_ns: int | None = None, device_frame: int = -1) -> None:
        self.tries += 1
        raise ZeroDivisionError


def block(frames: int, channels: int = 2) -> Samples:
    return np.full((frames, channels), 9.0, np.float32)


def test_a_stereo_device_at_48_khz_gets_what_the_player_plays() -> None:
    out, expected = block(512), block(512)
    Sine().pull(expected)
    player = Sine()

    Callback(player)(out, 512, None, NO_FLAGS)

    assert np.array_equal(out, expected)
    assert player.device_block == 512


def test_a_mono_device_gets_the_mean_of_both_sides() -> None:
    out = block(512, 1)

    Callback(Sine(), channels=1)(out, 512, None, NO_FLAGS)

    assert np.abs(out).max() < 1e-6


def test_a_device_with_more_channels_gets_silence_on_the_others() -> None:
    out = block(512, 4)

    Callback(Sine(), channels=4)(out, 512, None, NO_FLAGS)

    assert out[:, :2].any()
    assert not out[:, 2:].any()


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_a_device_of_another_rate_gets_the_same_tone(rate: int) -> None:
    callback = Callback(Sine(), rate=rate)
    heard = []
    for _ in range(40):
        out = block(512)
        callback(out, 512, None, NO_FLAGS)
        heard.append(out)
    audio = np.concatenate(heard)[-16_384:, 0] * np.hanning(16_384)

    spectrum = np.abs(np.fft.rfft(audio))
    assert np.argmax(spectrum) * rate / 16_384 == pytest.approx(1_000, abs=rate / 16_384)
    assert np.concatenate(heard)[-16_384:, 0].max() == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_each_block_is_told_the_frame_of_jack_at_which_it_is_heard(rate: int) -> None:
    player, begin = Sine(), 2**32 - 2_000
    cycles = iter(range(begin, begin + 40 * 512, 512))
    callback = Callback(player, rate=rate, cycle=lambda: next(cycles) % 2**32)
    for _ in range(40):
        callback(block(512), 512, None, NO_FLAGS)

    expected = [(begin + round(pulled * rate / 48_000)) % 2**32 for pulled, _ in player.asked]
    assert [frame for _, frame in player.asked] == expected
    assert len(expected) > 30


def test_an_underflow_is_counted() -> None:
    player = Sine()

    Callback(player)(block(64), 64, None, SimpleNamespace(output_underflow=True))

    assert player.xruns == 1


def test_a_failure_on_the_audio_thread_is_silence_and_is_kept() -> None:
    callback, out = Callback(Broken()), block(64)

    callback(out, 64, None, NO_FLAGS)

    assert not out.any()
    assert isinstance(callback.failure, ZeroDivisionError)


def test_after_a_failure_nothing_is_asked_for_any_more() -> None:
    player = Broken()
    callback = Callback(player, ahead=512)
    for _ in range(3):
        out = block(64)
        callback(out, 64, None, NO_FLAGS)
        assert not out.any()
    callback.close()

    assert isinstance(callback.failure, ZeroDivisionError)
    assert player.tries == 1


def test_time_pulls_where_there_is_no_device() -> None:
    player = Sine()
    output = TimedOutput(player, 480)

    assert player.enough.wait(10)
    output.close()

    assert (player.latency_s, player.device_rate, player.device_block) == (0.0, 0, 480)
    assert (output.name, output.is_lost) == ("", False)


def test_time_that_cannot_pull_keeps_what_went_wrong() -> None:
    output = TimedOutput(Broken(), 480)

    output._thread.join(10)

    assert isinstance(output.failure, ZeroDivisionError)
    output.close()


class FakePortAudio:
    """What `sounddevice` answers about two cards and a microphone."""

    PortAudioError = RuntimeError
    default = SimpleNamespace(device=(0, 2))

    def query_devices(self) -> list[dict[str, object]]:
        names = ("Microphone", "Speaker", "Headphones")
        return [
            {
                "name": name,
                "index": index,
                "hostapi": 0,
                "max_output_channels": 2 if index else 0,
                "default_samplerate": 44_100.0,
            }
            for index, name in enumerate(names)
        ]

    def query_hostapis(self, index: int) -> dict[str, object]:
        return {"name": "CoreAudio"}

    def check_output_settings(self, *, device: int, samplerate: int, **others: object) -> None:
        if (device, samplerate) != (1, 48_000) and samplerate != 44_100:
            raise RuntimeError


def test_a_device_is_found_by_its_name_with_or_without_its_system() -> None:
    sd = FakePortAudio()

    assert _find(sd, "Speaker (CoreAudio)")["index"] == 1
    assert _find(sd, "Speaker")["index"] == 1
    assert _find(sd, None)["index"] == 2


@pytest.mark.parametrize("name", ["Microphone", "Gramophone"])
def test_what_is_no_output_is_refused_by_name(name: str) -> None:
    with pytest.raises(DeviceError, match=name):
        _find(FakePortAudio(), name)


def test_a_device_is_opened_at_48_khz_if_it_can_and_else_at_its_own_rate() -> None:
    sd = FakePortAudio()

    assert _best_rate(sd, _find(sd, "Speaker")) == 48_000
    assert _best_rate(sd, _find(sd, "Headphones")) == 44_100


class BrokenPortAudio(FakePortAudio):
    """Devices that can be seen but not started; `closed` counts what was let go."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        sd = self

        class Stream:
            latency = 0.01

            def __init__(self, **settings: object) -> None:
                pass

            def start(self) -> None:
                raise RuntimeError("no such sound")

            def close(self, *, ignore_errors: bool) -> None:
                sd.closed.append("stream")

        self.OutputStream = Stream


class FakeFrames:
    def __init__(self, sd: BrokenPortAudio) -> None:
        self._sd = sd

    def cycle(self) -> int:
        return 0

    def close(self) -> None:
        self._sd.closed.append("frames")


def test_a_device_that_cannot_be_started_is_let_go_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    sd = BrokenPortAudio()
    monkeypatch.setattr(stream, "_portaudio", lambda: sd)
    monkeypatch.setattr(stream, "_jack_frames", lambda *_: FakeFrames(sd))

    with pytest.raises(DeviceError, match=r"Speaker.*no such sound"):
        DeviceOutput(Sine(), "Speaker")

    assert sorted(sd.closed) == ["frames", "stream"]


def test_a_system_that_lists_no_devices_is_a_device_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute(FakePortAudio):
        def query_devices(self) -> list[dict[str, object]]:
            raise RuntimeError("no answer")

    monkeypatch.setattr(stream, "_portaudio", Mute)

    with pytest.raises(DeviceError, match="no answer"):
        DeviceOutput(Sine(), None)
    assert find_devices() == []
