"""Leaving: what is selected goes out as files, dragged or by the clipboard."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from acestep_desktop.domain.clip import ClipId
from acestep_desktop.session.clip_files import ClipFileSession
from acestep_desktop.ui.files_out import copy_files, drag_files
from acestep_desktop.ui.timeline.editor import TimelineEditor
from acestep_desktop.ui.timeline.pointer import LanePointer

Drag = Callable[[QWidget, Sequence[Path]], None]


class Leaving(QObject):
    """Has files ready for the selected clips or range, and hands them out. `said` carries words."""

    said = Signal(str)

    def __init__(
        self,
        files: ClipFileSession | None,
        editor: TimelineEditor,
        pointer: LanePointer,
        source: QWidget,
        *,
        drag: Drag = drag_files,
    ) -> None:
        """`source` is the widget that drags; without `files` nothing ever leaves."""
        super().__init__(source)
        self._files, self._editor, self._pointer = files, editor, pointer
        self._source, self._drag = source, drag
        if files is not None:
            files.said.connect(self.said)
            editor.selection_changed.connect(files.prepare)
            editor.span_changed.connect(self._prepare_range)
        editor.copied.connect(self._copy)
        pointer.left_with.connect(self._carry_clips)
        pointer.range_taken.connect(self._carry_range)

    @Slot(object)
    def _prepare_range(self, span: object) -> None:
        if self._files is not None and self._editor.span is not None:
            self._files.prepare_range(self._editor.span, self._editor.span_tracks)

    @Slot(object)
    def _carry_clips(self, clip_ids: frozenset[ClipId]) -> None:
        """Let the pointer carry clips out as files; back in the lanes they are moved again."""
        paths = self._of_clips(clip_ids)
        if paths:
            self._editor.document.end_preview()
            self._drag(self._source, paths)
            self._pointer.cancel()

    @Slot()
    def _carry_range(self) -> None:
        paths = self._of_range()
        if paths:
            self._drag(self._source, paths)

    @Slot()
    def _copy(self) -> None:
        editor = self._editor
        paths = self._of_clips(editor.selected) if editor.span is None else self._of_range()
        if paths:
            self.said.emit(copy_files(paths))

    def _of_clips(self, clip_ids: frozenset[ClipId]) -> Sequence[Path]:
        return self._files.ready_paths(clip_ids) or () if self._files is not None else ()

    def _of_range(self) -> Sequence[Path]:
        span = self._editor.span
        if self._files is None or span is None:
            return ()
        return self._files.ready_range_paths(span, self._editor.span_tracks) or ()
