"""Every control of the window and its dialogs: named, explained, reachable, whole and legible."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QScrollBar,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.app import show_theme
from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Tick
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.batches import BatchSession
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.commands import Commands
from acestep_desktop.ui.library_panel import LibraryPanel
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.queue_panel import QueuePanel
from acestep_desktop.ui.theme import THEME_NAMES, contrast_ratio
from tests.session.test_batches import job
from tests.ui.conftest import keep

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
)
SIZES = ((1280, 800), (1920, 1080), (1280, 720))
"""The last is what a screen of 1920x1080 has room for at 150 %."""

ENOUGH = 4.5
WAIT_MS = 20_000


@pytest.fixture(autouse=True)
def dark(qapp: QApplication) -> Iterator[None]:
    """Style the program as it is styled; without a style sheet nothing is as wide as it is."""
    sheet, palette = qapp.styleSheet(), qapp.palette()
    show_theme(qapp, "dark")
    yield
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)


@pytest.fixture
def full(window: MainWindow, sessions: Sessions) -> MainWindow:
    """A window with takes in the library and the tray, a job that runs and one that failed."""
    takes = TakeLibrary(sessions.library.folders)
    batches = window.findChild(BatchSession)
    for words in ("warm house", "cold techno"):
        sessions.jobs.take_kept.emit(takes.get(keep(takes, words)), job(1, variations=3))
    from acestep_desktop.generation.jobs import JobState

    failed = job(2, state=JobState.FAILED, reason="The engine ran out of memory. Ask for less.")
    sessions.jobs.jobs_changed.emit((failed,))
    assert len(batches.batches) >= 1
    window.findChild(LibraryPanel).toggle_filters()
    return window


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def sized(full: MainWindow, request: pytest.FixtureRequest, qtbot: QtBot) -> MainWindow:
    full.resize(QSize(*request.param))
    qtbot.waitUntil(lambda: full.size() == QSize(*request.param))
    QApplication.processEvents()
    return full


def roots(window: MainWindow) -> list[QWidget]:
    commands = window.findChild(Commands)
    commands.palette.open_empty()
    commands.sheet.open_whole()
    dialogs = window.findChildren(QDialog)
    return [window, *dialogs]


def controls(root: QWidget) -> list[QWidget]:
    found = [w for kind in CONTROLS for w in root.findChildren(kind)]
    return [w for w in found if w.isVisibleTo(root) and not is_inside_another(w)]


def is_inside_another(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractSpinBox | QComboBox | QLineEdit | QAbstractItemView):
            return True
        parent = parent.parentWidget()
    return False


def described(widget: QWidget) -> str:
    text = getattr(widget, "text", str)
    return f"{type(widget).__name__} {widget.accessibleName()!r} {text()!r}"


def test_every_control_has_a_name_and_a_tooltip(full: MainWindow) -> None:
    bare = [
        described(control)
        for root in roots(full)
        for control in controls(root)
        if not (control.accessibleName() or getattr(control, "text", str)())
        or not control.toolTip()
    ]
    assert bare == []


def test_every_control_is_reached_by_the_tab_key(full: MainWindow) -> None:
    missed = [
        described(control)
        for root in roots(full)
        for control in controls(root)
        if control.isEnabled() and not control.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert missed == []


def tips(window: MainWindow, *, enabled: bool) -> dict[str, str]:
    """Return what the controls say of themselves that are enabled, or those that are grey."""
    return {
        described(control): control.toolTip()
        for root in (window, *window.findChildren(QDialog))
        for control in controls(root)
        if control.isEnabled() == enabled
    }


def usable_tips(window: MainWindow, sessions: Sessions, qtbot: QtBot) -> dict[str, str]:
    """Make everything usable that can be, one after the other; return what it then says."""
    jobs, queue = sessions.jobs, window.findChild(QueuePanel).findChild(QListWidget)
    sessions.document.apply(
        "Draw the loop", lambda project: replace(project, loop=TickRange(Tick(0), Tick(960_000)))
    )
    for words in ("wait at step 2", "one", "two"):
        jobs.submit("sketch", Request(Prompt(words)))
    qtbot.waitUntil(lambda: jobs.jobs[0].fraction > 0.5, timeout=WAIT_MS)
    found: dict[str, str] = {}
    for row in (0, 1):
        queue.setCurrentRow(row)
        found |= tips(window, enabled=True)
    jobs.cancel_all()
    qtbot.waitUntil(lambda: all(job.state.ended for job in jobs.jobs), timeout=WAIT_MS)
    return found | tips(window, enabled=True)


def test_whatever_is_grey_says_why(full: MainWindow, sessions: Sessions, qtbot: QtBot) -> None:
    roots(full)
    grey = tips(full, enabled=False)
    usable = usable_tips(full, sessions, qtbot)
    assert {"'Cancel'", "'Loop'", "'Retry'"} <= {said.split()[1] for said in grey}
    assert [control for control in grey if control not in usable] == []
    assert [control for control, tip in grey.items() if usable[control] == tip] == []


def test_no_text_of_a_button_or_label_is_cut_off(sized: MainWindow) -> None:
    cut = []
    for widget in (*sized.findChildren(QAbstractButton), *sized.findChildren(QLabel)):
        text = widget.text()
        if not text or not widget.isVisible() or (isinstance(widget, QLabel) and widget.wordWrap()):
            continue
        lines = text.replace("&", "").split("\n")
        wide = max(QFontMetrics(widget.font()).horizontalAdvance(line) for line in lines)
        if wide > widget.width() + 1:
            cut.append(f"{described(widget)} needs {wide}, has {widget.width()}")
    assert cut == []


def test_what_is_chosen_in_a_field_is_not_cut_off(sized: MainWindow) -> None:
    cut = []
    for field in (*sized.findChildren(QComboBox), *sized.findChildren(QSpinBox)):
        if not field.isVisible():
            continue
        text = field.currentText() if isinstance(field, QComboBox) else field.text()
        wide = QFontMetrics(field.font()).horizontalAdvance(text) + 24
        if wide > field.width():
            cut.append(f"{field.accessibleName()}: {text!r} needs {wide}, has {field.width()}")
    assert cut == []


def test_nothing_lies_outside_of_the_window(sized: MainWindow) -> None:
    area = sized.rect()
    outside = [
        described(w)
        for w in controls(sized)
        if w.isVisible()
        and not isinstance(w, QAbstractSlider | QScrollBar)
        and not in_a_scrolled_place(w)
        and not area.contains(w.rect().translated(w.mapTo(sized, w.rect().topLeft())))
    ]
    assert outside == []


def in_a_scrolled_place(widget: QWidget) -> bool:
    from PySide6.QtWidgets import QAbstractScrollArea

    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


@pytest.mark.parametrize("name", THEME_NAMES)
def test_text_is_legible_in_every_theme(
    full: MainWindow, sessions: Sessions, name: str, qtbot: QtBot
) -> None:
    show_theme(QApplication.instance(), name)
    sessions.settings.set_theme(name)
    faint = [
        f"{described(w)} {ratio:.1f}"
        for w in controls(full)
        if (ratio := contrast_of(w)) < ENOUGH and w.isEnabled()
    ]
    assert faint == []


def contrast_of(widget: QWidget) -> float:
    widget.ensurePolished()
    ink = widget.palette().color(QPalette.ColorRole.WindowText).name()
    behind: QWidget | None = widget
    while behind is not None:
        behind.ensurePolished()
        paper = behind.palette().color(QPalette.ColorRole.Window)
        if paper.alpha():
            return contrast_ratio(ink, paper.name())
        behind = behind.parentWidget()
    return 1.0
