"""Files of clips, to be dragged into a DAW: each clip alone, or each track's part of a range.

A piece that was cut or faded is written once, under a name that its sound
decides. It waits in a hidden folder until it is wanted; from then on it lies in
`Dragged` and is never moved or written again, for a DAW may use it.
"""

import hashlib
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import make_folder, sync_folder
from acestep_desktop.audiofile.errors import AudioFileError, NameTakenError, disk_errors
from acestep_desktop.audiofile.wav import read_layout
from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.codec import dumps, to_json
from acestep_desktop.domain.project import (
    Master,
    Project,
    TickRange,
    Track,
    TrackId,
)
from acestep_desktop.domain.recipe import Music, TakeId
from acestep_desktop.domain.tempo import MAX_BPM, MIN_BPM, TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Frame, Tick
from acestep_desktop.exchange.render import (
    RenderError,
    RenderFormat,
    Span,
    Told,
    music_in,
    render_mix,
    sources_of,
)
from acestep_desktop.library.folders import DRAGGED
from acestep_desktop.library.names import file_stem

_WAITING: Final = ".prepared"
_FORM: Final = RenderFormat(depth="32f")
_DIGITS: Final = 10

MusicOf = Callable[[TakeId], Music | None]
"""Returns the musical facts of a take, as far as they are known."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to be: a project of one track without fader, a span of it, its name.

    `take` is set where the piece is a whole, unchanged take: then its file is
    the take's own.
    """

    project: Project
    span: Span
    take: TakeId | None
    name: str

    @property
    def takes(self) -> frozenset[TakeId]:
        """The takes that sound in it."""
        return frozenset(media.take_id for media in self.project.media)


def pieces_of_clips(
    project: Project, clip_ids: Collection[ClipId], music_of: MusicOf
) -> list[Piece]:
    """Return each clip alone, with its gain and fades, from the top of the timeline on.

    The files tell the tempo and key of the take, where they are known: that is
    what a DAW needs to stretch them.
    """
    return [
        _piece_of_clip(project, clip, music_of(clip.take_id) or Music())
        for track in project.tracks
        for clip in track.clips
        if clip.clip_id in clip_ids
    ]


def pieces_of_range(
    project: Project, range_: TickRange, track_ids: Collection[TrackId]
) -> list[Piece]:
    """Return what sounds in a range of tracks, a piece for each track, all of one length."""
    tempo = project.tempo
    span = Span(tempo.frame_at(range_.start), tempo.frame_at(range_.end))
    pieces = []
    for track in project.tracks:
        clips = tuple(
            clip
            for clip in track.clips
            if project.clip_start(clip) < span.end and project.clip_end(clip) > span.start
        )
        if track.track_id in track_ids and any(not clip.muted for clip in clips):
            pieces.append(_piece(project, track.name, clips, span, project.tempo))
    return pieces


def prepare_file(
    piece: Piece,
    paths: Mapping[TakeId, Path],
    root: Path,
    told: Told = lambda fraction: None,
) -> None:
    """Write the file of a piece below `root`, unless it is there; RenderError says why not.

    `paths` are the WAVs of the takes.
    """
    missing = piece.takes - paths.keys()
    if missing:
        raise RenderError("A take of this clip is missing: locate its file, then drag again.")
    if piece.take is not None or find_file(piece, paths, root) is not None:
        return
    waiting = root / DRAGGED / _WAITING / f"{piece.name}.wav"
    make_folder(waiting.parent)
    sources = sources_of({take: paths[take] for take in piece.takes})
    render_mix(piece.project, sources, waiting, piece.span, _FORM, told=told)


def find_file(piece: Piece, paths: Mapping[TakeId, Path], root: Path) -> Path | None:
    """Return the file of a piece, wherever it waits; None where it is not written yet."""
    if piece.take is not None:
        return paths.get(piece.take)
    folder = root / DRAGGED
    for path in (folder / f"{piece.name}.wav", folder / _WAITING / f"{piece.name}.wav"):
        if _is_whole(path, piece):
            return path
    return None


def take_file_out(piece: Piece, paths: Mapping[TakeId, Path], root: Path) -> Path | None:
    """Return the file of a piece at the place where it will stay; None where there is none yet."""
    found = find_file(piece, paths, root)
    if found is None or found.parent.name != _WAITING:
        return found
    place = root / DRAGGED / f"{piece.name}.wav"
    number = 2
    while True:
        try:
            _move(found, place)
        except NameTakenError:
            # Something else has the name, perhaps a copy that was edited: it stays as it is.
            place = root / DRAGGED / f"{piece.name} {number}.wav"
            number += 1
        else:
            return place


def forget_prepared(root: Path) -> None:
    """Remove the files that were prepared and never wanted."""
    shutil.rmtree(root / DRAGGED / _WAITING, ignore_errors=True)


def _piece_of_clip(project: Project, clip: Clip, music: Music) -> Piece:
    tempo = project.tempo
    bpm = music.bpm if music.bpm and MIN_BPM <= music.bpm <= MAX_BPM else tempo.bpm_at(clip.start)
    alone = replace(clip, start=Tick(0), muted=False)
    steady = TempoMap.steady(bpm, music.meter or tempo.meter_at(clip.start))
    keyed = replace(project, key=music.key or project.key)
    name = clip.name or Path(project.media_of(clip.take_id).path).stem
    piece = _piece(keyed, name, (alone,), Span(Frame(0), clip.length), steady)
    return replace(piece, take=clip.take_id) if _is_whole_take(project, clip) else piece


def _piece(
    project: Project, name: str, clips: tuple[Clip, ...], span: Span, tempo: TempoMap
) -> Piece:
    heard = tuple(
        replace(clip, clip_id=ClipId(str(number)), name="") for number, clip in enumerate(clips)
    )
    takes = {clip.take_id for clip in clips}
    alone = Project(
        name=name,
        tempo=tempo,
        key=project.key,
        tracks=(Track(TrackId("0"), "", clips=heard),),
        media=tuple(replace(m, path="") for m in project.media if m.take_id in takes),
        master=Master(limiter=False),
    )
    stem = file_stem(name, music_in(alone, span))
    return Piece(alone, span, None, f"{stem}_{_digest(alone, span)}")


def _digest(project: Project, span: Span) -> str:
    """Return digits that are the same for the same sound under the same name."""
    text = dumps([to_json(project), span.start, span.end])
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_DIGITS // 2).hexdigest()


def _is_whole_take(project: Project, clip: Clip) -> bool:
    whole = (Frame(0), project.media_of(clip.take_id).frames)
    unchanged = clip.gain_db == 0.0 and clip.fade_in.length == clip.fade_out.length == Fade().length
    return (clip.offset, clip.length) == whole and unchanged


def _is_whole(path: Path, piece: Piece) -> bool:
    try:
        layout = read_layout(path)
    except AudioFileError:
        return False
    frames = piece.span.end - piece.span.start
    return layout.whole and (layout.frames, layout.sample_rate) == (frames, SAMPLE_RATE)


def _move(found: Path, place: Path) -> None:
    """Give a file its last name at once; NameTakenError where another has it."""
    if place.exists():
        raise NameTakenError(f'"{place.name}" is already in {place.parent}. Choose another name.')
    with disk_errors(place):
        found.rename(place)
    sync_folder(place.parent)
