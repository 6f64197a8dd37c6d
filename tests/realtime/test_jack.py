"""Real sound and real MIDI, through a JACK server without a sound card."""

import itertools
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import jack
import numpy as np
import pytest

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame
from acestep_desktop.realtime.client import Notice, RealtimeClient
from acestep_desktop.realtime.clock_client import ClockClient, ClockPort
from acestep_desktop.realtime.clock_grammar import CONTINUE, PULSE, START, STOP
from tests.needs import needs
from tests.realtime.jack_server import DEVICE, JackServer, MidiRecorder, recorder, samples_of
from tests.realtime.load import Load, StallWatch
from tests.realtime.recordings import edited_far_away, piece, windows_that_null
from tests.realtime.tries import tried

pytestmark = needs("jack", "portaudio")

SECONDS = 10
"""The bench records 60."""


@pytest.fixture
def server() -> Iterator[JackServer]:
    with JackServer(256) as made:
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
@tried(3)
def test_a_recording_under_load_nulls_against_the_bounce(tmp_path: Path, period: int) -> None:
    music = piece(tmp_path, tracks=64, clips=100, seconds=2 * SECONDS)
    over = threading.Event()

    def edit() -> None:
        for number in itertools.count():
            if over.wait(0.05):
                return
            client.set_project(edited_far_away(music.project, number), music.paths)

    watch = StallWatch(period)
    with JackServer(period) as server, Load() as load:
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
    nulls, seconds = windows_that_null(heard, music.bounce(SECONDS * 48_000))
    assert seconds == SECONDS - 1
    assert nulls >= seconds - watch.stalls
    # The server's late cycles are counted too, whoever was late; what is heard is judged above.
    assert xruns <= 2 * watch.stalls + SECONDS // 5
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
        client.set_device(DEVICE, 512)
        assert client.wait_until_open(5)

        frame = client.status.frame
        assert client.wait_for(lambda status: status.frame > frame and status.block == 512)
    finally:
        client.close()


@tried(6)
def test_a_device_of_another_rate_plays_at_the_right_speed(tmp_path: Path) -> None:
    music = piece(tmp_path, tracks=1, clips=1, seconds=8)
    with JackServer(256, rate=44_100) as server:
        client = client_on(server, [])
        try:
            client.set_project(music.project, music.paths)
            assert client.wait_until_open(20)
            probe = jack.Client("probe", no_start_server=True)
            client.play()
            assert client.wait_for(lambda status: status.frame > 9_600, 10)
            first, began = client.status, probe.frame_time
            assert client.wait_for(lambda s: s.frame > first.frame + 48_000, 10)
            last, ended = client.status, probe.frame_time
            probe.close()
        finally:
            client.close()

    assert last.device_rate == 44_100
    # By the server's frames, of which a busy machine drops some; without resampling it is 8 % off.
    assert (last.frame - first.frame) / (ended - began) == pytest.approx(48_000 / 44_100, rel=0.07)


class Synced:
    """A transport with a MIDI clock that goes to a recorder."""

    def __init__(self, server: JackServer, bpm: float, port: str, *, jack: bool = True) -> None:
        self.notices: list[Notice] = []
        self.project = Project(tempo=TempoMap.steady(bpm))
        self.client = client_on(server, [])
        self.client.set_project(self.project, {})
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

    def close(self) -> None:
        """Take everything down."""
        self.clock.close()
        self.client.close()


def has_heard(midi: MidiRecorder, data: bytes, client: RealtimeClient) -> bool:
    return client.wait_for(lambda status: any(event[1] == data for event in midi.events), 15)


@pytest.mark.parametrize("bpm", [60.0, 174.3, 300.0])
@tried(6)
def test_every_pulse_goes_through_jack_within_one_frame_and_none_is_lost(
    server: JackServer, bpm: float
) -> None:
    with recorder() as midi:
        synced = Synced(server, bpm, midi.port)
        try:
            synced.client.play()
            synced.roll_for(2 * 48_000)
            synced.client.stop()
            assert has_heard(midi, STOP, synced.client)
            report = synced.clock.report()
        finally:
            synced.close()

    frames = np.array([frame for frame, data in midi.events if data == PULSE])
    # On a machine that others use as well, JACK itself may slip; the bench bears no slip.
    exact = np.abs(np.diff(frames) - 48_000 * 60 / bpm / 24) <= 1.0
    assert exact.mean() >= 0.8
    assert [data for _, data in midi.events if data != PULSE] == [START, STOP]
    assert report.lost == 0
    assert report.sent >= len(frames) > 2 * bpm / 60 * 24 - 2


def test_the_bytes_of_a_performance_are_those_of_the_grammar(server: JackServer) -> None:
    with recorder() as midi:
        synced = Synced(server, 120.0, midi.port)
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
@tried(6)
def test_another_program_reads_the_tempo(server: JackServer, jack: bool) -> None:
    dump = subprocess.Popen(
        ["jack_mclk_dump"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        ports = ""
        while "jack_mclk_dump:mclk_in" not in ports:
            ports = subprocess.run(["jack_lsp"], capture_output=True, text=True).stdout
        synced = Synced(server, 123.4, "jack_mclk_dump:mclk_in", jack=jack)
        try:
            synced.client.play()
            synced.roll_for(4 * 48_000)
        finally:
            synced.close()
    finally:
        dump.terminate()
        said = dump.communicate()[0]

    # By time, JACK rounds to its period: single intervals say little, their mean says all.
    tempos = _tempos(said, "cur" if jack else "flt")
    assert tempos, said[-500:]
    assert np.median(tempos[len(tempos) // 2 :]) == pytest.approx(123.4, abs=0.1 if jack else 3.0)


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
