"""Questions before something is lost."""

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
