"""How the model samples: steps, shift, guidance and LoRA; what is empty is the checkpoint's."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.request import Adapter, Sampling
from acestep_desktop.session.model_presets import Preset
from acestep_desktop.ui.engine_adapters import AdapterList
from acestep_desktop.ui.prompt_fields import name

_MOST_STEPS: Final = 200
_MOST_SHIFT: Final = 10.0
_MOST_GUIDANCE: Final = 20.0


class AdvancedPage(QWidget):
    """Fields for those who know the model. `changed` says that one is another."""

    changed = Signal()
    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = QSpinBox()
        self._steps.setRange(0, _MOST_STEPS)
        self._shift = QDoubleSpinBox()
        self._shift.setRange(0.0, _MOST_SHIFT)
        self._shift.setSingleStep(0.5)
        self._guidance = QDoubleSpinBox()
        self._guidance.setRange(0.0, _MOST_GUIDANCE)
        self._guidance.setSingleStep(0.5)
        for spin in (self._shift, self._guidance):
            spin.setDecimals(1)
        self.adapters = AdapterList()
        self.show_preset(None)
        self._lay_out()
        for field in (self._steps, self._shift, self._guidance):
            field.valueChanged.connect(self.changed)
        self.adapters.changed.connect(self.changed)
        self.adapters.said.connect(self.said)

    @property
    def sampling(self) -> Sampling:
        """What was set; None is left to the checkpoint's preset."""
        return Sampling(
            steps=self._steps.value() or None,
            shift=round(self._shift.value(), 2) or None,
            guidance_scale=round(self._guidance.value(), 2) or None,
        )

    def show_sampling(self, sampling: Sampling, adapters: tuple[Adapter, ...]) -> None:
        """Show what was set before."""
        self._steps.setValue(sampling.steps or 0)
        self._shift.setValue(sampling.shift or 0.0)
        self._guidance.setValue(sampling.guidance_scale or 0.0)
        self.adapters.show_adapters(adapters)

    def show_preset(self, preset: Preset | None) -> None:
        """Show what the checkpoint's own values are, where a field is left to it."""
        steps, shift = ("preset", "preset") if preset is None else (preset.steps, preset.shift)
        self._steps.setSpecialValueText(f"{steps}")
        self._shift.setSpecialValueText(f"{shift}")
        own = " The lowest value leaves it to the checkpoint."
        name(self._steps, "Steps", "More steps take longer and may be finer." + own)
        name(self._shift, "Shift", "Higher: more of the steps shape the whole." + own)
        distilled = preset is not None and preset.guidance is None
        guided = "preset" if preset is None else preset.guidance or "none"
        self._guidance.setSpecialValueText(f"{guided}")
        self._guidance.setEnabled(not distilled)
        name(
            self._guidance,
            "Guidance",
            "Turbo models have their guidance built in: choose a base or SFT model to set it."
            if distilled
            else "How closely the words are followed." + own,
        )

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for title, field in (
            ("&Steps", self._steps),
            ("Sh&ift", self._shift),
            ("G&uidance", self._guidance),
        ):
            label = QLabel(title)
            label.setObjectName("quiet")
            label.setBuddy(field)
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(label)
            column.addWidget(field)
            row.addLayout(column)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.adapters, 1)
