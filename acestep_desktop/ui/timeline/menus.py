"""The menus of the timeline: what a right click offers on a clip, a track, the ruler, nothing."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPointF, Signal, Slot
from PySide6.QtGui import QAction, QColor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.project import TRACK_COLOURS, TrackId
from acestep_desktop.domain.song_edits import remove_marker
from acestep_desktop.domain.time import Tick
from acestep_desktop.ui.take_actions import SEND, SENDABLE
from acestep_desktop.ui.timeline.editor import TimelineEditor
from acestep_desktop.ui.timeline.headers import HeaderColumn
from acestep_desktop.ui.timeline.ruler import Ruler
from acestep_desktop.ui.timeline.track_verbs import TrackVerbs
from acestep_desktop.ui.timeline.verbs import TimelineVerbs

_COLOUR_NAMES: Final = ("Blue", "Orange", "Teal", "Coral", "Purple", "Yellow", "Cyan", "Pink")
_CLIP_VERBS: Final = (
    *(
        "Split at the playhead",
        "Duplicate",
        "Rename clip",
        "",
        "Cut",
        "Copy",
        "Paste at the playhead",
        "Delete",
    ),
    *("Delete and close the gap", "", "Mute clip", "Louder", "Softer", "Crossfade neighbours", ""),
    *("Begin at the playhead", "End at the playhead", "Fade in up to the playhead"),
    *("Fade out from the playhead", "", "Loop the selection", "Range of the clips"),
    "Zoom to the selection",
)
_RANGE_VERBS: Final = (
    *("Copy", "Cut", "Duplicate", "", "Delete", "Delete and close the gap", ""),
    *("Loop the selection", "Zoom to the selection"),
)
_EMPTY_VERBS: Final = (
    *("Paste at the playhead", "Select all", "", "Add a track", "", "Snap to the grid"),
    *(
        "Range tool",
        "Slip tool",
        "Range of the loop",
        "",
        "Show everything",
        "Loop the selection",
        "Remove the loop",
    ),
)


class TimelineMenus(QObject):
    """Builds each menu when it is wanted.

    `located` carries a tick; `task_wanted` the key of a task for what is selected.
    """

    located = Signal(int)
    task_wanted = Signal(str)

    def __init__(
        self,
        editor: TimelineEditor,
        verbs: TimelineVerbs,
        tracks: TrackVerbs,
        ruler: Ruler,
        headers: HeaderColumn,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._widget = parent
        self._editor = editor
        self._verbs = verbs
        self._tracks = tracks
        self._ruler = ruler
        self._headers = headers

    def of_clips(self, at: Tick) -> QMenu:
        """Return the menu of the selected clips, for a click at a tick."""
        menu = self._menu()
        _add(menu, "Split here", partial(self._editor.split, at))
        self._add_verbs(menu, _CLIP_VERBS)
        self._add_tasks(menu)
        return menu

    def of_range(self) -> QMenu:
        """Return the menu of the selected range."""
        menu = self._menu()
        self._add_verbs(menu, _RANGE_VERBS)
        self._add_tasks(menu)
        return menu

    def of_empty(self, at: Tick) -> QMenu:
        """Return the menu of a place without clips."""
        menu = self._menu()
        _add(menu, "Put the playhead here", partial(self.located.emit, at))
        _add(menu, "Add a marker here", partial(self._ruler.add_marker, at))
        menu.addSeparator()
        self._add_verbs(menu, _EMPTY_VERBS)
        return menu

    def of_ruler(self, at: Tick, marker: Marker | None) -> QMenu:
        """Return the menu of the ruler, or of the marker that was hit."""
        menu = self._menu()
        if marker is None:
            _add(menu, "Add a marker here", partial(self._ruler.add_marker, at))
        else:
            _add(menu, "Rename marker", partial(self._ruler.rename, marker))
            remove = partial(remove_marker, marker=marker)
            document = self._editor.document
            _add(menu, "Delete marker", partial(document.apply, "Delete marker", remove))
        _add(menu, "Put the playhead here", partial(self.located.emit, at))
        menu.addSeparator()
        self._add_verbs(menu, ("Loop the selection", "Remove the loop", "Show everything"))
        return menu

    def of_track(self, track_id: TrackId) -> QMenu:
        """Return the menu of a track."""
        menu, tracks = self._menu(), self._tracks
        header = self._headers.header_of(track_id)
        if header is not None:
            _add(menu, "Rename", header.edit_name)
        colours = menu.addMenu("Colour")
        for name, colour in zip(_COLOUR_NAMES, TRACK_COLOURS, strict=True):
            swatch = QPixmap(14, 14)
            swatch.fill(QColor(colour))
            paint = partial(tracks.set_colour, track_id, colour)
            _add(colours, name, paint).setIcon(QIcon(swatch))
        menu.addSeparator()
        _add(menu, "Mute", partial(tracks.toggle_mute, track_id))
        _add(menu, "Solo", partial(tracks.toggle_solo, track_id))
        menu.addSeparator()
        _add(menu, "Move up", partial(tracks.move, track_id, -1))
        _add(menu, "Move down", partial(tracks.move, track_id, 1))
        _add(menu, "Duplicate track", partial(tracks.duplicate, track_id))
        _add(menu, "Delete track", partial(tracks.remove, track_id))
        menu.addSeparator()
        self._add_verbs(menu, ("Add a track",))
        return menu

    @Slot(int, object, QPointF)
    def show_ruler(self, tick: int, marker: Marker | None, at: QPointF) -> None:
        """Show the ruler's menu on the screen."""
        self.of_ruler(Tick(tick), marker).popup(at.toPoint())

    @Slot(str, QPointF)
    def show_track(self, track_id: str, at: QPointF) -> None:
        """Show a track's menu on the screen."""
        self.of_track(TrackId(track_id)).popup(at.toPoint())

    def _menu(self) -> QMenu:
        menu = QMenu(self._widget)
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _add_tasks(self, menu: QMenu) -> None:
        menu.addSeparator()
        for key in ("repaint", "extend"):
            _add(menu, SENDABLE[key], partial(self.task_wanted.emit, key))
        more = menu.addMenu(SEND)
        for key, title in SENDABLE.items():
            if key not in ("repaint", "extend"):
                _add(more, title, partial(self.task_wanted.emit, key))

    def _add_verbs(self, menu: QMenu, names: tuple[str, ...]) -> None:
        for name in names:
            if name:
                verb = self._verbs.named(name)
                action = _add(menu, name, verb.call, verb.shown)
                reason = verb.refusal()
                action.setEnabled(not reason)
                action.setToolTip(reason or name)
            else:
                menu.addSeparator()


def _add(menu: QMenu, name: str, run: Callable[[], object], keys: str = "") -> QAction:
    """Add a line to a menu; the key is shown, and handled by the canvas."""
    action = menu.addAction(f"{name}\t{keys}" if keys else name)
    action.triggered.connect(partial(_run, run))
    return action


def _run(run: Callable[[], object], _: bool = False) -> None:
    run()
