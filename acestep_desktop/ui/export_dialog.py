"""The export dialog: what, from where to where, and in which format."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.session.export import (
    DEPTHS,
    RATES,
    Export,
    ExportSession,
    RenderFormat,
    safe_file_name,
)
from acestep_desktop.ui.questions import may_replace

_DEPTH_NAMES = {"16": "16 bit, dithered", "24": "24 bit", "32f": "32 bit float"}


class ExportDialog(QDialog):
    """Writes the mix and the stems of a project; stays open to show what became of it."""

    def __init__(
        self,
        export: ExportSession,
        project: Project,
        paths: Callable[[], Mapping[TakeId, Path]],
        folder: Path,
        parent: QWidget | None = None,
        *,
        selected: TickRange | None = None,
    ) -> None:
        """The files are named like `project`; `selected` is what is chosen on the timeline.

        `paths` is asked when the export begins: by then takes that were still being looked
        for are found.
        """
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setMinimumWidth(520)
        self._export, self._project, self._paths = export, project, paths
        self._selected = selected
        self._folder = QLineEdit(str(folder))
        self._browse = QPushButton("Choose…")
        self._mix = QCheckBox("Mix")
        self._stems = QCheckBox("Stems, one file per track")
        self._range = QComboBox()
        self._format = QComboBox()
        self._rate = QComboBox()
        self._depth = QComboBox()
        self._progress = QProgressBar()
        self._said = QLabel()
        self._write = QPushButton("Export")
        self._cancel = QPushButton("Cancel")
        self._reveal = QPushButton("Open folder")
        self._fill()
        self._name()
        self._lay_out()
        self._connect()

    def _fill(self) -> None:
        self._mix.setChecked(True)
        self._range.addItem("Whole project", None)
        tempo = self._project.tempo
        for what, part in (("Loop", self._project.loop), ("Selected range", self._selected)):
            if part is not None:
                start, end = tempo.position_at(part.start), tempo.position_at(part.end)
                self._range.addItem(f"{what}, {start} to {end}", part)
        self._format.addItems(["WAV", "FLAC"])
        for rate in RATES:
            self._rate.addItem(f"{rate / 1000:g} kHz", rate)
        self._rate.setCurrentIndex(RATES.index(48_000))
        for depth in DEPTHS:
            self._depth.addItem(_DEPTH_NAMES[depth], depth)
        self._depth.setCurrentIndex(DEPTHS.index("24"))
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setVisible(False)
        self._said.setWordWrap(True)
        self._said.setMinimumHeight(36)
        self._reveal.setVisible(False)
        self._write.setObjectName("primary")

    def _name(self) -> None:
        named: tuple[tuple[QWidget, str, str], ...] = (
            (self._folder, "Folder", "Where the files are written"),
            (self._browse, "Choose folder", "Choose another folder"),
            (self._mix, "Mix", "What is heard, with the master's limiter"),
            (self._stems, "Stems", "One file per track, all of one length, before the limiter"),
            (self._range, "Range", "Which part is written; the whole ends on a bar line"),
            (self._format, "Format", "FLAC is as good as 24-bit WAV, and half as large"),
            (self._rate, "Sample rate", "The rate of your DAW project"),
            (self._depth, "Bit depth", "24 bit suits every DAW; 32 bit float never clips"),
            (self._progress, "Export progress", "How much is written"),
            (self._write, "Export", "Write the files (Enter)"),
            (self._cancel, "Close", "Cancel the export, or close (Esc)"),
            (self._reveal, "Open folder", "Show the files in the file manager"),
        )
        for widget, name, tip in named:
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.addWidget(self._folder, 1)
        place.addWidget(self._browse)
        what = QHBoxLayout()
        what.addWidget(self._mix)
        what.addWidget(self._stems)
        what.addStretch(1)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.addRow("Write", what)
        form.addRow("Range", self._range)
        form.addRow("Format", self._format)
        form.addRow("Sample rate", self._rate)
        form.addRow("Bit depth", self._depth)
        form.addRow("Folder", place)
        buttons = QHBoxLayout()
        buttons.addWidget(self._reveal)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._write)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._progress)
        layout.addWidget(self._said)
        layout.addLayout(buttons)
        # Enter means Export wherever the focus is; without this it is the first button.
        for button in (self._browse, self._cancel, self._reveal):
            button.setAutoDefault(False)
        self._write.setDefault(True)

    def _connect(self) -> None:
        self._write.clicked.connect(self._start)
        self._cancel.clicked.connect(self.reject)
        self._browse.clicked.connect(self._choose_folder)
        self._reveal.clicked.connect(self._open_folder)
        self._format.currentIndexChanged.connect(self._fit_depth)
        self._export.progressed.connect(self._show_progress)
        self._export.finished.connect(self._show_files)
        self._export.failed.connect(self._show_end)
        self._export.cancelled.connect(self._show_cancelled)

    @Slot()
    def _start(self) -> None:
        if not (self._mix.isChecked() or self._stems.isChecked()):
            self._said.setText("Choose the mix, the stems, or both.")
            return
        wish = self._wish()
        replaced = " and ".join(f'"{name}"' for name in wish.replaced())
        if replaced and not may_replace(self, replaced):
            return
        self._write.setEnabled(False)
        self._write.setToolTip("The files are being written")
        self._progress.setValue(0)
        self._progress.setVisible(True)
        self._reveal.setVisible(False)
        self._said.setText("Writing…")
        self._export.start(wish)

    def _wish(self) -> Export:
        folder = Path(self._folder.text()).expanduser()
        name = safe_file_name(self._project.name)
        suffix = self._format.currentText().lower()
        return Export(
            project=self._project,
            paths=self._paths(),
            form=RenderFormat(self._rate.currentData(), self._depth.currentData()),
            mix=folder / f"{name}.{suffix}" if self._mix.isChecked() else None,
            stems=folder / f"{name} stems" if self._stems.isChecked() else None,
            part=self._range.currentData(),
        )

    @Slot()
    def reject(self) -> None:
        """Cancel what is being written, else close: Esc, Cancel and the window's cross alike."""
        if self._export.running:
            self._export.cancel()
        else:
            super().reject()

    @Slot()
    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder", self._folder.text())
        if chosen:
            self._folder.setText(chosen)

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder.text()))

    @Slot()
    def _fit_depth(self) -> None:
        flac = self._format.currentText() == "FLAC"
        if flac:
            self._depth.setCurrentIndex(DEPTHS.index("24"))
        self._depth.setEnabled(not flac)
        self._depth.setToolTip(
            "FLAC is written with 24 bits"
            if flac
            else "24 bit suits every DAW; 32 bit float never clips"
        )

    @Slot(float)
    def _show_progress(self, fraction: float) -> None:
        self._progress.setValue(round(fraction * 1000))

    @Slot(list)
    def _show_files(self, files: list[Path]) -> None:
        self._show_end(
            f"{len(files)} file{'s' if len(files) != 1 else ''} written: {files[0].name}"
        )
        self._reveal.setVisible(True)

    @Slot()
    def _show_cancelled(self) -> None:
        self._show_end("Cancelled: nothing half-written was left behind.")

    @Slot(str)
    def _show_end(self, sentence: str) -> None:
        self._progress.setVisible(False)
        self._write.setEnabled(True)
        self._write.setToolTip("Write the files (Enter)")
        self._said.setText(sentence)
