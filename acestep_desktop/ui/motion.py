"""Motion: what of the toolkit moves by itself, for those whom that disturbs."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

_EFFECTS: Final = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
)
_USUAL_MS: Final = 1_000
"""How long a cursor takes to blink."""


def show_motion(reduced: bool) -> None:
    """Let menus and tooltips appear at once and the cursor stand still, or as is usual."""
    for effect in _EFFECTS:
        QApplication.setEffectEnabled(effect, not reduced)
    QApplication.setCursorFlashTime(0 if reduced else _USUAL_MS)
