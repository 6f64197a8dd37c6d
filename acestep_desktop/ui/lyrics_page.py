"""Lyrics: what is to be sung, in which language, under which sections."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.lyrics import LANGUAGES, SECTION_TAGS, read_lyrics, with_tag
from acestep_desktop.domain.request import MAX_LYRICS
from acestep_desktop.ui.lyrics_edit import LyricsEdit
from acestep_desktop.ui.prompt_fields import name

_READ_AFTER_MS: Final = 150
_LANGUAGE_WIDTH: Final = 124
_SHARE: Final = 8
"""The editor is at least this part of the window high: more where there is room."""

_LEAST_HEIGHT: Final = 60
INSTRUMENTAL: Final = "Instrumental: nothing is sung while this is empty"


class LyricsPage(QWidget):
    """Where lyrics are written. `changed` says that they, or their language, are others;
    `generate_wanted` that Ctrl+Enter was pressed.
    """

    changed = Signal()
    generate_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds: float | None = None
        self._cannot = self._warned = ""
        self._edit = LyricsEdit()
        self._section = QToolButton()
        self._language = QComboBox()
        self._count = QLabel()
        self._warning = QLabel()
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_READ_AFTER_MS)
        self._make()
        self._lay_out()
        self._reading.timeout.connect(self.read)
        self._edit.textChanged.connect(self._reading.start)
        self._edit.textChanged.connect(self.changed)
        self._language.currentIndexChanged.connect(self._reading.start)
        self._language.currentIndexChanged.connect(self.changed)
        self._edit.installEventFilter(self)
        self.read()

    @property
    def lyrics(self) -> str:
        """What is to be sung; empty for instrumental music."""
        text = self._edit.toPlainText().strip()
        return "".join(c for c in text if c.isprintable() or c == "\n")[:MAX_LYRICS]

    @property
    def language(self) -> str:
        """The code of the language."""
        return str(self._language.currentData())

    def show_lyrics(self, lyrics: str, language: str) -> None:
        """Put lyrics into the editor."""
        self._edit.setPlainText(lyrics)
        self._language.setCurrentIndex(max(0, self._language.findData(language)))
        self.read()

    def show_length(self, seconds: float | None) -> None:
        """Say how long the music will be, as far as it is known."""
        if seconds != self._seconds:
            self._seconds = seconds
            self._reading.start()

    def show_singer(self, cannot: str) -> None:
        """Say why the engine does not sing, or with nothing that it does."""
        self._cannot = cannot
        self.read()

    def write(self) -> None:
        """Let the person write."""
        self._edit.setFocus()

    @Slot()
    def read(self) -> None:
        """Say what will be hard to sing."""
        self._reading.stop()
        reading = read_lyrics(
            self._edit.toPlainText(), language=self.language, seconds=self._seconds
        )
        self._edit.show_reading(reading)
        lines = f"{reading.sung} line{'' if reading.sung == 1 else 's'}"
        counted = f"{lines}, {reading.syllables} syllables"
        self._count.setText(counted if reading.sung else "Instrumental")
        self._count.setToolTip(
            "About as many as are sung" if reading.sung else "Nothing is sung: no line is written"
        )
        warnings = [self._cannot] if self._cannot and reading.sung else []
        warnings += reading.warnings
        more = f" (and {len(warnings) - 1} more)" if len(warnings) > 1 else ""
        self._warned = warnings[0] + more if warnings else ""
        self._warning.setToolTip("\n".join(warnings))
        self._warning.setVisible(bool(warnings))
        self._fit_warning()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_warning()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._edit.setMinimumHeight(max(_LEAST_HEIGHT, self.window().height() // _SHARE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.generate_wanted.emit()
                return True
        return super().eventFilter(watched, event)

    def _make(self) -> None:
        name(self._edit, "Lyrics", "What is sung, section by section; empty: instrumental")
        self._edit.setPlaceholderText(INSTRUMENTAL)
        self._edit.setMinimumHeight(_LEAST_HEIGHT)
        self._edit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._section.setText("Section")
        self._section.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._section.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        name(self._section, "Section", "Write a section tag, such as [chorus], at the cursor")
        menu = QMenu(self._section)
        for tag in SECTION_TAGS:
            menu.addAction(f"[{tag}]").setData(tag)
        menu.triggered.connect(self._write_tag)
        self._section.setMenu(menu)
        for code, title in LANGUAGES.items():
            self._language.addItem(title, code)
        self._language.setMaximumWidth(_LANGUAGE_WIDTH)
        name(self._language, "Language of the lyrics", "In which language they are sung")
        self._count.setObjectName("quiet")
        self._warning.setObjectName("warning")
        # One line: a page in a stack cannot grow with its words. The tooltip has them all.
        self._warning.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._section)
        top.addWidget(self._language)
        top.addStretch(1)
        top.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._edit, 1)
        layout.addWidget(self._warning)

    def _fit_warning(self) -> None:
        room = max(80, self.width())
        shown = self._warning.fontMetrics().elidedText(
            self._warned, Qt.TextElideMode.ElideRight, room
        )
        self._warning.setText(shown)

    @Slot(QAction)
    def _write_tag(self, action: QAction) -> None:
        cursor = self._edit.textCursor()
        text, at = with_tag(self._edit.toPlainText(), cursor.position(), str(action.data()))
        whole = self._edit.textCursor()
        whole.select(whole.SelectionType.Document)
        whole.insertText(text)  # as one step that can be undone
        cursor = self._edit.textCursor()
        cursor.setPosition(at)
        self._edit.setTextCursor(cursor)
        self._edit.setFocus()
