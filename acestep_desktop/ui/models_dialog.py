"""The dialog of models: what there is, what is here, and what suits this machine."""

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.session.models import ModelProgress, ModelSession, ModelState, in_words

_COLUMNS = ("Model", "Size", "State", "This machine", "Card memory", "What it does")
_STEPS = 1000


class ModelsDialog(QDialog):
    """A table of models, and what can be done with the one that is selected."""

    def __init__(self, models: ModelSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self.setMinimumSize(980, 520)
        self._models = models
        self._table = QTableWidget(0, len(_COLUMNS))
        self._about = _quiet("About the selected model")
        self._place = _quiet("Where models are kept")
        self._state = QLabel()
        self._progress = QProgressBar()
        self._download = QPushButton("&Download…")
        self._import = QPushButton("&Import a folder…")
        self._verify = QPushButton("&Verify")
        self._remove = QPushButton("&Remove…")
        self._cancel = QPushButton("&Cancel")
        self._close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._prepare_table()
        self._name()
        self._lay_out()
        self._connect()
        self.show_models(models.states)
        self._show_progress(models.progress)
        models.refresh()

    @Slot(tuple)
    def show_models(self, states: tuple[ModelState, ...]) -> None:
        """Show all models; the one that was selected stays so, at first the one to begin with."""
        chosen = self._selected()
        name = chosen.name if chosen else next((s.name for s in states if s.best), "")
        self._table.setRowCount(len(states))
        for row, state in enumerate(states):
            for column, text in enumerate(_cells(state)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                item.setData(Qt.ItemDataRole.UserRole, state)
                self._table.setItem(row, column, item)
            if state.name == name:
                self._table.selectRow(row)
        self._show_place()
        self._show_selected()

    def _prepare_table(self) -> None:
        table = self._table
        table.setHorizontalHeaderLabels(_COLUMNS)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setWordWrap(True)
        table.setTextElideMode(Qt.TextElideMode.ElideNone)
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setHighlightSections(False)

    def _name(self) -> None:
        self._state.setWordWrap(True)
        self._state.setText(self._models.ended_with)
        self._progress.setRange(0, _STEPS)
        self._progress.setTextVisible(False)
        named: tuple[tuple[QWidget, str, str], ...] = (
            (self._table, "Models", "Every model there is, and every model that is here"),
            (self._state, "What is being done", "The job that runs, or how the last one ended"),
            (self._progress, "Progress", "How far the job is"),
            (self._download, "Download", "Get the selected model from the hub, or go on with it"),
            (self._import, "Import a folder", "Take a model from a folder, which stays as it is"),
            (self._verify, "Verify", "Compare every byte of the selected model with what it was"),
            (self._remove, "Remove", "Delete the selected model, or what has arrived of it"),
            (self._cancel, "Cancel", "Stop; what has arrived of a download is kept"),
        )
        for widget, name, tip in named:
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        verbs = QHBoxLayout()
        for button in (self._download, self._import, self._verify, self._remove):
            button.setAutoDefault(False)
            verbs.addWidget(button)
        verbs.addStretch(1)
        job = QHBoxLayout()
        job.addWidget(self._progress, 1)
        job.addWidget(self._cancel)
        layout = QVBoxLayout(self)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._about)
        layout.addLayout(verbs)
        layout.addWidget(self._state)
        layout.addLayout(job)
        layout.addWidget(self._place)
        layout.addWidget(self._close)

    def _connect(self) -> None:
        self._table.itemSelectionChanged.connect(self._show_selected)
        self._download.clicked.connect(self._ask_download)
        self._import.clicked.connect(self._ask_import)
        self._verify.clicked.connect(self._do_verify)
        self._remove.clicked.connect(self._ask_remove)
        self._cancel.clicked.connect(self._models.cancel)
        self._close.rejected.connect(self.accept)
        self._models.models_changed.connect(self.show_models)
        self._models.progressed.connect(self._show_progress)
        self._models.busy_changed.connect(self._show_busy)
        self._models.said.connect(self._state.setText)
        self._models.failed.connect(self._state.setText)

    def _selected(self) -> ModelState | None:
        items = self._table.selectedItems()
        state = items[0].data(Qt.ItemDataRole.UserRole) if items else None
        return state if isinstance(state, ModelState) else None

    @Slot()
    def _show_selected(self) -> None:
        state = self._selected()
        if state is not None:
            from_where = f" Revision {state.revision[:12]}." if state.revision else ""
            self._about.setText(
                f"{state.label}: {state.abilities}.\nNeeds {state.needs} (the makers' figures). "
                f"Licence: {state.licence}.{from_where}"
            )
        self._let_choose()

    def _show_place(self) -> None:
        free = in_words(self._models.free_bytes)
        machine = self._models.machine
        card = machine.card if machine and machine.card else "no card that can be used"
        self._place.setText(
            f"{self._models.folder}, {free} free. This machine: {card}.\n"
            "Set ACESTEP_MODELS to keep models somewhere else. Nothing is fetched unasked."
        )

    def _let_choose(self) -> None:
        state, busy = self._selected(), self._models.busy
        here = state is not None and (state.installed or state.damaged)
        begun = state is not None and state.begun_bytes > 0
        may_download = state is not None and state.offered and not here
        for button, may, why in (
            (self._download, may_download, "It is on this disk already"),
            (self._verify, here, "Only a model that is on this disk can be verified"),
            (self._remove, here or begun, "There is nothing of it on this disk"),
            (self._import, True, ""),
        ):
            reason = "Wait for the job that runs, or cancel it" if busy else why
            button.setEnabled(may and not busy)
            button.setToolTip(self._tip_of(button) if button.isEnabled() else reason)
        self._download.setText("Go on with the &download…" if begun else "&Download…")
        self._cancel.setEnabled(busy)
        self._cancel.setToolTip(self._tip_of(self._cancel) if busy else "Nothing runs")
        self._progress.setEnabled(busy)

    def _tip_of(self, button: QPushButton) -> str:
        return {
            self._download: "Get the selected model from the hub, or go on with it",
            self._import: "Take a model from a folder, which stays as it is",
            self._verify: "Compare every byte of the selected model with what it was",
            self._remove: "Delete the selected model, or what has arrived of it",
            self._cancel: "Stop; what has arrived of a download is kept",
        }[button]

    @Slot(object)
    def _show_progress(self, progress: ModelProgress) -> None:
        self._progress.setValue(round(progress.fraction * _STEPS))
        if self._models.busy:
            percent = f"{progress.fraction:.0%}"
            self._state.setText(f"{progress.name}: {percent}, {progress.label}")

    @Slot(bool)
    def _show_busy(self, busy: bool) -> None:
        if not busy:
            self._progress.setValue(0)
        self._let_choose()

    @Slot()
    def _ask_download(self) -> None:
        state = self._selected()
        if state is None:
            return
        text = (
            f"{state.label} takes about {in_words(state.bytes)}.\n\nLicence: {state.licence}.\n"
            f"On this machine it {state.suits}.\n\nDownload it?"
        )
        if self._agreed("Download a model", text):
            self._models.download(state.name)

    @Slot()
    def _ask_import(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Import a model", str(Path.home()))
        if name:
            self._models.import_from(Path(name))

    @Slot()
    def _do_verify(self) -> None:
        state = self._selected()
        if state is not None:
            self._models.verify(state.name)

    @Slot()
    def _ask_remove(self) -> None:
        state = self._selected()
        if state is None:
            return
        size = in_words(state.bytes if state.installed else state.begun_bytes)
        if self._agreed("Remove a model", f"Delete {size} of {state.label} from this disk?"):
            self._models.remove(state.name)

    def _agreed(self, title: str, text: str) -> bool:
        yes = QMessageBox.StandardButton.Yes
        return QMessageBox.question(self, title, text) == yes


def _cells(state: ModelState) -> tuple[str, ...]:
    begin = ": begin here" if state.best and not state.installed else ""
    return (
        state.label,
        in_words(state.bytes),
        state.state,
        f"{state.suits}{begin}",
        f"{state.vram_bytes // 2**30} GB",
        state.abilities,
    )


def _quiet(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName("quiet")
    label.setAccessibleName(name)
    label.setWordWrap(True)
    return label
