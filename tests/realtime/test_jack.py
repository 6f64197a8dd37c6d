"""Real sound and real MIDI, through a JACK server without a sound card."""

import itertools
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.dsp.samples import Samples
from acestep_desktop.realtime.client import Notice, RealtimeClient
from acestep_desktop.realtime.clock_client import ClockClient, ClockPort
from acestep_desktop.realtime.clock_grammar import CONTINUE, PULSE, START, STOP
from acestep_desktop.realtime.device_rate import DeviceRate
from acestep_desktop.realtime.safety import DELAY
from tests.needs import needs
from tests.realtime.ear import Ear
from tests.realtime.jack_server import (
    DEVICE,
    JackServer,
    MidiRecorder,
    ports,
    recorder,
    samples_of,
)
from tests.realtime.load import Load, StallWatch
from tests.realtime.recordings import (
    FADE_FRAMES,
    Piece,
    beats,
    edited_far_away,
    null_depth,
    offset_of,
    piece,
)

pytestmark = needs("jack", "portaudio")

SECONDS = 10
"""The bench records 60."""

RESAMPLED_EDGE = 4 * FADE_FRAMES
"""A resampler spreads the fade of a start, and reads on behind an end."""


@pytest.fixture
def server() -> Iterator[JackServer]:
    with JackServer(256) as made:
        yield made


@pytest.fixture
def patient() -> Iterator[JackServer]:
    with JackServer(256, patient=True) as made:
        yield made


def client_on(server: JackServer, notices: list[Notice]) -> RealtimeClient:
    client = RealtimeClient(notices.append, device=DEVICE, block=server.period)
    client.start()
    return client


def recorded(client: RealtimeClient, server: JackServer, path: Path) -> None:
    """Play from the start while JACK records."""
    recording = server.record(path, SECONDS + 2, "PortAudio:out_0", "PortAudio:out_1")
    client.play()
    assert client.wait_for(lambda status: status.frame > SECONDS * 48_000, SECONDS + 10)
    recording.communicate()


@pytest.mark.parametrize("period", [256, 512])
def test_a_recording_under_load_nulls_against_the_bounce(tmp_path: Path, period: int) -> None:
    music = piece(tmp_path, tracks=64, clips=100, seconds=2 * SECONDS)
    over = threading.Event()

    def edit() -> None:
        for number in itertools.count():
            if over.wait(0.05):
                return
            client.set_project(edited_far_away(music.project, number), music.paths)

    watch = StallWatch(period)
    with JackServer(period, patient=True) as server, Load() as load:
        client = client_on(server, [])
        try:
            client.set_project(music.project, music.paths)
            assert client.wait_for(lambda status: status.revision > 0, 20)
            threading.Thread(target=edit, daemon=True).start()
            with watch:
                recorded(client, server, tmp_path / "heard.wav")
            xruns, revision = client.status.xruns, client.status.revision
        finally:
            over.set()
            client.close()
        assert load.is_working

    heard = samples_of(tmp_path / "heard.wav")
    worst, frames = null_depth(heard, music.bounce(SECONDS * 48_000))
    assert worst <= 1e-6
    assert frames == SECONDS * 48_000 - 2 * FADE_FRAMES
    # A machine that stands still, or is shared, makes cycles late, whoever is asked: what it
    # takes to have none is measured by the bench. A player that is too slow has hundreds.
    assert xruns <= 2 * watch.stalls + SECONDS * 48_000 // period // 10
    assert revision > 4 * SECONDS


def test_a_device_that_vanishes_keeps_the_position_and_resumes(
    server: JackServer, tmp_path: Path
) -> None:
    music = piece(tmp_path, tracks=2, clips=4, seconds=60)
    notices: list[Notice] = []
    client = client_on(server, notices)
    try:
        client.set_project(music.project, music.paths)
        assert client.wait_until_open(20)
        client.play()
        for _ in range(3):
            frame = client.status.frame
            assert client.wait_for(lambda s, at=frame: s.frame > at + 9_600, 10)  # type: ignore[misc]
            notices.clear()
            server.kill()
            stopped = client.status
            assert client.wait_for(lambda status: not client.open_device.name, 10)
            kept = client.status.frame
            server.start()

            assert client.wait_for(lambda s, at=kept: s.frame > at, 10)  # type: ignore[misc]
            assert kept - stopped.frame <= 4 * server.period
            assert client.status.frame - kept < 48_000
            assert [notice.kind for notice in notices] == ["device_lost"]
    finally:
        client.close()


def test_another_device_block_is_taken_over_while_it_plays(
    server: JackServer, tmp_path: Path
) -> None:
    client = client_on(server, [])
    try:
        client.set_project(Project(), {})
        assert client.wait_until_open(20)
        client.play()
        for block in (512, server.period):
            client.set_device(DEVICE, block)
            assert client.wait_until_open(5)

            frame = client.status.frame
            assert client.wait_for(lambda s, at=frame, n=block: s.frame > at and s.block == n)
    finally:
        client.close()


