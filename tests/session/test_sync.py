"""MIDI clock: switched on and off, followed by every change of tempo, remembered."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.child.errors import ChildStartError
from acestep_desktop.domain.edits import set_tempo
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.library.preferences import Preferences
from acestep_desktop.realtime.client import Notice
from acestep_desktop.realtime.clock_client import ClockClient
from acestep_desktop.realtime.status import Status
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.session.sync import MAX_PORTS, VIRTUAL, ClockPort, SyncSession, SyncState
from acestep_desktop.session.transport import TransportSession


class FakeClient:
    """Counts tempo maps as the real one does."""

    def __init__(self) -> None:
        self.status = Status()
        self.status_path = Path("status")
        self.tempo_revision = 0
        self.pre_rolls: list[int] = []
        self._tempo: TempoMap | None = None

    def set_project(self, project: Any, paths: object) -> None:
        self.tempo_revision += project.tempo != self._tempo
        self._tempo = project.tempo

    def set_pre_roll(self, frames: int) -> None:
        self.pre_rolls.append(frames)


def _fake_client() -> Any:
    return FakeClient()


class FakeClock:
    """Remembers what it was told, and by which thread."""

    pre_roll = 1_440

    def __init__(
        self, path: Path, ports: Sequence[ClockPort], told: Callable[[Notice], None]
    ) -> None:
        self.path, self.ports, self.told = path, tuple(ports), told
        self.missing: frozenset[str] = frozenset()
        self.tempos: list[tuple[float, int]] = []
        self.lives: list[str] = []
        self.threads: set[int] = set()

    def start(self) -> None:
        self.threads.add(threading.get_ident())
        self.lives.append("started")

    def close(self) -> None:
        self.lives.append("closed")

    def set_tempo(self, tempo: TempoMap, revision: int) -> None:
        self.tempos.append((tempo.tempos[0].bpm, revision))


class Studio:
    """A sync session over fakes, and all the clocks that it made."""

    def __init__(self, preferences: Path) -> None:
        self.document = DocumentSession()
        self.client = _fake_client()
        self.transport = TransportSession(self.client, self.document, lambda project: {})
        self.settings = SettingsSession(Preferences(preferences))
        self.clocks: list[FakeClock] = []
        self.sync = SyncSession(
            self.client,
            self.transport,
            self.settings,
            make=self._make,
            find_ports=lambda: ["Synth", "Drum machine"],
        )
        self.states: list[SyncState] = []
        self.sync.changed.connect(self.states.append)

    def _make(self, *arguments: Any) -> FakeClock:
        self.clocks.append(FakeClock(*arguments))
        return self.clocks[-1]

    def set_bpm(self, bpm: float) -> None:
        self.document.apply("Tempo", lambda project: set_tempo(project, TempoMap.steady(bpm)))


@pytest.fixture
def preferences(tmp_path: Path) -> Path:
    return tmp_path / "preferences.json"


@pytest.fixture
def studio(qapp: QCoreApplication, preferences: Path) -> Iterator[Studio]:
    studio = Studio(preferences)
    yield studio
    studio.sync.close()
    studio.transport.close()


def test_it_is_off_at_first_and_one_port_of_our_own_is_ready(studio: Studio) -> None:
    studio.sync.start()
    assert studio.sync.state == SyncState(False, (ClockPort(VIRTUAL),))
    assert studio.clocks == []


def test_switching_it_on_starts_a_clock_off_the_windows_thread(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.transport.play_project(studio.document.project)
    studio.sync.set_on(True)
    (clock,) = studio.clocks
    qtbot.waitUntil(lambda: clock.lives == ["started"])
    assert clock.threads != {threading.get_ident()}
    assert clock.path == studio.client.status_path
    assert clock.tempos == [(120.0, 1)]
    assert studio.client.pre_rolls == [1_440]
    assert studio.states[-1].on


def test_every_tempo_is_given_with_the_number_that_the_audio_process_knows(
    studio: Studio,
) -> None:
    studio.transport.play_project(studio.document.project)
    studio.sync.set_on(True)
    studio.set_bpm(98.5)
    studio.document.undo()
    numbers = {revision: bpm for bpm, revision in studio.clocks[0].tempos}
    assert numbers == {1: 120.0, 2: 98.5, 3: 120.0}
    assert studio.client.tempo_revision == 3


def test_switching_it_off_ends_the_clock_and_starts_are_not_held_back_any_more(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.sync.set_on(True)
    studio.sync.set_on(False)
    qtbot.waitUntil(lambda: studio.clocks[0].lives == ["started", "closed"])
    assert studio.client.pre_rolls[-1] == 0
    studio.set_bpm(98.5)
    assert studio.clocks[0].tempos == []


def test_another_port_begins_another_clock_after_the_first_has_ended(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.sync.set_on(True)
    studio.sync.set_port("Synth", True)
    first, second = studio.clocks
    qtbot.waitUntil(lambda: second.lives == ["started"])
    assert first.lives == ["started", "closed"]
    assert [port.name for port in second.ports] == [VIRTUAL, "Synth"]


def test_taking_the_last_port_away_switches_it_off(studio: Studio) -> None:
    studio.sync.set_on(True)
    studio.sync.set_port(VIRTUAL, False)
    assert studio.sync.state == SyncState(False, ())
    studio.sync.set_on(True)
    assert studio.sync.state.has(VIRTUAL)


def test_a_delay_holds_for_its_port_alone_and_is_kept_while_the_port_is_off(
    studio: Studio,
) -> None:
    studio.sync.set_port("Synth", True)
    studio.sync.set_delay("Synth", -12.5)
    assert (studio.sync.state.delay_ms("Synth"), studio.sync.state.delay_ms(VIRTUAL)) == (-12.5, 0)
    studio.sync.set_port("Synth", False)
    studio.sync.set_port("Synth", True)
    assert studio.sync.state.delay_ms("Synth") == -12.5


def test_a_delay_beyond_reason_is_brought_within_it(studio: Studio) -> None:
    studio.sync.set_delay(VIRTUAL, 5_000.0)
    assert studio.sync.state.delay_ms(VIRTUAL) == 100.0


def test_choosing_ports_while_it_is_off_starts_nothing(studio: Studio) -> None:
    studio.sync.set_port("Synth", True)
    studio.sync.set_delay("Synth", 3.0)
    assert studio.clocks == [] and studio.client.pre_rolls == []


def test_more_ports_than_any_desk_has_are_refused_in_a_sentence(
    studio: Studio, qtbot: QtBot
) -> None:
    for number in range(MAX_PORTS - 1):
        studio.sync.set_port(f"Port {number}", True)
    with qtbot.waitSignal(studio.sync.noticed) as noticed:
        studio.sync.set_port("One more", True)
    assert "at most" in noticed.args[0]
    assert not studio.sync.state.has("One more")


def test_all_is_remembered_and_goes_on_at_the_next_start(studio: Studio, preferences: Path) -> None:
    studio.sync.set_port("Synth", True)
    studio.sync.set_delay("Synth", 7.0)
    studio.sync.set_on(True)
    again = Studio(preferences)
    assert not again.sync.state.on
    again.sync.start()
    assert again.sync.state == studio.sync.state
    again.sync.close()
    assert again.clocks[0].lives == ["started", "closed"]


@pytest.mark.parametrize("damage", ['"x"', "[3]", '[{"name": "A", "delay_ms": 1e9}]', "null"])
def test_damaged_ports_in_the_settings_are_as_none(
    qapp: QCoreApplication, preferences: Path, damage: str
) -> None:
    preferences.write_text(f'{{"clock_ports": {damage}}}')
    assert SettingsSession(Preferences(preferences)).clock_ports == (ClockPort(VIRTUAL),)


def test_ports_are_looked_for_in_the_background(studio: Studio, qtbot: QtBot) -> None:
    with qtbot.waitSignal(studio.sync.ports_found) as found:
        studio.sync.find_ports()
    assert found.args[0] == ["Synth", "Drum machine"]


def test_a_notice_of_the_clock_becomes_a_sentence_for_the_window(
    studio: Studio, qtbot: QtBot
) -> None:
    studio.sync.set_on(True)
    with qtbot.waitSignal(studio.sync.noticed) as noticed:
        thread = threading.Thread(
            target=studio.clocks[0].told, args=(Notice("port_lost", "Synth is gone."),)
        )
        thread.start()
    thread.join()
    assert noticed.args == ["Synth is gone."]


def test_closing_ends_the_clock_and_waits_for_it(studio: Studio) -> None:
    studio.sync.set_on(True)
    studio.sync.close()
    assert studio.clocks[0].lives[-1] == "closed"


def test_a_real_clock_is_what_the_session_makes_by_itself(tmp_path: Path) -> None:
    clock = ClockClient(tmp_path / "status", [ClockPort()], lambda notice: None)
    assert clock.pre_roll > 0 and clock.missing == frozenset()


def test_a_clock_that_was_switched_off_just_before_the_end_is_ended_all_the_same(
    studio: Studio,
) -> None:
    gate, begun = threading.Event(), threading.Event()

    def busy() -> list[str]:
        begun.set()
        gate.wait(10)
        return []

    studio.sync._find_ports = busy
    studio.sync.set_on(True)
    studio.sync.find_ports()
    assert begun.wait(10)
    studio.sync.set_on(False)
    threading.Timer(0.05, gate.set).start()
    studio.sync.close()
    assert studio.clocks[0].lives == ["started", "closed"]


def test_ports_that_cannot_be_looked_for_are_said(studio: Studio, qtbot: QtBot) -> None:
    def broken() -> list[str]:
        raise RuntimeError("no MIDI today")

    studio.sync._find_ports = broken
    with qtbot.waitSignal(studio.sync.noticed) as noticed:
        studio.sync.find_ports()
    assert "no MIDI today" in noticed.args[0]


def test_devices_that_cannot_be_looked_for_are_none(studio: Studio, qtbot: QtBot) -> None:
    def broken() -> list[str]:
        raise ChildStartError("Too many files are open: close some.")

    studio.client.devices = broken
    with qtbot.waitSignal(studio.transport.devices_found) as found:
        studio.transport.find_devices()
    assert found.args == [[]]
