"""Sync: MIDI clock for the DAW and for machines, while it is switched on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal, Slot

from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.realtime.client import Notice, RealtimeClient
from acestep_desktop.realtime.clock_client import (
    MAX_DELAY_MS,
    ClockClient,
    ClockPort,
    clock_ports,
)
from acestep_desktop.realtime.clock_ports import CLIENT_NAME, VIRTUAL
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.session.transport import TransportSession
from acestep_desktop.session.work import Worker

__all__ = ["CLIENT_NAME", "MAX_DELAY_MS", "VIRTUAL", "ClockPort", "SyncSession", "SyncState"]

MAX_PORTS: Final = 8
"""More than any desk has; each port costs time between the first and the last pulse."""


class Clock(Protocol):
    """What sends the clock; see `ClockClient`."""

    @property
    def pre_roll(self) -> int:
        """The frames by which starts and jumps must wait for this clock."""

    @property
    def missing(self) -> frozenset[str]:
        """The ports that are not there."""

    def start(self) -> None:
        """Start the process."""

    def close(self) -> None:
        """End the process."""

    def set_tempo(self, tempo: TempoMap, revision: int) -> None:
        """Give the tempo map that the audio process calls `revision`."""


MakeClock = Callable[[Path, Sequence[ClockPort], Callable[[Notice], None]], Clock]


@dataclass(frozen=True, slots=True)
class SyncState:
    """Whether MIDI clock is sent, and the ports that get it while it is."""

    on: bool = False
    ports: tuple[ClockPort, ...] = ()

    def has(self, name: str) -> bool:
        """Return whether the port of this name gets the clock."""
        return any(port.name == name for port in self.ports)

    def delay_ms(self, name: str) -> float:
        """Return by how much later than the audio the clock leaves for a port."""
        return next((port.delay_ms for port in self.ports if port.name == name), 0.0)


class SyncSession(QObject):
    """Switches MIDI clock on and off. The window's thread only.

    `changed` carries the `SyncState`; `ports_found` the names of the ports that
    can be given the clock; `noticed` a sentence, such as that a port went away.
    """

    changed = Signal(object)
    ports_found = Signal(list)
    noticed = Signal(str)
    _told = Signal(str)

    def __init__(
        self,
        client: RealtimeClient,
        transport: TransportSession,
        settings: SettingsSession,
        parent: QObject | None = None,
        *,
        make: MakeClock = ClockClient,
        find_ports: Callable[[], list[str]] = clock_ports,
    ) -> None:
        super().__init__(parent)
        self._client, self._transport, self._settings = client, transport, settings
        self._make, self._find_ports = make, find_ports
        # A signal carries notices from the clock's threads to the window's.
        self._told.connect(self.noticed)
        self._state = SyncState(False, settings.clock_ports)
        self._delays = {port.name: port.delay_ms for port in self._state.ports}
        self._clock: Clock | None = None
        # One thread: an old clock has ended before the next one begins.
        self._worker = Worker(self)
        transport.tempo_given.connect(self._give_tempo)

    @property
    def state(self) -> SyncState:
        """Whether MIDI clock is sent, and to whom."""
        return self._state

    @property
    def missing(self) -> frozenset[str]:
        """The chosen ports that are not there."""
        return frozenset() if self._clock is None else self._clock.missing

    def start(self) -> None:
        """Send MIDI clock if it was sent when the program was closed."""
        if self._settings.clock_on:
            self._show(replace(self._state, on=True))

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        """Send MIDI clock, or do not. Without a port, one of our own is offered to others."""
        ports = self._state.ports or (ClockPort(VIRTUAL, self._delays.get(VIRTUAL, 0.0)),)
        self._settings.set_clock_on(on)
        self._show(SyncState(on, ports))

    def set_port(self, name: str, on: bool) -> None:
        """Give the clock to a port, too, or no longer; with the last one it is switched off."""
        ports = tuple(port for port in self._state.ports if port.name != name)
        if on and len(ports) >= MAX_PORTS:
            self.noticed.emit(f"MIDI clock goes to {MAX_PORTS} ports at most: switch one off.")
            self.changed.emit(self._state)
            return
        if on:
            ports = (*ports, ClockPort(name, self._delays.get(name, 0.0)))
        self._settings.set_clock_ports(ports)
        self._settings.set_clock_on(self._state.on and bool(ports))
        self._show(SyncState(self._state.on and bool(ports), ports))

    def set_delay(self, name: str, delay_ms: float) -> None:
        """Send a port its clock later (negative: earlier) than the audio; within ±100 ms."""
        self._delays[name] = max(-MAX_DELAY_MS, min(delay_ms, MAX_DELAY_MS))
        ports = tuple(
            replace(port, delay_ms=self._delays[name]) if port.name == name else port
            for port in self._state.ports
        )
        self._settings.set_clock_ports(ports)
        self._show(replace(self._state, ports=ports))

    def find_ports(self) -> None:
        """Look for MIDI ports in the background; `ports_found` carries them."""
        self._worker.do(self._find_ports, self.ports_found.emit, self.noticed.emit)

    def close(self) -> None:
        """End the clock, and wait for its end."""
        # What was switched off just now must still be ended.
        self._worker.wait()
        if self._clock is not None:
            self._clock.close()
            self._clock = None

    def _show(self, state: SyncState) -> None:
        before, self._state = self._state, state
        if state != before:
            if state.on or before.on:
                self._switch(state)
            self.changed.emit(state)

    def _switch(self, state: SyncState) -> None:
        """End the clock that there is and begin another one."""
        if self._clock is not None:
            self._worker.do(self._clock.close, failed=self.noticed.emit)
            self._clock = None
        if not state.on:
            self._client.set_pre_roll(0)
            return
        clock = self._make(self._client.status_path, state.ports, self._tell)
        self._clock = clock
        self._give_tempo()
        self._client.set_pre_roll(clock.pre_roll)
        self._worker.do(clock.start, failed=self.noticed.emit)

    @Slot()
    def _give_tempo(self) -> None:
        if self._clock is not None and (given := self._transport.tempo) is not None:
            self._clock.set_tempo(*given)

    def _tell(self, notice: Notice) -> None:
        self._told.emit(notice.text)
