"""LoRA files: which are added to the model, and how strongly each acts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.request import Adapter
from acestep_desktop.ui.prompt_fields import name

SUFFIX: Final = ".safetensors"
MOST: Final = 8
_MOST_STRENGTH: Final = 2.0


class AdapterRow(QWidget):
    """One LoRA: its name, its strength, and a button that removes it."""

    changed = Signal()
    removed = Signal(object)

    def __init__(self, adapter: Adapter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("row")
        self._path = adapter.path
        title = Path(adapter.path).stem
        label = QLabel()
        label.setText(self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, 170))
        label.setToolTip(adapter.path)
        self._strength = QDoubleSpinBox()
        self._strength.setRange(-_MOST_STRENGTH, _MOST_STRENGTH)
        self._strength.setSingleStep(0.05)
        self._strength.setValue(adapter.strength)
        name(self._strength, f"Strength of {title}", "How strongly it acts; 1 as it was trained")
        remove = QToolButton()
        remove.setText("✕")
        remove.setObjectName("small")
        remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        name(remove, f"Remove {title}", "Use this LoRA no more; its file stays")
        remove.clicked.connect(self._remove)
        self._strength.valueChanged.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label, 1)
        row.addWidget(self._strength)
        row.addWidget(remove)

    @property
    def adapter(self) -> Adapter:
        """The LoRA as it is set."""
        return Adapter(self._path, round(self._strength.value(), 2))

    @Slot()
    def _remove(self) -> None:
        self.removed.emit(self)


class AdapterList(QWidget):
    """LoRA files, added by a drop or a dialog. `changed` says that something is another."""

    changed = Signal()
    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._rows: list[AdapterRow] = []
        self._add = QPushButton("Add LoRA…")
        self._add.setObjectName("small")
        name(self._add, "Add LoRA", "Choose a .safetensors file, or drop one here")
        self._add.clicked.connect(self.browse)
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(2)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setMinimumHeight(34)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._add, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(scroll, 1)

    @property
    def adapters(self) -> tuple[Adapter, ...]:
        """The LoRA files, in their order."""
        return tuple(row.adapter for row in self._rows)

    def show_adapters(self, adapters: Sequence[Adapter]) -> None:
        """Show these and no others."""
        for row in self._rows[:]:
            self._drop(row)
        for adapter in adapters:
            self._put(adapter)

    def add(self, path: Path) -> None:
        """Add a file at full strength, once; what is no LoRA is refused in words."""
        if path.suffix.lower() != SUFFIX:
            self.said.emit(f'"{path.name}" is no LoRA: choose a {SUFFIX} file.')
        elif len(self._rows) >= MOST:
            self.said.emit(f"{MOST} LoRA files are the most at once: remove one first.")
        elif str(path) not in (adapter.path for adapter in self.adapters):
            self._put(Adapter(str(path)))
            self.changed.emit()

    @Slot()
    def browse(self) -> None:
        """Ask for a file."""
        chosen, _ = QFileDialog.getOpenFileName(self, "Add LoRA", "", f"LoRA (*{SUFFIX})")
        if chosen:
            self.add(Path(chosen))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        for url in event.mimeData().urls():
            self.add(Path(url.toLocalFile()))

    def _put(self, adapter: Adapter) -> None:
        row = AdapterRow(adapter)
        row.changed.connect(self.changed)
        row.removed.connect(self._remove)
        self._rows.append(row)
        self._list.insertWidget(self._list.count() - 1, row)

    @Slot(object)
    def _remove(self, row: AdapterRow) -> None:
        self._drop(row)
        self.changed.emit()

    def _drop(self, row: AdapterRow) -> None:
        self._rows.remove(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
