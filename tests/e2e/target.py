"""A second program: a window that takes what is dropped on it, and says what it was.

Run as `python -m tests.e2e.target X Y`. Prints `ready`, then for every drop a line
of JSON: the action, the formats, and for each file its path and a hash of its bytes.
"""

import hashlib
import json
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel


class Target(QLabel):
    """Takes copies, and nothing else."""

    def __init__(self) -> None:
        super().__init__("Drop here")
        self.setAcceptDrops(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWindowTitle("Drop target")
        self.resize(400, 400)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
        report = {
            "action": event.dropAction().name,
            "formats": event.mimeData().formats(),
            "files": [[str(path), hashlib.sha256(path.read_bytes()).hexdigest()] for path in paths],
        }
        event.acceptProposedAction()
        print(json.dumps(report), flush=True)


def main() -> int:
    """Wait for drops until it is ended."""
    application = QApplication(sys.argv[:1])
    target = Target()
    target.move(int(sys.argv[1]), int(sys.argv[2]))
    target.show()
    print("ready", flush=True)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
