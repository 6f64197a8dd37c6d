"""The task page: audio in its place, and a request's task out of its fields."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QSlider,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.request import (
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Repaint,
    TextToMusic,
    Variation,
)
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.sources import Source, SourceSession
from acestep_desktop.ui.task_choice import TASKS, TaskChoice
from acestep_desktop.ui.task_page import TaskPage
from acestep_desktop.ui.task_zone import SourceZone, length_words
from tests.ui.conftest import keep


@pytest.fixture
def sources(takes: TakeLibrary) -> Iterator[SourceSession]:
    session = SourceSession(takes)
    yield session
    session.close()


@pytest.fixture
def page(sources: SourceSession, qtbot: QtBot) -> TaskPage:
    page = TaskPage(sources)
    qtbot.addWidget(page)
    page.resize(420, 140)
    page.show()
    return page


@pytest.fixture
def take(takes: TakeLibrary) -> StoredTake:
    return takes.get(keep(takes, "warm house"))


def named(page: TaskPage, kind: type, name: str):
    return next(w for w in page.findChildren(kind) if w.accessibleName() == name)


def shown(page: TaskPage) -> set[str]:
    kinds = (QDoubleSpinBox, QSlider, QComboBox, QToolButton)
    found = (w for kind in kinds for w in page.findChildren(kind))
    outside = (w for w in found if not isinstance(w.parent(), SourceZone))
    return {w.accessibleName() for w in outside if w.isVisibleTo(page)}


def given(page: TaskPage, take: StoredTake, key: str, qtbot: QtBot) -> TaskPage:
    page.show_task(key)
    page.look(take.path)
    qtbot.waitUntil(lambda: page.zone.source is not None and page.zone.source.facts is not None)
    return page


def data_of(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(zone: SourceZone, *paths: Path) -> bool:
    data, at = data_of(*paths), QPointF(10, 10)
    buttons, held = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(10, 10), Qt.DropAction.CopyAction, data, buttons, held)
    zone.dragEnterEvent(entering)
    if entering.isAccepted():
        zone.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, buttons, held))
    return entering.isAccepted()


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("reference", set()),
        ("cover", {"Keep"}),
        ("variation", {"Change"}),
        ("repaint", {"From", "To"}),
        ("extend", {"Before", "After", "Unit"}),
        ("add_layer", {"Track"}),
        ("extract", {"Track"}),
        ("complete", {"Tracks"}),
    ],
)
def test_each_task_shows_just_its_fields(page: TaskPage, key: str, fields: set[str]) -> None:
    page.show_task(key)
    assert shown(page) == fields


def test_new_music_needs_nothing(page: TaskPage) -> None:
    page.show_task("new")
    assert page.task() == TextToMusic() and page.reference() is None


@pytest.mark.parametrize("key", [key for key in TASKS if key not in ("new", "reference")])
def test_a_task_without_its_source_says_what_is_missing(page: TaskPage, key: str) -> None:
    page.show_task(key)
    with pytest.raises(InvalidValueError, match="needs a source: drop audio or a take"):
        page.task()


def test_a_reference_is_no_source(page: TaskPage, take: StoredTake, qtbot: QtBot) -> None:
    page.show_task("reference")
    with pytest.raises(InvalidValueError, match="needs a reference"):
        page.reference()
    given(page, take, "reference", qtbot)
    assert page.task() == TextToMusic()
    assert page.reference() == str(take.path)


def test_the_fields_become_the_task(page: TaskPage, take: StoredTake, qtbot: QtBot) -> None:
    path = str(take.path)
    given(page, take, "cover", qtbot)
    assert page.task() == Cover(path, 0.7)
    named(page, QSlider, "Keep").setValue(35)
    assert page.task() == Cover(path, 0.35)
    page.show_task("variation")
    assert page.task() == Variation(path, 0.5)
    page.show_task("cover")
    assert page.task() == Cover(path, 0.35)
    page.show_task("extend")
    assert page.task() == Extend(path, 0.0, 10.0)
    named(page, QDoubleSpinBox, "Before").setValue(2.5)
    assert page.task() == Extend(path, 2.5, 10.0)
    page.show_task("add_layer")
    named(page, QComboBox, "Track").setCurrentText("Strings")
    assert page.task() == AddLayer(path, "strings")
    page.show_task("extract")
    assert page.task() == Extract(path, "strings")


def test_several_tracks_complete_a_source(page: TaskPage, take: StoredTake, qtbot: QtBot) -> None:
    given(page, take, "complete", qtbot)
    tracks = named(page, QToolButton, "Tracks")
    assert page.task() == Complete(str(take.path), ("bass", "drums"))
    assert tracks.text() == "Bass, Drums"
    for action in tracks.menu().actions():
        action.setChecked(action.data() in ("vocals", "backing_vocals", "fx", "guitar"))
    tracks.menu().triggered.emit(tracks.menu().actions()[0])
    assert page.task() == Complete(str(take.path), ("fx", "guitar", "backing_vocals", "vocals"))
    assert tracks.text() == "FX, Guitar, Backing vocals and 1 more"
    for action in tracks.menu().actions():
        action.setChecked(False)
    with pytest.raises(InvalidValueError, match="which tracks"):
        page.task()


def test_bars_are_as_long_as_the_tempo_of_the_source(
    page: TaskPage, take: StoredTake, qtbot: QtBot
) -> None:
    given(page, take, "extend", qtbot)
    named(page, QComboBox, "Unit").setCurrentText("bars")
    named(page, QDoubleSpinBox, "After").setValue(4)
    assert page.task() == Extend(str(take.path), 0.0, 8.0)
    page.put(Source(take.path, "no tempo", Music(), 2.0))
    with pytest.raises(InvalidValueError, match="tempo of the source is not known"):
        page.task()


def test_a_range_begins_as_the_middle_half(page: TaskPage, take: StoredTake, qtbot: QtBot) -> None:
    given(page, take, "repaint", qtbot)
    assert page.task() == Repaint(str(take.path), 0.5, 1.5)


def test_a_range_that_is_given_stays(page: TaskPage, take: StoredTake, qtbot: QtBot) -> None:
    page.show_task("repaint")
    page.look(take.path, (0.25, 0.75))
    qtbot.waitUntil(lambda: page.zone.source.facts is not None)
    assert page.task() == Repaint(str(take.path), 0.25, 0.75)


def test_a_range_is_drawn_and_its_edge_moved(
    page: TaskPage, take: StoredTake, qtbot: QtBot
) -> None:
    given(page, take, "repaint", qtbot)
    outline, width = page.zone.outline, page.zone.outline.width()

    def drag(start: float, end: float) -> None:
        at = (QPoint(round(width * share), 10) for share in (start, end))
        qtbot.mousePress(outline, Qt.MouseButton.LeftButton, pos=next(at))
        qtbot.mouseMove(outline, next(at))
        qtbot.mouseRelease(outline, Qt.MouseButton.LeftButton)

    drag(0.05, 0.15)
    task = page.task()
    assert isinstance(task, Repaint)
    assert (task.from_s, task.to_s) == pytest.approx((0.1, 0.3), abs=0.02)
    drag(0.15, 0.5)
    task = page.task()
    assert isinstance(task, Repaint)
    assert (task.from_s, task.to_s) == pytest.approx((0.1, 1.0), abs=0.02)


def test_a_range_is_moved_by_keys(page: TaskPage, take: StoredTake, qtbot: QtBot) -> None:
    given(page, take, "repaint", qtbot)
    outline, path = page.zone.outline, str(take.path)
    qtbot.keyClick(outline, Qt.Key.Key_Right)
    assert page.task() == Repaint(path, 0.75, 1.75)
    qtbot.keyClick(outline, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert page.task() == Repaint(path, 0.75, 2.0)
    qtbot.keyClick(outline, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert page.task() == Repaint(path, 0.5, 2.0)
    qtbot.keyClick(outline, Qt.Key.Key_Right)
    assert page.task() == Repaint(path, 0.5, 2.0)
    assert "0.50 to 2.00 seconds" in outline.accessibleName()


def test_only_a_repaint_has_a_range_to_choose(
    page: TaskPage, take: StoredTake, qtbot: QtBot
) -> None:
    given(page, take, "cover", qtbot)
    outline = page.zone.outline
    assert outline.focusPolicy() is Qt.FocusPolicy.NoFocus
    with qtbot.assertNotEmitted(outline.chosen):
        qtbot.mousePress(outline, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        qtbot.mouseMove(outline, QPoint(60, 5))


def test_a_take_or_a_file_is_dropped(page: TaskPage, take: StoredTake, qtbot: QtBot) -> None:
    page.show_task("cover")
    assert drop(page.zone, take.path)
    assert page.task() == Cover(str(take.path), 0.7)
    assert page.zone.accessibleName() == f"Source: {take.title}   2.0 s"
    qtbot.waitUntil(lambda: page.zone.source.facts is not None)
    assert page.zone.outline.isVisibleTo(page)


def test_what_is_no_audio_is_refused_in_words(page: TaskPage, tmp_path: Path, qtbot: QtBot) -> None:
    page.show_task("cover")
    with qtbot.waitSignal(page.said) as said:
        drop(page.zone, tmp_path / "film.mp4")
    assert "film.mp4" in said.args[0]
    assert page.zone.source is None


def test_of_several_files_the_first_is_taken(
    page: TaskPage, take: StoredTake, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.said) as said:
        drop(page.zone, take.path, tmp_path / "other.wav")
    assert "One file is enough" in said.args[0]
    assert page.zone.source.path == take.path


def test_words_are_not_audio(page: TaskPage) -> None:
    data = QMimeData()
    data.setText("hello")
    event = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    page.zone.dragEnterEvent(event)
    assert not event.isAccepted()


def test_a_damaged_file_says_so_and_makes_no_task(
    page: TaskPage, tmp_path: Path, qtbot: QtBot
) -> None:
    page.show_task("cover")
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF nothing")
    with qtbot.waitSignal(page.said):
        drop(page.zone, path)
    with pytest.raises(InvalidValueError, match=r"broken\.wav"):
        page.task()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_keyboard_browses_and_clears(
    page: TaskPage, take: StoredTake, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, key: Qt.Key
) -> None:
    answer = lambda *_: (str(take.path), "")  # noqa: E731
    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    qtbot.keyClick(page.zone, key)
    assert page.zone.source.path == take.path
    qtbot.keyClick(page.zone, Qt.Key.Key_Delete)
    assert page.zone.source is None
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    named(page, QAbstractButton, "Browse").click()
    assert page.zone.source is None


def test_a_click_on_an_empty_place_browses(
    page: TaskPage, take: StoredTake, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(take.path), ""))
    qtbot.mouseClick(page.zone, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert page.zone.source.path == take.path
    named(page, QAbstractButton, "Clear").click()
    assert page.zone.source is None


def test_lengths_are_read_as_people_read_them() -> None:
    assert [length_words(s) for s in (0.5, 59.94, 60.0, 184.2)] == [
        "0.5 s",
        "59.9 s",
        "1:00",
        "3:04",
    ]


def test_tasks_that_cannot_be_done_are_grey_and_say_why(qtbot: QtBot) -> None:
    choice = TaskChoice()
    qtbot.addWidget(choice)
    choice.show_refusals(lambda kind: "Only a base model can do this." if kind == "Extract" else "")
    rows = {entry.key: row for row, entry in enumerate(TASKS.values())}
    model = choice.model()
    assert not model.item(rows["extract"]).isEnabled()
    assert choice.itemData(rows["extract"], Qt.ItemDataRole.ToolTipRole).startswith("Only a base")
    assert model.item(rows["cover"]).isEnabled()
    with qtbot.waitSignal(choice.changed) as changed:
        choice.choose("extract")
    assert changed.args == ["extract"] and choice.kind == "Extract"
    assert choice.toolTip().startswith("Only a base model")


def test_a_range_of_audio_that_nobody_knows_yet_stays(
    page: TaskPage, take: StoredTake, tmp_path: Path, qtbot: QtBot
) -> None:
    elsewhere = tmp_path / "outside.wav"
    elsewhere.write_bytes(take.path.read_bytes())
    page.show_task("repaint")
    page.look(elsewhere, (0.25, 0.75))
    assert page.zone.source is not None and page.zone.source.seconds is None
    qtbot.waitUntil(lambda: page.zone.source.facts is not None)
    assert page.task() == Repaint(str(elsewhere), 0.25, 0.75)


def test_a_range_that_is_typed_before_the_length_is_known_stays(
    page: TaskPage, take: StoredTake, tmp_path: Path, qtbot: QtBot
) -> None:
    elsewhere = tmp_path / "outside.wav"
    elsewhere.write_bytes(take.path.read_bytes())
    page.show_task("repaint")
    page.look(elsewhere)
    named(page, QDoubleSpinBox, "To").setValue(1.25)
    qtbot.waitUntil(lambda: page.zone.source.facts is not None)
    assert page.task() == Repaint(str(elsewhere), 0.0, 1.25)


def test_the_arrows_move_by_whole_bars(page: TaskPage, take: StoredTake, qtbot: QtBot) -> None:
    given(page, take, "extend", qtbot)
    after = named(page, QDoubleSpinBox, "After")
    after.setValue(4)
    after.stepUp()
    assert after.value() == 4.5
    named(page, QComboBox, "Unit").setCurrentText("bars")
    after.setValue(4)
    after.stepUp()
    assert (after.value(), after.text()) == (5.0, "5")
