"""Notes: what was not understood of a prompt, and what stands in the way of making it."""

from collections.abc import Sequence

from PySide6.QtWidgets import QLabel, QWidget


class PromptNotes(QLabel):
    """A few quiet lines, hidden while there are none.

    `understood` comes of the words, `trouble` of the last thing that was tried or typed,
    `reason` of the engine.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("quiet")
        self.setWordWrap(True)
        self._parts: dict[str, str] = {"understood": "", "trouble": "", "reason": ""}
        self._compact = False
        self._show()

    def show_understood(self, ignored: Sequence[str], notes: Sequence[str] = ()) -> None:
        """Show which words were not understood, and what else is to be said of them."""
        words = ", ".join(ignored[:12])
        lines = [f"Not understood: {words}" if words else "", *notes[:2]]
        self._note("understood", "\n".join(line for line in lines if line))

    def show_trouble(self, sentence: str) -> None:
        """Show why it cannot be asked for, or with nothing that it can."""
        self._note("trouble", sentence)

    def show_reason(self, sentence: str) -> None:
        """Show what the engine says of it."""
        self._note("reason", sentence)

    def set_compact(self, on: bool) -> None:
        """Take no room, or as much as is needed."""
        self._compact = on
        self._show()

    def _note(self, part: str, sentence: str) -> None:
        self._parts[part] = sentence
        self._show()

    def _show(self) -> None:
        text = "\n".join(dict.fromkeys(part for part in self._parts.values() if part))
        self.setText(text)
        self.setVisible(bool(text) and not self._compact)
