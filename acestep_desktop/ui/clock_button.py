"""The button of the MIDI clock: on and off, the ports that get it, and their delays."""

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu, QToolButton, QWidget

from acestep_desktop.session.sync import (
    CLIENT_NAME,
    MAX_DELAY_MS,
    VIRTUAL,
    SyncSession,
    SyncState,
)

_OWN: Final = f"Our own port, “{CLIENT_NAME}”"
_TIP: Final = "Send MIDI clock to your DAW: on or off, and to which ports"
_NO_PORTS: Final = "No other MIDI port is there: connect one and look again"


class ClockButton(QToolButton):
    """Shows whether MIDI clock is sent; opens a menu of ports."""

    def __init__(self, sync: SyncSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sync = sync
        self._found: list[str] = []
        self.setText("Clock")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._on = self._menu.addAction("Send MIDI clock")
        self._on.setCheckable(True)
        self._on.triggered.connect(sync.set_on)
        self._ports = self._menu.addSection("To these ports")
        self._delays = QMenu("Delay", self._menu)
        self._delays.setToolTip("Later or earlier than the audio, for each port")
        self._menu.aboutToShow.connect(self._look)
        self._menu.triggered.connect(self._choose)
        self._delays.triggered.connect(self._ask_delay)
        self.setMenu(self._menu)
        sync.changed.connect(self.show_state)
        sync.ports_found.connect(self._show_ports)
        self.show_state(sync.state)

    @Slot(object)
    def show_state(self, state: SyncState) -> None:
        """Show whether the clock is sent, and where to."""
        self.setChecked(state.on)
        self._on.setChecked(state.on)
        names = ", ".join(_shown(port.name) for port in state.ports)
        self.setAccessibleName("MIDI clock, on" if state.on else "MIDI clock, off")
        self.setToolTip(f"{_TIP}\nNow sent to: {names}" if state.on else _TIP)
        self._fill(state)

    @Slot()
    def _look(self) -> None:
        self._fill(self._sync.state)
        self._sync.find_ports()

    @Slot(list)
    def _show_ports(self, names: list[str]) -> None:
        self._found = names
        self._fill(self._sync.state)

    def _fill(self, state: SyncState) -> None:
        """Fill the menu anew: our own port, what was found, and what is chosen but not there."""
        actions = self._menu.actions()
        for action in actions[actions.index(self._ports) + 1 :]:
            self._menu.removeAction(action)
            if action is not self._delays.menuAction():
                action.deleteLater()
        self._delays.clear()
        chosen = [port.name for port in state.ports]
        for name in dict.fromkeys((VIRTUAL, *self._found, *chosen)):
            self._add_port(name, state)
        if not self._found:
            self._menu.addAction(_NO_PORTS).setEnabled(False)
        self._menu.addMenu(self._delays)

    def _add_port(self, name: str, state: SyncState) -> None:
        there = name == VIRTUAL or name in self._found or not self._found
        action = self._menu.addAction(_shown(name) if there else f"{_shown(name)} (not there)")
        action.setCheckable(True)
        action.setChecked(state.has(name))
        action.setData(name)
        if state.has(name):
            delay = self._delays.addAction(f"{_shown(name)}: {state.delay_ms(name):g} ms…")
            delay.setData(name)

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        # What is chosen in the submenu of delays arrives here, too: it cannot be checked.
        if action.data() and action.isCheckable():
            self._sync.set_port(action.data(), action.isChecked())

    @Slot(QAction)
    def _ask_delay(self, action: QAction) -> None:
        name = action.data()
        delay_ms, accepted = QInputDialog.getDouble(
            self,
            "Delay of the MIDI clock",
            f"{_shown(name)}: milliseconds later than the audio (negative: earlier)",
            self._sync.state.delay_ms(name),
            -MAX_DELAY_MS,
            MAX_DELAY_MS,
            1,
        )
        if accepted:
            self._sync.set_delay(name, delay_ms)


def _shown(name: str) -> str:
    return _OWN if name == VIRTUAL else name.replace("&", "&&")
