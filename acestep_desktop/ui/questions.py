"""Questions before something is lost."""

from collections.abc import Sequence

from PySide6.QtWidgets import QMessageBox, QWidget


def may_replace(parent: QWidget, what: str) -> bool:
    """Ask whether `what`, which is on the disk, may be replaced."""
    button = QMessageBox.StandardButton
    answer = QMessageBox.question(
        parent,
        "Replace",
        f"{what} is there already. Replace it?",
        button.Yes | button.Cancel,
        button.Cancel,
    )
    return bool(answer == button.Yes)


def may_break_off(parent: QWidget, work: Sequence[str]) -> bool:
    """Ask whether what is still being done may be broken off."""
    button = QMessageBox.StandardButton
    answer = QMessageBox.question(
        parent,
        "Still at work",
        f"Quitting now would break off {' and '.join(work)}. Quit all the same?",
        button.Yes | button.Cancel,
        button.Cancel,
    )
    return bool(answer == button.Yes)