def test_a_device_of_another_rate_gets_the_same_music_resampled(tmp_path: Path) -> None:
    music = piece(tmp_path, tracks=1, clips=1, seconds=8)
    with JackServer(256, rate=44_100, patient=True) as server:
        client = client_on(server, [])
        try:
            client.set_project(music.project, music.paths)
            assert client.wait_until_open(20)
            recording = server.record(
                tmp_path / "heard.wav", 4, "PortAudio:out_0", "PortAudio:out_1"
            )
            client.play()
            assert client.wait_for(lambda status: status.frame > 3.5 * 48_000, 30)
            status = client.status
            recording.communicate()
        finally:
            client.close()

    assert (status.device_rate, status.has_device) == (44_100, True)
    heard = samples_of(tmp_path / "heard.wav")
    assert best_null(heard, music.bounce(2 * 48_000)) <= 1e-6


def best_null(heard: npt.NDArray[np.float64], audio: Samples) -> float:
    """Return the largest difference of a recording at 44.1 kHz from `audio`, resampled.

    Play may begin on any of the 160 phases that 48 and 44.1 kHz have to each other.
    """
    nulls = []
    start = offset_of(heard, resampled_from(audio, 0))
    for phase in range(160):
        expected = resampled_from(audio, phase)[RESAMPLED_EDGE:-RESAMPLED_EDGE]
        for by in (-1, 0, 1):
            at = start - phase * 147 // 160 + RESAMPLED_EDGE + by
            nulls.append(np.abs(heard[at : at + len(expected)] - expected).max())
    return float(min(nulls))


def resampled_from(audio: Samples, phase: int) -> Samples:
    """Return `audio`, which begins at frame `phase` of a stream, at 44.1 kHz."""
    stream = np.concatenate((np.zeros((phase, 2), np.float32), audio))
    return DeviceRate(44_100)(stream)


class Synced:
    """A transport with a MIDI clock that goes to a recorder."""

    def __init__(
        self,
        server: JackServer,
        bpm: float,
        port: str,
        music: Piece | None = None,
        *,
        jack: bool = True,
    ) -> None:
        self.notices: list[Notice] = []
        self.project = Project(tempo=TempoMap.steady(bpm)) if music is None else music.project
        self.client = client_on(server, [])
        self.client.set_project(self.project, {} if music is None else music.paths)
        self.clock = ClockClient(
            self.client.status_path, [ClockPort(port)], self.notices.append, jack=jack
        )
        self.clock.start()
        self.clock.set_tempo(self.project.tempo, self.client.tempo_revision)
        assert self.client.wait_until_open(20)
        assert self.clock.wait_until_running(20)
        assert self.client.wait_for(lambda status: not self.clock.missing)
        self.client.set_pre_roll(self.clock.pre_roll)

    def roll_for(self, frames: int) -> None:
        """Let `frames` pass from now."""
        rolled = max(self.client.status.rolled, 0)
        assert self.client.wait_for(lambda status: status.rolled > rolled + frames, 30)

    def wait_until_silent(self) -> None:
        """Wait until the clock has seen what was asked last, and JACK has sent it."""
        time_ns = self.client.status.time_ns
        assert self.client.wait_for(lambda status: status.time_ns > time_ns + 100_000_000)

    def close(self) -> None:
        """Take everything down."""
        self.clock.close()
        self.client.close()


def has_heard(midi: MidiRecorder, data: bytes, client: RealtimeClient) -> bool:
    return client.wait_for(lambda status: any(event[1] == data for event in midi.events), 15)


@pytest.mark.parametrize(("bpm", "rate"), [(60.0, 48_000), (174.3, 44_100), (300.0, 48_000)])
def test_every_pulse_goes_through_jack_within_one_frame_of_the_music_and_none_is_lost(
    tmp_path: Path, bpm: float, rate: int
) -> None:
    music = beats(tmp_path, TempoMap.steady(bpm), 4)
    with JackServer(256, rate=rate, patient=True) as server, Ear() as ear:
        synced = Synced(server, bpm, ear.midi, music)
        ear.hears("PortAudio:out_0")
        try:
            synced.client.play()
            synced.roll_for(3 * 48_000)
            synced.client.stop()
            assert synced.client.wait_for(lambda status: not status.rolling)
            synced.wait_until_silent()
            report = synced.clock.report()
        finally:
            synced.close()

    assert ear.slips == 0
    pulses = np.array(ear.pulses)
    ideal = pulses[0] + np.arange(len(pulses)) * rate * 60 / bpm / 24
    assert np.abs(pulses - ideal).max() <= 1.0
    assert len(pulses) == report.sent >= 2.8 * bpm / 60 * 24
    assert (report.lost, report.late) == (0, 0)
    assert ear.spoken == [START, STOP]
    # The first beat lies in the fade of the start.
    latency = np.array(ear.beats) - pulses[24::24][: len(ear.beats)]
    assert len(latency) >= 2.8 * bpm / 60 - 1
    # Resampled, a beat is a hump whose flank is found to a frame.
    assert np.abs(latency - DELAY * rate / 48_000).max() <= (1.0 if rate == 48_000 else 2.0)


