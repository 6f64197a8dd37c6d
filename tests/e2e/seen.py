"""The program as it is, with somebody who says where things are on the screen.

Run as `python -m tests.e2e.seen`, with the arguments of the program. Each line of
its input is a question, each line of its output the answer as JSON: `widget NAME`
is answered by where the visible widget with this accessible name lies, as x, y,
width and height on the screen, or null; `clips` by where the clips of the timeline lie,
each with its name and row. Nothing is done for anybody: hands and keys do that.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QPoint, QSocketNotifier, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication

from acestep_desktop.ui import main_window
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT
from acestep_desktop.ui.timeline.view import TimelineView

_QUESTIONS: Final = 0


class SeenWindow(main_window.MainWindow):
    """The window; it also answers where things are."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._questions = QSocketNotifier(_QUESTIONS, QSocketNotifier.Type.Read, self)
        self._questions.activated.connect(self._answer)
        self._unread = b""
        self._told = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._told:
            self._told = True
            say("shown")

    @Slot()
    def _answer(self) -> None:
        data = os.read(_QUESTIONS, 65_536)
        if not data:
            self._questions.setEnabled(False)
            return
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            word, _, name = line.decode().partition(" ")
            say(self._clips() if word == "clips" else area_of(name))

    def _clips(self) -> list[dict[str, Any]]:
        view = self.findChild(TimelineView)
        assert view is not None
        scale, top = view.viewport.scale, view.viewport.top
        found = []
        for row, lane in enumerate(view.viewport.lanes.lanes):
            for span in lane.spans:
                left, right = scale.x_of_frame(span.start), scale.x_of_frame(span.end)
                corner = QPoint(round(left), row * ROW_HEIGHT - top)
                at = view.canvas.mapToGlobal(corner)
                area = [at.x(), at.y(), round(right - left), ROW_HEIGHT]
                found.append({"name": span.clip.name, "row": row, "area": area})
        return found


def area_of(name: str) -> list[int] | None:
    """Return where the leftmost visible widget of a name lies on the screen.

    Of a name that tells more behind a colon, the words before it are enough.
    """
    areas = [
        (at.x(), at.y(), widget.width(), widget.height())
        for widget in QApplication.allWidgets()
        if widget.isVisible() and widget.accessibleName().partition(":")[0] == name
        for at in (widget.mapToGlobal(QPoint(0, 0)),)
    ]
    return list(min(areas)) if areas else None


def say(answer: object) -> None:
    """Say an answer in one piece, at once."""
    os.write(1, json.dumps(answer).encode() + b"\n")


def main() -> int:
    """Run the program until it is ended."""
    main_window.MainWindow = SeenWindow  # type: ignore[misc]
    # Only now: it takes the window's name from there.
    from acestep_desktop import app

    project = Path(sys.argv[1]) if sys.argv[1:] else None
    return app.main(project)


if __name__ == "__main__":
    sys.exit(main())
