"""Drags: what a pointer that holds a part of a clip wishes to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from acestep_desktop.domain.clip import ClipId
from acestep_desktop.domain.clip_edits import (
    copy_clips,
    end_tick,
    find_clip,
    move_clips,
    set_fade,
    slip_clips,
    trim_end,
    trim_start,
)
from acestep_desktop.domain.edits import Edit
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.ui.timeline.grid import Snap
from acestep_desktop.ui.timeline.hits import Part


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, and which keys are held: Ctrl copies, Alt or its tool slips."""

    frame: Frame
    row: int
    copies: bool = False
    slips: bool = False


@dataclass(frozen=True, slots=True)
class Drag:
    """What was taken hold of: a part of `clip_id`, which is one of `clip_ids`, at `pressed`.

    `new_ids` names the copies, so that every preview of a drag shows the same ones.
    """

    project: Project
    clip_id: ClipId
    clip_ids: frozenset[ClipId]
    part: Part
    pressed: Pointer
    new_ids: Mapping[ClipId, ClipId]

    def wish(self, pointer: Pointer, snap: Snap) -> tuple[str, Edit]:
        """Return the edit, and its name, that the pointer asks for."""
        by = pointer.frame - self.pressed.frame
        if self.part is Part.LEFT:
            return "Trim clip", partial(_trim_start, clip_id=self.clip_id, by=by, snap=snap)
        if self.part is Part.RIGHT:
            return "Trim clip", partial(_trim_end, clip_id=self.clip_id, by=by, snap=snap)
        if self.part is Part.FADE_IN:
            return "Fade in", partial(_fade_in, clip_id=self.clip_id, by=by)
        if self.part is Part.FADE_OUT:
            return "Fade out", partial(_fade_out, clip_id=self.clip_id, by=by)
        if pointer.slips:
            return _named("Slip", self.clip_ids), partial(slip_clips, clip_ids=self.clip_ids, by=by)
        return self._move(pointer, snap)

    def _move(self, pointer: Pointer, snap: Snap) -> tuple[str, Edit]:
        _, clip = find_clip(self.project, self.clip_id)
        tempo = self.project.tempo
        travelled = tempo.tick_at(pointer.frame) - tempo.tick_at(self.pressed.frame)
        lanes = pointer.row - self.pressed.row
        if not travelled and not lanes and not pointer.copies:
            return _named("Move", self.clip_ids), _unchanged
        by = Tick(snap.near(clip.start + travelled) - clip.start)
        if pointer.copies:
            copy = partial(copy_clips, new_ids=self.new_ids, by=by, lanes=lanes)
            return _named("Copy", self.clip_ids), copy
        move = partial(move_clips, clip_ids=self.clip_ids, by=by, lanes=lanes)
        return _named("Move", self.clip_ids), move


def _trim_start(project: Project, *, clip_id: ClipId, by: int, snap: Snap) -> Project:
    _, clip = find_clip(project, clip_id)
    wished = project.tempo.tick_at(max(0, project.clip_start(clip) + by))
    return trim_start(project, clip_id, snap.near(wished))


def _trim_end(project: Project, *, clip_id: ClipId, by: int, snap: Snap) -> Project:
    _, clip = find_clip(project, clip_id)
    wished = project.tempo.tick_at(max(0, project.clip_end(clip) + by))
    end = snap.near(wished)
    return project if end == end_tick(project, clip) else trim_end(project, clip_id, end)


def _fade_in(project: Project, *, clip_id: ClipId, by: int) -> Project:
    fade = find_clip(project, clip_id)[1].fade_in
    return set_fade(project, clip_id, "in", fade.length - fade.begun + by)


def _fade_out(project: Project, *, clip_id: ClipId, by: int) -> Project:
    fade = find_clip(project, clip_id)[1].fade_out
    return set_fade(project, clip_id, "out", fade.length - fade.begun - by)


def _named(verb: str, clip_ids: frozenset[ClipId]) -> str:
    return f"{verb} clip" if len(clip_ids) == 1 else f"{verb} {len(clip_ids)} clips"


def _unchanged(project: Project) -> Project:
    return project
