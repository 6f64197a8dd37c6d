"""The button of the MIDI clock: what its menu offers, and what choosing there does."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from acestep_desktop.session.sync import VIRTUAL, ClockPort, SyncState
from acestep_desktop.ui.clock_button import ClockButton


class FakeSync(QObject):
    """Does at once what it is asked to."""

    changed = Signal(object)
    ports_found = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self.state = SyncState(False, (ClockPort(VIRTUAL),))
        self.wishes: list[tuple[Any, ...]] = []

    def set_on(self, on: bool) -> None:
        self.wishes.append(("on", on))

    def set_port(self, name: str, on: bool) -> None:
        self.wishes.append(("port", name, on))

    def set_delay(self, name: str, delay_ms: float) -> None:
        self.wishes.append(("delay", name, delay_ms))

    def find_ports(self) -> None:
        self.ports_found.emit(["Synth & Co"])

    def become(self, state: SyncState) -> None:
        self.state = state
        self.changed.emit(state)


@pytest.fixture
def sync(qapp: QCoreApplication) -> FakeSync:
    return FakeSync()


@pytest.fixture
def button(sync: FakeSync, qtbot: QtBot) -> Iterator[ClockButton]:
    button = ClockButton(sync)  # type: ignore[arg-type]
    qtbot.addWidget(button)
    button.menu().aboutToShow.emit()
    yield button


def action(button: ClockButton, words: str) -> QAction:
    menus = button.findChildren(QMenu)
    found: list[QAction] = [a for menu in menus for a in menu.actions() if words in a.text()]
    assert len(found) == 1, [a.text() for menu in menus for a in menu.actions()]
    return found[0]


def test_it_says_aloud_whether_the_clock_is_on(button: ClockButton, sync: FakeSync) -> None:
    assert button.accessibleName() == "MIDI clock, off" and not button.isChecked()
    sync.become(SyncState(True, (ClockPort("Synth & Co"),)))
    assert button.accessibleName() == "MIDI clock, on" and button.isChecked()
    assert "Synth && Co" in button.toolTip()


def test_the_menu_switches_it_on(button: ClockButton, sync: FakeSync) -> None:
    action(button, "Send MIDI clock").trigger()
    assert sync.wishes == [("on", True)]


def test_our_own_port_and_those_that_were_found_are_offered(button: ClockButton) -> None:
    own = next(a for a in button.menu().actions() if a.data() == VIRTUAL)
    assert own.isChecked() and own.text().startswith("Our own port")
    synth = action(button, "Synth && Co")
    assert synth.isCheckable() and not synth.isChecked()


def test_a_port_is_chosen_and_taken_away(button: ClockButton, sync: FakeSync) -> None:
    action(button, "Synth").trigger()
    sync.become(SyncState(False, (ClockPort(VIRTUAL), ClockPort("Synth & Co"))))
    sync.wishes.clear()
    next(a for a in button.menu().actions() if a.data() == "Synth & Co").trigger()
    assert sync.wishes == [("port", "Synth & Co", False)]


def test_a_chosen_port_that_is_gone_stays_in_the_menu_and_says_so(
    button: ClockButton, sync: FakeSync
) -> None:
    sync.become(SyncState(True, (ClockPort("Old box"),)))
    gone = next(a for a in button.menu().actions() if a.data() == "Old box")
    assert gone.text() == "Old box (not there)" and gone.isChecked()


def test_without_any_port_the_menu_says_what_to_do(button: ClockButton, sync: FakeSync) -> None:
    sync.ports_found.emit([])
    assert not action(button, "connect one").isEnabled()


def test_the_delay_of_a_port_is_asked_for(
    button: ClockButton, sync: FakeSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync.become(SyncState(True, (ClockPort("Synth & Co", 5.0),)))
    asked: list[Any] = []

    def answer(*arguments: Any) -> tuple[float, bool]:
        asked.extend(arguments)
        return -7.5, True

    monkeypatch.setattr(QInputDialog, "getDouble", answer)
    action(button, "5 ms").trigger()
    assert 5.0 in asked
    assert sync.wishes == [("delay", "Synth & Co", -7.5)]


def test_a_delay_that_was_not_confirmed_changes_nothing(
    button: ClockButton, sync: FakeSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse: Callable[..., tuple[float, bool]] = lambda *arguments: (0.0, False)  # noqa: E731
    monkeypatch.setattr(QInputDialog, "getDouble", refuse)
    action(button, "0 ms").trigger()
    assert sync.wishes == []


def test_it_can_be_reached_by_tab_and_its_text_is_not_cut(button: ClockButton) -> None:
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert button.sizeHint().width() >= button.fontMetrics().horizontalAdvance(button.text())
