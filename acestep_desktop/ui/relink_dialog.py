"""The dialog of missing files: which takes a project misses, and where to look for them."""

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.session.relink import Located, Media, RelinkSession, media_name

_HELP = (
    "Choose a folder that may hold them (all folders in it are searched), or the files "
    "themselves. A file is taken when its sound is that of the take, whatever its name; it is "
    "then copied into your library."
)
_FILTER = "WAV files (*.wav *.WAV);;All files (*)"


class RelinkDialog(QDialog):
    """Lists missing takes and lets the person point at files or a folder."""

    def __init__(self, relink: RelinkSession, folder: Path, parent: QWidget | None = None) -> None:
        """File dialogs begin in `folder`."""
        super().__init__(parent)
        self.setWindowTitle("Locate missing files")
        self.setMinimumSize(520, 360)
        self._relink, self._folder = relink, folder
        self._state = QLabel()
        self._state.setAccessibleName("Missing takes")
        self._state.setWordWrap(True)
        self._names = QListWidget()
        self._names.setAccessibleName("Names of the missing takes")
        self._names.setToolTip("These takes are silent in the project")
        self._help = QLabel(_HELP)
        self._help.setObjectName("quiet")
        self._help.setWordWrap(True)
        self._choose_folder = QPushButton("Search a &folder…")
        self._choose_files = QPushButton("Choose &files…")
        self._close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._lay_out()
        self._choose_folder.clicked.connect(self._ask_folder)
        self._choose_files.clicked.connect(self._ask_files)
        self._close.rejected.connect(self.accept)
        relink.missing_changed.connect(self.show_missing)
        relink.located.connect(self._show_located)
        self.show_missing(relink.missing)

    def _lay_out(self) -> None:
        for button in (self._choose_folder, self._choose_files):
            button.setAccessibleName(button.text().replace("&", ""))
        buttons = QHBoxLayout()
        buttons.addWidget(self._choose_folder)
        buttons.addWidget(self._choose_files)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.addWidget(self._state)
        layout.addWidget(self._names, 1)
        layout.addWidget(self._help)
        layout.addLayout(buttons)

    @Slot(tuple)
    def show_missing(self, missing: tuple[Media, ...]) -> None:
        """Show which takes are missing."""
        self._names.clear()
        self._names.addItems([media_name(media) for media in missing])
        count = len(missing)
        what = "A take of this project is" if count == 1 else f"{count} takes of this project are"
        self._state.setText(f"{what} missing." if count else "No take of this project is missing.")
        self._let_choose()

    @Slot()
    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Search a folder", str(self._folder))
        if name:
            self._look([Path(name)])

    @Slot()
    def _ask_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Choose files", str(self._folder), _FILTER)
        if names:
            self._look([Path(name) for name in names])

    def _look(self, places: list[Path]) -> None:
        self._folder = places[0] if places[0].is_dir() else places[0].parent
        self._relink.locate(places)
        self._state.setText("Looking, and listening to what fits…")
        self._let_choose()

    @Slot(object)
    def _show_located(self, located: Located) -> None:
        self.show_missing(located.missing)
        self._state.setText(located.sentence)

    def _let_choose(self) -> None:
        reason = "" if self._names.count() else "No take is missing"
        if self._relink.looking:
            reason = "Wait: the search goes on"
        for button, tip in (
            (self._choose_folder, "Look through a folder and all folders in it"),
            (self._choose_files, "Point at the files themselves"),
        ):
            button.setEnabled(not reason)
            button.setToolTip(reason or tip)
