"""Output devices: PortAudio's, through sounddevice, and one that only keeps time."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from acestep_desktop.child.parent import Parent
from acestep_desktop.domain.time import DEFAULT_BUFFER, SAMPLE_RATE
from acestep_desktop.dsp.samples import Samples, silence
from acestep_desktop.realtime.errors import DeviceError, PortError
from acestep_desktop.realtime.jack_frames import JackFrames
from acestep_desktop.realtime.reserve import Direct, Feed, Puller, Reserve

log = logging.getLogger(__name__)

_RESERVE: Final = 512
"""Frames that are rendered ahead of a device with short blocks."""

_RATES: Final = (SAMPLE_RATE, 96_000, 44_100)

NO_DEVICE: Final = (
    "There is no audio device, so nothing is heard: connect one and choose it in the settings."
)


@dataclass(frozen=True, slots=True)
class Device:
    """An output device, by the name that `open_device` takes."""

    name: str
    channels: int
    sample_rate: int
    is_default: bool


class Output(Protocol):
    """An open device, which pulls from its player until it is closed."""

    @property
    def name(self) -> str:
        """The name by which it can be opened again; empty for the one that only keeps time."""

    @property
    def ahead_s(self) -> float:
        """How long before the device asks for it a frame is rendered, at least."""

    @property
    def is_lost(self) -> bool:
        """Whether the device went away."""

    @property
    def failure(self) -> BaseException | None:
        """What went wrong while it pulled; from then on it gives silence."""

    def close(self) -> None:
        """Stop pulling and let the device go."""


class TimedOutput:
    """Pulls at the pace of the computer's clock, for nobody to hear."""

    name: Final = ""
    ahead_s: Final = 0.0
    is_lost: Final = False

    def __init__(self, player: Puller, block: int = DEFAULT_BUFFER) -> None:
        self.failure: BaseException | None = None
        self._player = player
        self._block = silence(block)
        self._closing = threading.Event()
        player.latency_s, player.device_rate, player.device_block = 0.0, 0, block
        self._thread = threading.Thread(target=self._run, name="timed output", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop pulling."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        period_ns = len(self._block) * 1_000_000_000 // SAMPLE_RATE
        due_ns = time.monotonic_ns()
        while not self._closing.wait(max(0, due_ns - time.monotonic_ns()) * 1e-9):
            try:
                self._player.pull(self._block, due_ns)
            except Exception as error:  # noqa: BLE001 - the edge of the thread
                self.failure = error
                return
            # After a sleep of the computer it goes on from now; it does not race to catch up.
            due_ns = max(due_ns + period_ns, time.monotonic_ns() - 10 * period_ns)


class Callback:
    """The function that PortAudio calls, on its own thread, for every block.

    Args:
        rate: Of the device; if it is not 48 kHz, a resampler stands between.
        channels: Of the device, 1 or more.
        cycle: Returns the frame of JACK's clock at which a block begins; None elsewhere.
        ahead: Frames that are rendered before the device asks for them.
    """

    def __init__(
        self,
        player: Puller,
        rate: int = SAMPLE_RATE,
        channels: int = 2,
        cycle: Callable[[], int] | None = None,
        ahead: int = 0,
    ) -> None:
        self.called_at_s = time.monotonic()
        self.failure: BaseException | None = None
        self._player = player
        self._channels = channels
        self._cycle = cycle
        direct = Direct(player, rate)
        self._feed: Feed = Reserve(direct, ahead, rate) if ahead else direct

    def __call__(self, out: Samples, frames: int, times: object, flags: Any) -> None:
        """Fill `out`, of shape (frames, channels)."""
        called_ns = time.monotonic_ns()
        self.called_at_s = called_ns * 1e-9
        if self.failure is not None:
            out.fill(0.0)
            return
        self._player.device_block = frames
        begin = -1 if self._cycle is None else self._cycle()
        if flags and flags.output_underflow:
            self._player.xruns += 1
        try:
            self._fill(out, called_ns, begin)
        except Exception as error:  # noqa: BLE001 - the edge of the audio thread
            out.fill(0.0)
            self.failure = error

    def close(self) -> None:
        """Render nothing any more; the device has stopped calling."""
        self._feed.close()

    def _fill(self, out: Samples, called_ns: int, begin: int) -> None:
        stereo = out if self._channels == 2 else silence(len(out))
        self._feed.take(stereo, called_ns, begin)
        if self._channels == 1:
            out[:, 0] = stereo.mean(axis=1)
        elif self._channels > 2:
            out[:, :2] = stereo
            out[:, 2:] = 0.0


class DeviceOutput:
    """A PortAudio stream."""

    _SILENT_S: Final = 0.4
    """A device that asks for nothing for so long is gone."""

    def __init__(self, player: Puller, device: str | None, block: int = DEFAULT_BUFFER) -> None:
        """Open a device by name, or the default one; DeviceError if that cannot be done."""
        sd = _portaudio()
        found = _find(sd, device)
        self.name = str(found["name"])
        self._ended = threading.Event()
        self._stream: Any = None
        rate, channels = _best_rate(sd, found), min(2, int(found["max_output_channels"]))
        self._frames = _jack_frames(sd, found)
        cycle = None if self._frames is None else self._frames.cycle
        ahead = _ahead_of(block)
        self.ahead_s = ahead / rate
        self._callback = Callback(player, rate, channels, cycle, ahead)
        try:
            self._open(sd, found["index"], player, (block, channels, rate))
        except sd.PortAudioError as error:
            self.close()
            raise DeviceError(
                f'The audio device "{self.name}" cannot be used ({error}): choose another one.'
            ) from error

    @property
    def is_lost(self) -> bool:
        """Whether the device stopped asking."""
        quiet_s = time.monotonic() - self._callback.called_at_s
        return self._ended.is_set() or quiet_s > self._SILENT_S

    @property
    def failure(self) -> BaseException | None:
        """What went wrong on the audio thread, which then played silence."""
        return self._callback.failure

    def close(self) -> None:
        """Stop the stream and let the device go."""
        if self._stream is not None:
            with contextlib.suppress(Exception):
                self._stream.close(ignore_errors=True)
        self._callback.close()
        if self._frames is not None:
            self._frames.close()

    def _open(self, sd: Any, index: int, player: Puller, shape: tuple[int, int, int]) -> None:
        block, channels, rate = shape
        self._stream = sd.OutputStream(
            device=index,
            samplerate=rate,
            blocksize=block,
            channels=channels,
            dtype="float32",
            latency="low",
            callback=self._callback,
            finished_callback=self._ended.set,
        )
        player.device_rate = rate
        player.latency_s = float(self._stream.latency)
        self._stream.start()


def open_output(player: Puller, device: str | None, block: int = DEFAULT_BUFFER) -> Output:
    """Open a device; with `device` None the default one, or time alone where there is none."""
    try:
        return DeviceOutput(player, device, block)
    except DeviceError as error:
        if device is not None:
            raise
        log.info("%s", error)
        return TimedOutput(player, block)


def find_devices() -> list[Device]:
    """Return the output devices that there are now; none where PortAudio is missing."""
    try:
        sd = _portaudio()
        outputs = _outputs(sd)
    except DeviceError as error:
        log.info("%s", error)
        return []
    default = sd.default.device[1]
    return [
        Device(
            _full_name(sd, found),
            int(found["max_output_channels"]),
            int(found["default_samplerate"]),
            found["index"] == default,
        )
        for found in outputs
    ]


def serve_devices(parent: Parent) -> None:
    """Tell the parent which devices there are, and leave: the role "devices".

    PortAudio never looks again in a process in which it has looked, unless all
    its streams end; so a process that has none does it.
    """
    for device in find_devices():
        parent.send(
            "device",
            {
                "name": device.name,
                "channels": device.channels,
                "sample_rate": device.sample_rate,
                "is_default": device.is_default,
            },
        )
    parent.send("done")


def _portaudio() -> Any:
    """Return the module sounddevice, which looked for devices just now."""
    try:
        import sounddevice as sd
    except OSError as error:
        raise DeviceError(
            "PortAudio is missing, so nothing is heard: install libportaudio2."
        ) from error
    try:
        sd._terminate()
        sd._initialize()
    except sd.PortAudioError as error:
        raise _unanswered(error) from error
    return sd


def _outputs(sd: Any) -> list[dict[str, Any]]:
    try:
        return [found for found in sd.query_devices() if found["max_output_channels"] > 0]
    except sd.PortAudioError as error:
        raise _unanswered(error) from error


def _unanswered(error: Exception) -> DeviceError:
    return DeviceError(f"The audio system does not answer ({error}): restart it.")


def _find(sd: Any, name: str | None) -> dict[str, Any]:
    outputs = _outputs(sd)
    if name is None:
        if not outputs:
            raise DeviceError(NO_DEVICE)
        default = [found for found in outputs if found["index"] == sd.default.device[1]]
        return dict((default or outputs)[0])
    for wanted in (_full_name, lambda _, found: found["name"]):
        for found in outputs:
            if wanted(sd, found) == name:
                return dict(found)
    raise DeviceError(
        f'The audio device "{name[:80]}" is not there: connect it, or choose another.'
    )


def _full_name(sd: Any, found: dict[str, Any]) -> str:
    return f"{found['name']} ({sd.query_hostapis(found['hostapi'])['name']})"


def _jack_frames(sd: Any, found: dict[str, Any]) -> JackFrames | None:
    """Return JACK's clock if the device is JACK's and the clock can be read."""
    if "JACK" not in sd.query_hostapis(found["hostapi"])["name"]:
        return None
    try:
        return JackFrames()
    except PortError as error:
        log.info("%s", error)
        return None


def _ahead_of(block: int) -> int:
    """Return how many frames are rendered ahead of a device with such blocks (0: of any size).

    Longer blocks have air enough of their own, and edits should be heard soon.
    """
    return _RESERVE if block <= _RESERVE else 0


def _best_rate(sd: Any, found: dict[str, Any]) -> int:
    """Return 48 kHz if the device has it, else what it has."""
    default = int(found["default_samplerate"])
    for rate in (*_RATES[:1], default, *_RATES[1:]):
        try:
            sd.check_output_settings(
                device=found["index"], channels=1, dtype="float32", samplerate=rate
            )
        except sd.PortAudioError:
            continue
        return rate
    return default
