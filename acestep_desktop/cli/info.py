"""`info FILE`: what a take, an audio file or a project holds."""

import argparse
from pathlib import Path

from acestep_desktop.audiofile.decode import open_audio
from acestep_desktop.audiofile.errors import AudioFileError, shown
from acestep_desktop.audiofile.wav import read_wav_metadata
from acestep_desktop.cli.describe import length_words, music_fields, music_words, recipe_fields
from acestep_desktop.cli.output import Printer
from acestep_desktop.cli.parser import CommandLineError
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.recipe import Music, Recipe
from acestep_desktop.domain.time import seconds_from_frames
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.projects import SUFFIX, load_project
from acestep_desktop.library.verify import read_take


def run(args: argparse.Namespace, printer: Printer) -> int:
    """Print what the file holds."""
    path = Path(args.file)
    if not _exists(path):
        raise CommandLineError(f"there is no file {shown(str(path))}")
    if path.suffix.lower() == SUFFIX:
        _print_project(load_project(path), path, printer)
    else:
        _print_audio(path, printer)
    return 0


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no disk takes
        return False


def _print_audio(path: Path, printer: Printer) -> None:
    info = open_audio(path)
    music, recipe = _facts(path, info.standard_frames)
    fields: dict[str, Json] = {
        "kind": "audio",
        "path": str(path.absolute()),
        "format": info.format,
        "encoding": info.subtype,
        "sample_rate": info.sample_rate,
        "channels": info.channels,
        "frames": info.frames,
        "seconds": round(info.duration_s, 6),
        **music_fields(music),
        **recipe_fields(recipe),
    }
    lines = [
        str(path),
        f"  {info.format} {info.subtype}, {info.sample_rate} Hz, {info.channels} channels, "
        f"{length_words(info.standard_frames)} ({info.frames} frames)",
    ]
    if music != Music():
        lines.append(f"  {music_words(music)}")
    if recipe is not None:
        lines.append(f'  made by {recipe.engine.name} from "{recipe.request.prompt.caption}"')
        lines.append(f"  seed {recipe.request.seed}")
    printer.result(fields, lines)


def _facts(path: Path, frames: int) -> tuple[Music, Recipe | None]:
    """Return what the file itself says of its music, and its recipe if it is a take."""
    try:
        take = read_take(path)
    except (AudioFileError, LibraryError):
        pass
    else:
        return take.music, take.recipe
    try:
        return read_wav_metadata(path)[1].music(frames, slack=2), None
    except AudioFileError:
        return Music(), None


def _print_project(project: Project, path: Path, printer: Printer) -> None:
    bpm, meter = project.tempo.tempos[0].bpm, project.tempo.meters[0].meter
    clips = sum(len(track.clips) for track in project.tracks)
    fields: dict[str, Json] = {
        "kind": "project",
        "path": str(path.absolute()),
        "name": project.name,
        "bpm": bpm,
        "meter": str(meter),
        "key": None if project.key is None else str(project.key),
        "tracks": [track.name for track in project.tracks],
        "clips": clips,
        "takes": len(project.media),
        "seconds": round(seconds_from_frames(project.end()), 6),
    }
    words = music_words(Music(bpm, project.key, meter))
    lines = [
        f"{project.name}: {words}, {length_words(project.end())}",
        f"  {len(project.tracks)} tracks, {clips} clips of {len(project.media)} takes",
        *(f"  {track.name}: {len(track.clips)} clips" for track in project.tracks),
    ]
    printer.result(fields, lines)
