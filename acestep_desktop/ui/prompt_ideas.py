"""Ideas: presets and prompts that were used, in a menu."""

from functools import partial
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from acestep_desktop.session.prompts import Preset, PromptShelf
from acestep_desktop.ui.prompt_fields import name

_MAX_RECENT: Final = 12
_SAVE: Final = "save"


class IdeasButton(QToolButton):
    """`words_chosen` carries a prompt, `preset_chosen` a preset; `save_wanted` asks to add one."""

    words_chosen = Signal(str)
    preset_chosen = Signal(object)
    save_wanted = Signal()

    def __init__(self, shelf: PromptShelf | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self.setText("Ideas")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        name(self, "Ideas", "Presets, and the prompts you used")
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        menu.triggered.connect(self._choose)
        self._deletable = QMenu("Delete a preset", menu)
        self.setMenu(menu)

    @Slot()
    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        if self._shelf is None:
            return
        for preset in self._shelf.presets:
            menu.addAction(preset.name).setData(preset)
        menu.addSeparator()
        menu.addAction("Save as preset…").setData(_SAVE)
        self._deletable.clear()
        for preset in self._shelf.own:
            delete = partial(self._shelf.delete, preset.name)
            self._deletable.addAction(preset.name).setData(delete)
        if self._deletable.actions():
            menu.addMenu(self._deletable)
        menu.addSeparator()
        for words in self._shelf.history[:_MAX_RECENT]:
            menu.addAction(words if len(words) <= 60 else f"{words[:57]}…").setData((words,))

    @Slot(QAction)
    def _choose(self, action: QAction) -> None:
        idea = action.data()
        if idea == _SAVE:
            self.save_wanted.emit()
        elif isinstance(idea, Preset):
            self.preset_chosen.emit(idea)
        elif isinstance(idea, partial):
            idea()
        elif isinstance(idea, tuple | list):
            self.words_chosen.emit(str(idea[0]))
