"""One quiet line: the engine, its model, where it runs, and the memory it holds."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from acestep_desktop.session.engines import BUILT_IN, ENGINES
from acestep_desktop.ui.prompt_fields import name

if TYPE_CHECKING:
    from acestep_desktop.session.engine_state import EngineState, Estimate

_MOMENT_S: Final = 5.0
"""What takes less needs no warning."""


class EngineLine(QWidget):
    """Shows the state of one engine; `unload_wanted` carries its name."""

    unload_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = ""
        self._words = QLabel()
        self._words.setObjectName("quiet")
        self._unload = QToolButton()
        self._unload.setText("Unload")
        self._unload.setObjectName("quiet")
        self._unload.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._unload.hide()
        self._unload.clicked.connect(self.unload)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._words)
        row.addWidget(self._unload)

    @property
    def words(self) -> str:
        """What the line says."""
        return self._words.text()

    @Slot()
    def unload(self) -> None:
        """Ask for the engine's memory."""
        if self._engine:
            self.unload_wanted.emit(self._engine)

    def show_state(self, state: "EngineState", device: str = "") -> None:
        """Show an engine; `device` is where it computes, as far as it is known."""
        self._engine = state.engine
        heavy = state.engine != BUILT_IN
        parts = [ENGINES[state.engine].label if state.engine in ENGINES else state.engine]
        if state.identity is not None and heavy and state.identity.model:
            parts.append(state.identity.model.partition("@")[0])
        if heavy and device:
            parts.append(device)
        parts.append(_memory_words(state))
        self._words.setText("  ·  ".join(part for part in parts if part))
        self._words.adjustSize()
        self._words.setToolTip(state.trouble or "The engine, and the memory that its process holds")
        self._unload.setVisible(heavy and state.memory_bytes > 0)
        self._unload.setEnabled(not state.busy)
        why = "Not while it works" if state.busy else "the next job loads it again"
        name(self._unload, "Unload", f"Give the engine's memory back to other programs: {why}")


def cost_words(estimate: "Estimate") -> str:
    """Return what a job will cost, no more exactly than anyone knows; nothing for a moment's."""
    if estimate.work_s < _MOMENT_S:
        return ""
    minutes = estimate.work_s / 60
    time = f"{estimate.work_s:.0f} s" if minutes < 1.5 else f"{minutes:.0f} min"
    return f"about {time}, {estimate.peak_bytes / 2**30:.1f} GiB of memory"


def _memory_words(state: "EngineState") -> str:
    if not state.memory_bytes:
        return "not loaded" if state.is_known else ""
    size = state.memory_bytes / 2**30
    held = f"{size:.1f} GiB" if size >= 1 else f"{state.memory_bytes / 2**20:.0f} MiB"
    return f"{held}, at work" if state.busy else held
