"""The choice of a task: what is to be made; what the engine cannot do is grey and says why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from acestep_desktop.ui.prompt_fields import name


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """A task as a person chooses it. `kind` is the name of its value in a request."""

    key: str
    label: str
    kind: str
    tip: str


NEW: Final = "new"
REFERENCE: Final = "reference"
TASKS: Final = {
    entry.key: entry
    for entry in (
        TaskEntry(NEW, "New music", "TextToMusic", "Music from words alone"),
        TaskEntry(
            REFERENCE, "Like a reference", "TextToMusic", "New music that sounds like other audio"
        ),
        TaskEntry("cover", "Cover", "Cover", "Keep the structure of audio, change its style"),
        TaskEntry("repaint", "Repaint a span", "Repaint", "Make a span of audio anew"),
        TaskEntry(
            "extend", "Extend", "Extend", "Go on after the end of audio, or before its start"
        ),
        TaskEntry("variation", "Variation", "Variation", "Something like existing audio"),
        TaskEntry("add_layer", "Add a layer", "AddLayer", "Play one more track to audio"),
        TaskEntry("complete", "Complete", "Complete", "Accompany audio with several tracks"),
        TaskEntry("extract", "Extract a track", "Extract", "Take one track out of audio"),
    )
}
"""All tasks, in the order of the list."""

Refusal = Callable[[str], str]
"""Returns why a task of this kind cannot be done, or nothing."""


class TaskChoice(QComboBox):
    """A list of tasks. `changed` carries the key of the one that was chosen."""

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for entry in TASKS.values():
            self.addItem(entry.label, entry.key)
        name(self, "Task", "What is to be made; greyed tasks say why in the list")
        self.show_refusals(lambda kind: "")
        self.currentIndexChanged.connect(self._tell)

    @property
    def key(self) -> str:
        """The key of the task that is chosen."""
        return str(self.currentData())

    @property
    def kind(self) -> str:
        """The name of the task's value in a request."""
        return TASKS[self.key].kind

    def choose(self, key: str) -> None:
        """Choose a task, even one that cannot be done: why not is said."""
        self.setCurrentIndex(self.findData(key))

    def show_refusals(self, refusal: Refusal) -> None:
        """Show which tasks cannot be done, and why."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        for row, entry in enumerate(TASKS.values()):
            why = refusal(entry.kind)
            model.item(row).setEnabled(not why)
            self.setItemData(row, why or entry.tip, Qt.ItemDataRole.ToolTipRole)
        self._explain()

    @Slot()
    def _tell(self) -> None:
        self._explain()
        self.changed.emit(self.key)

    def _explain(self) -> None:
        tip = self.itemData(self.currentIndex(), Qt.ItemDataRole.ToolTipRole)
        self.setToolTip(f"{tip}. Greyed tasks in the list say why".replace("..", "."))
