"""Questions before something is lost."""

from collections.abc import Sequence

from PySide6.QtWidgets import QMessageBox, QWidget


def may_replace(parent: QWidget, what: str) -> bool:
    """Ask whether `what`, which is on the disk, may be replaced."""
    return _agreed(parent, "Replace", f"{what} is there already. Replace it?")


def may_break_off(parent: QWidget, work: Sequence[str]) -> bool:
    """Ask whether what is still being done may be broken off."""
    lost = " and ".join(work)
    question = f"Quitting now would break off {lost}. Quit all the same?"
    return _agreed(parent, "Still at work", question)


def _agreed(parent: QWidget, title: str, question: str) -> bool:
    """Ask; nothing is lost unless the person says yes."""
    button = QMessageBox.StandardButton
    answer = QMessageBox.question(
        parent, title, question, button.Yes | button.Cancel, button.Cancel
    )
    return bool(answer == button.Yes)
