"""The dialog of models."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.models.catalogue import GIB
from acestep_desktop.models.machine import Machine
from acestep_desktop.models.overview import ModelState, overview
from acestep_desktop.models.store import ModelStore
from acestep_desktop.session.models import ModelProgress
from acestep_desktop.ui.models_dialog import ModelsDialog

MACHINE = Machine("RTX 4070", 12 * GIB, 32 * GIB)


class FakeModels(QObject):
    """Remembers what was wished."""

    models_changed = Signal(tuple)
    progressed = Signal(object)
    busy_changed = Signal(bool)
    said = Signal(str)
    failed = Signal(str)

    def __init__(self, states: tuple[ModelState, ...], folder: Path) -> None:
        super().__init__()
        self.states, self.folder, self.machine = states, folder, MACHINE
        self.free_bytes = 50 * 10**9
        self.busy = False
        self.progress = ModelProgress("", 0.0, "")
        self.ended_with = ""
        self.wished: list[tuple[str, object]] = []

    def refresh(self) -> None:
        self.models_changed.emit(self.states)

    def cancel(self) -> None:
        self._wish("cancel", None)

    def download(self, name: str) -> None:
        self._wish("download", name)
        self.busy = True
        self.busy_changed.emit(True)

    def import_from(self, folder: Path) -> None:
        self._wish("import", folder)

    def verify(self, name: str) -> None:
        self._wish("verify", name)

    def remove(self, name: str) -> None:
        self._wish("remove", name)

    def _wish(self, verb: str, what: object) -> None:
        self.wished.append((verb, what))


@pytest.fixture
def models(qapp: QCoreApplication, tmp_path: Path) -> FakeModels:
    states = overview(ModelStore(tmp_path), MACHINE)
    here = replace(states[1], installed=True)
    begun = replace(states[2], begun_bytes=2 * 10**9)
    return FakeModels((states[0], here, begun, *states[3:]), tmp_path)


@pytest.fixture
def dialog(models: FakeModels, qtbot: QtBot) -> ModelsDialog:
    dialog = ModelsDialog(models)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def yes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Agree to every question; return those that were asked."""
    asked: list[str] = []

    def answer(parent: QWidget, title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", answer)
    return asked


def button(dialog: ModelsDialog, name: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.accessibleName() == name)


def table(dialog: ModelsDialog) -> QTableWidget:
    return dialog.findChild(QTableWidget)


def said(dialog: ModelsDialog) -> str:
    return next(
        label.text()
        for label in dialog.findChildren(QLabel)
        if label.accessibleName() == "What is being done"
    )


def test_the_model_to_begin_with_is_selected(dialog: ModelsDialog) -> None:
    row = table(dialog).currentRow()
    assert table(dialog).item(row, 0).text() == "ACE-Step 1.5 turbo (2B)"
    assert table(dialog).item(row, 3).text() == "fits this card: begin here"


def test_no_cell_is_cut(dialog: ModelsDialog) -> None:
    cells = table(dialog)
    for row in range(cells.rowCount()):
        for column in range(cells.columnCount()):
            wanted = cells.sizeHintForIndex(cells.model().index(row, column))
            assert cells.rowHeight(row) >= wanted.height(), cells.item(row, column).text()
            if column < cells.columnCount() - 1:
                assert cells.columnWidth(column) >= wanted.width()


def test_each_model_says_its_state(dialog: ModelsDialog) -> None:
    states = [table(dialog).item(row, 2).text() for row in range(4)]
    assert states == ["to download", "on this disk", "begun: 2.0 GB", "to download"]


def test_a_download_shows_licence_and_size_first(
    dialog: ModelsDialog, models: FakeModels, yes: list[str]
) -> None:
    button(dialog, "Download").click()
    assert "MIT" in yes[0] and "6.3 GB" in yes[0]
    assert models.wished == [("download", "turbo")]


def test_without_agreement_nothing_is_fetched(
    dialog: ModelsDialog, models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = QMessageBox.StandardButton.No
    monkeypatch.setattr(QMessageBox, "question", lambda *_: no)
    button(dialog, "Download").click()
    assert models.wished == []


def test_a_model_that_is_here_is_verified_and_removed_not_downloaded(
    dialog: ModelsDialog, models: FakeModels, yes: list[str]
) -> None:
    table(dialog).selectRow(1)
    assert not button(dialog, "Download").isEnabled()
    assert button(dialog, "Download").toolTip() == "It is on this disk already"
    button(dialog, "Verify").click()
    button(dialog, "Remove").click()
    assert models.wished == [("verify", "base"), ("remove", "base")]
    assert "Delete 6.3 GB" in yes[0]


def test_a_download_that_was_begun_goes_on_or_is_removed(
    dialog: ModelsDialog, models: FakeModels, yes: list[str]
) -> None:
    table(dialog).selectRow(2)
    assert button(dialog, "Download").text().startswith("Go on")
    button(dialog, "Remove").click()
    assert "Delete 2.0 GB" in yes[0]
    assert not button(dialog, "Verify").isEnabled()


def test_a_folder_is_imported(
    dialog: ModelsDialog, models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/stick/model")
    button(dialog, "Import a folder").click()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    button(dialog, "Import a folder").click()
    assert models.wished == [("import", Path("/stick/model"))]


def test_a_job_shows_its_progress_and_can_be_cancelled(
    dialog: ModelsDialog, models: FakeModels, yes: list[str]
) -> None:
    button(dialog, "Download").click()
    models.progressed.emit(ModelProgress("turbo", 0.25, "1.6 GB of 6.3 GB, 40 MB/s"))
    assert dialog.findChild(QProgressBar).value() == 250
    assert said(dialog) == "turbo: 25%, 1.6 GB of 6.3 GB, 40 MB/s"
    assert not button(dialog, "Download").isEnabled()
    assert button(dialog, "Download").toolTip().startswith("Wait for the job")
    button(dialog, "Cancel").click()
    assert models.wished[-1] == ("cancel", None)


def test_how_the_last_job_ended_is_there_when_the_dialog_is_opened_again(
    models: FakeModels, qtbot: QtBot
) -> None:
    models.ended_with = "The hub cannot be reached."
    dialog = ModelsDialog(models)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    assert said(dialog) == "The hub cannot be reached."


def test_how_a_job_ended_stays_to_be_read(dialog: ModelsDialog, models: FakeModels) -> None:
    models.failed.emit("The hub cannot be reached.")
    models.busy_changed.emit(False)
    models.models_changed.emit(models.states)
    assert said(dialog) == "The hub cannot be reached."


def test_a_damaged_model_can_be_looked_at_and_removed(
    dialog: ModelsDialog, models: FakeModels
) -> None:
    models.models_changed.emit((replace(models.states[0], damaged=True), *models.states[1:]))
    table(dialog).selectRow(0)
    assert table(dialog).item(0, 2).text().startswith("damaged")
    assert button(dialog, "Verify").isEnabled() and button(dialog, "Remove").isEnabled()
    assert not button(dialog, "Download").isEnabled()


Kind = type[QWidget]


@pytest.mark.parametrize("kind", [QPushButton, QTableWidget, QProgressBar])
def test_every_control_has_a_name_and_a_tooltip(dialog: ModelsDialog, kind: Kind) -> None:
    is_ours: Callable[[QWidget], bool] = lambda w: "Close" not in getattr(w, "text", str)()  # noqa: E731
    for widget in filter(is_ours, dialog.findChildren(kind)):
        assert widget.accessibleName() and widget.toolTip(), widget
