"""The tempo of the project, tapped and dragged."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from pytestqt.qtbot import QtBot

from acestep_desktop.ui.tap_tempo import TapTempo
from acestep_desktop.ui.tempo_box import TempoBox

LEFT = Qt.MouseButton.LeftButton


def tapped(times: Sequence[float]) -> float | None:
    taps = TapTempo()
    return [taps.tap(at) for at in times][-1]


@pytest.mark.parametrize(
    ("times", "bpm"),
    [
        ((0.0, 0.5), None),
        ((0.0, 0.5, 1.0), 120.0),
        ((0.0, 0.51, 0.99, 1.5), 120.0),
        ((0.0, 0.5, 1.0, 1.2, 1.7, 2.2), 120.0),
        ((0.0, 0.5, 1.0, 9.0, 9.4, 9.8), 150.0),
        ((5.0, 5.0, 5.0), None),
    ],
)
def test_taps_tell_a_tempo(times: Sequence[float], bpm: float | None) -> None:
    assert tapped(times) == bpm


@pytest.fixture
def box(qtbot: QtBot) -> TempoBox:
    box = TempoBox()
    qtbot.addWidget(box)
    box.setValue(120)
    box.show()
    return box


def pull(
    box: TempoBox, up: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    kinds = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease)
    for kind, y in zip(kinds, (200, 200 - up, 200 - up), strict=True):
        at = QPointF(10, y)
        box.eventFilter(box.lineEdit(), QMouseEvent(kind, at, at, LEFT, LEFT, keys))


@pytest.mark.parametrize(
    ("up", "keys", "bpm"),
    [
        (40, Qt.KeyboardModifier.NoModifier, 130.0),
        (-40, Qt.KeyboardModifier.NoModifier, 110.0),
        (40, Qt.KeyboardModifier.ShiftModifier, 121.0),
        (-4_000, Qt.KeyboardModifier.NoModifier, 20.0),
    ],
)
def test_dragging_up_and_down_changes_the_tempo_once(
    box: TempoBox, up: int, keys: Qt.KeyboardModifier, bpm: float
) -> None:
    shown: list[float] = []
    kept: list[float] = []
    box.dragged.connect(shown.append)
    box.settled.connect(kept.append)
    pull(box, up, keys)
    assert (shown, kept) == ([bpm], [bpm])


def test_a_click_is_no_drag(box: TempoBox) -> None:
    kept: list[float] = []
    box.settled.connect(kept.append)
    pull(box, 2)
    assert kept == []
