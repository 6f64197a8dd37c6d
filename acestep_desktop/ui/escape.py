"""Esc, which leaves one thing at a time: a widget with something to leave has the key first."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent


def is_escape(event: QEvent) -> bool:
    """Return whether `event` is about the Esc key."""
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape


def claims(event: QEvent, leaves: bool) -> bool:
    """Keep a key from the window's shortcuts if a widget `leaves` something by it; return whether.

    For a widget's `event`: a shortcut has the key unless the widget claims it first.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not leaves:
        return False
    event.accept()
    return True
