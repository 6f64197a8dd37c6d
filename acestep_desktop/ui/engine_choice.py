"""Who makes the music: the engine, and the model it uses."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from acestep_desktop.session.engines import BUILT_IN, ENGINES
from acestep_desktop.ui.prompt_fields import name

_GET: Final = "get a model"
_LABELS: Final = {"2B": "", "XL": " XL"}


class EngineChoice(QWidget):
    """Two lists. `changed` says that engine or model is another; `models_wanted` opens a shop.

    An engine without models is there all the same: it says how to get one.
    """

    changed = Signal()
    models_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine, self._model = QComboBox(), QComboBox()
        self._get = QPushButton("Get a model…")
        self._wanted: str | None = None
        self._shown: tuple[tuple[str, str], ...] | None = None
        self._fill_engines()
        name(self._engine, "Engine", "What makes the music; greyed engines say why in the list")
        name(self._model, "Model", "Which weights make the music; automatic: those that can do it")
        name(self._get, "Get a model", "Choose and download weights for ACE-Step, or import them")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self._engine, self._model, self._get):
            row.addWidget(part)
        self._model.hide()
        self._get.hide()
        self._engine.currentIndexChanged.connect(self._change_engine)
        self._model.activated.connect(self._take_model)
        self._get.clicked.connect(self.models_wanted)

    @property
    def engine(self) -> str:
        """The engine that is chosen."""
        return str(self._engine.currentData())

    @property
    def model(self) -> str | None:
        """The model that is chosen; None leaves it to the task."""
        return self._wanted if self.engine != BUILT_IN else None

    @property
    def kept_model(self) -> str | None:
        """The model that was chosen last, even while an engine without models is."""
        return self._wanted

    def choose(self, engine: str, model: str | None = None) -> None:
        """Choose an engine, if it is part of this version, and a model."""
        row = self._engine.findData(engine)
        if row < 0 or ENGINES[engine].entry is None:
            return
        same_engine, same_model = engine == self.engine, model == self._wanted
        self._wanted = model
        self._show_wanted()
        if not same_engine:
            self._engine.setCurrentIndex(row)
        elif not same_model:
            self.changed.emit()

    def show_models(self, models: Sequence[tuple[str, str]] | None) -> None:
        """Show models as (name, label); None where the engine has none to choose, or is not known.

        Without any, a button says how to get one.
        """
        wanted = None if models is None else tuple(models)
        if wanted != self._shown:
            self._shown = wanted
            self._fill_models(wanted)
        self._model.setVisible(bool(wanted))
        self._get.setVisible(wanted == ())

    def _fill_engines(self) -> None:
        for key, entry in ENGINES.items():
            self._engine.addItem(entry.label, key)
            row = self._engine.count() - 1
            tip = f"Needs {entry.needs}"
            model = self._engine.model()
            if entry.entry is None and isinstance(model, QStandardItemModel):
                model.item(row).setEnabled(False)
                tip = f"Not part of this version. It needs {entry.needs}"
            self._engine.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)

    def _fill_models(self, models: Sequence[tuple[str, str]] | None) -> None:
        self._model.clear()
        self._model.addItem("Automatic", None)
        for key, label in models or ():
            self._model.addItem(label, key)
        self._model.insertSeparator(self._model.count())
        self._model.addItem("Get a model…", _GET)
        # Models that are not known yet say nothing of the one that is wanted.
        if models is not None and self._wanted not in dict(models):
            self._wanted = None
        self._show_wanted()

    def _show_wanted(self) -> None:
        row = self._model.findData(self._wanted) if self._wanted is not None else 0
        self._model.setCurrentIndex(max(0, row))

    @Slot()
    def _change_engine(self) -> None:
        self.show_models(None)
        self.changed.emit()

    @Slot()
    def _take_model(self) -> None:
        chosen = self._model.currentData()
        if chosen == _GET:
            self._show_wanted()
            self.models_wanted.emit()
        elif chosen != self._wanted:
            self._wanted = chosen
            self.changed.emit()


def model_label(name: str, kind: str, size: str) -> str:
    """Return the short name of a model: "turbo", "base XL", or the name it was imported under."""
    usual = f"{kind}{_LABELS.get(size, '')}"
    return usual if name in (kind, f"xl-{kind}") else name