def test_through_a_change_of_tempo_every_pulse_keeps_its_frame(patient: JackServer) -> None:
    with Ear() as ear:
        synced = Synced(patient, 120.0, ear.midi)
        client, faster = synced.client, replace(synced.project, tempo=TempoMap.steady(240.0))
        try:
            client.play()
            synced.roll_for(48_000)
            synced.clock.set_tempo(faster.tempo, client.tempo_revision + 1)
            client.set_project(faster, {})
            assert client.wait_for(lambda status: status.tempo_revision == client.tempo_revision)
            synced.roll_for(48_000)
        finally:
            synced.close()

    steps = np.diff(ear.pulses).tolist()
    old, new = steps.count(1_000), steps.count(500)
    assert old >= 45 and new >= 80
    assert steps[:old] == [1_000] * old
    # One step lies across the change; what the clock learns a moment later goes out at once.
    assert steps[-new:] == [500] * new
    assert len(steps) - old - new <= 8
    assert sum(steps[old:-new]) <= 8 * 750
    assert ear.spoken[0] == START


def test_the_bytes_of_a_performance_are_those_of_the_grammar(patient: JackServer) -> None:
    with recorder() as midi:
        synced = Synced(patient, 120.0, midi.port)
        client = synced.client
        try:
            client.play()
            synced.roll_for(12_000)
            client.locate(synced.project.tempo.frame_at(synced.project.tempo.tick_of_bar(17)))
            assert client.wait_for(lambda status: status.frame >= 16 * 96_000)
            synced.roll_for(12_000)
            client.stop()
            assert client.wait_for(lambda status: sum(e[1] == STOP for e in midi.events) == 2)
            client.locate(Frame(96_000))
            client.play()
            synced.roll_for(12_000)
        finally:
            synced.close()

    spoken = [data for _, data in midi.events if data != PULSE]
    assert spoken[:7] == [
        *(START, STOP, b"\xf2\x00\x02", CONTINUE),
        *(STOP, b"\xf2\x10\x00", CONTINUE),
    ]


@needs("jack_midi_clock")
@pytest.mark.parametrize("jack", [True, False], ids=["by frame", "by time"])
def test_another_program_reads_the_tempo(patient: JackServer, jack: bool) -> None:
    dump = subprocess.Popen(
        ["jack_mclk_dump"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        while "jack_mclk_dump:mclk_in" not in ports():
            assert dump.poll() is None
        synced = Synced(patient, 123.4, "jack_mclk_dump:mclk_in", jack=jack)
        try:
            synced.client.play()
            synced.roll_for(4 * 48_000)
        finally:
            synced.close()
    finally:
        dump.terminate()
        said = dump.communicate()[0]

    # Single intervals say little, their mean says all. By time, JACK rounds each pulse to
    # its period, and the reader's slow filter keeps whatever the machine stood still: what it
    # reads shows pulses of the right kind. How exactly they are sent is judged at the call.
    tempos = _tempos(said, "cur" if jack else "flt")
    assert tempos, said[-500:]
    settled = tempos[len(tempos) // 2 :]
    assert np.mean(settled) == pytest.approx(123.4, abs=0.01 if jack else 10.0)


@pytest.mark.parametrize("jack", [True, False], ids=["by frame", "by time"])
def test_a_port_that_vanishes_and_comes_back_is_told_where_the_song_is(
    server: JackServer, jack: bool
) -> None:
    with recorder("there") as first:
        port = first.port
        synced = Synced(server, 120.0, port, jack=jack)
        synced.client.play()
        synced.roll_for(4_800)
    try:
        assert synced.client.wait_for(lambda status: synced.clock.missing == {port})
        with recorder("there") as second:
            assert second.port == port
            assert has_heard(second, CONTINUE, synced.client)
            synced.roll_for(9_600)
            spoken = [data for _, data in second.events if data != PULSE]
            assert spoken[0][0] == 0xF2
            assert spoken[1] == CONTINUE
            assert sum(data == PULSE for _, data in second.events) > 3
        assert [notice.kind for notice in synced.notices] == ["port_lost"]
        assert synced.client.status.rolling
    finally:
        synced.close()


def _tempos(said: str, column: str) -> list[float]:
    return [float(bpm) for bpm in re.findall(rf"{column}:\s*([\d.]+)\[BPM\]", said)]
