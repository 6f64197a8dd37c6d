"""Rendering a project to audio files: the mix, or one file for each track."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from acestep_desktop.audiofile.atomic import make_folder
from acestep_desktop.audiofile.flac import write_flac
from acestep_desktop.audiofile.formats import SUFFIXES, Depth
from acestep_desktop.audiofile.metadata import WavMetadata
from acestep_desktop.audiofile.resample import resampled, resampled_length
from acestep_desktop.audiofile.samples import Samples
from acestep_desktop.audiofile.wav import map_wav, write_wav
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.recipe import Music, TakeId
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import SAMPLE_RATE, Frame
from acestep_desktop.dsp.arrangement import Arrangement, compile_project
from acestep_desktop.dsp.bounce import bounce
from acestep_desktop.dsp.lane import Sources
from acestep_desktop.exchange.stem_folder import replace_earlier
from acestep_desktop.library.names import safe_name

Told = Callable[[float], None]
"""Takes how much is done, 0..1, on the thread that renders."""


class RenderError(UserError):
    """A project that cannot be rendered as asked."""


@dataclass(frozen=True, slots=True)
class RenderFormat:
    """How rendered files are written; 16 bits are dithered (TPDF)."""

    sample_rate: int = SAMPLE_RATE
    depth: Depth = "24"


@dataclass(frozen=True, slots=True)
class Span:
    """Frames [start, end) of the timeline at 48 kHz."""

    start: Frame
    end: Frame


class RenderCancelledError(RenderError):
    """A render that the person called off; raised from inside `told`."""


def sources_of(paths: Mapping[TakeId, Path]) -> Sources:
    """Return the sound of takes, mapped from their WAVs; an AudioFileError says what is wrong."""
    return {take: map_wav(path) for take, path in paths.items()}


def span_of(project: Project, from_bar: str | None = None, to_bar: str | None = None) -> Span:
    """Return the frames between two positions, such as `5` and `9.3`.

    Without them: from bar 1 to the first bar line at or behind the last clip's
    end, so that files fit the grid. Raises InvalidValueError for what is no
    position, RenderError for a span without a frame.
    """
    tempo = project.tempo
    start = tempo.frame_at(tempo.tick_of_position(from_bar)) if from_bar else Frame(0)
    if to_bar:
        end = tempo.frame_at(tempo.tick_of_position(to_bar))
    else:
        end = _next_bar_line(project, project.end())
    if end <= start:
        raise RenderError(
            "There is nothing to render: the end must come after the start, and the project "
            "needs a clip."
        )
    return Span(start, end)


def render_mix(
    project: Project,
    sources: Sources,
    path: Path,
    span: Span,
    form: RenderFormat | None = None,
    *,
    replace_file: bool = True,
    told: Told = lambda fraction: None,
) -> int:
    """Write what is heard in `span` to `path` (.wav or .flac); return its frames.

    The folder is made where it is missing.

    A file that is there stays, and NameTakenError is raised, without `replace_file`.
    """
    form = form or RenderFormat()
    _check(path, form)
    make_folder(path.absolute().parent)
    blocks = bounce(compile_project(project), sources, span.start, span.end)
    followed = _followed(blocks, span.end - span.start, told)
    return _write(path, followed, project, span, form, replace_file)


def render_stems(
    project: Project,
    sources: Sources,
    folder: Path,
    span: Span,
    form: RenderFormat | None = None,
    *,
    told: Told = lambda fraction: None,
) -> list[Path]:
    """Write a WAV for each track into `folder`, all of one length; return them in order.

    Each has its fader, mute, solo and the master's gain, and no limiter: the
    files sum to the mix before the limiter. The stems of an earlier render of this song
    that are none of these are removed from `folder`, unless somebody changed them.
    """
    form = form or RenderFormat()
    make_folder(folder)
    whole = compile_project(project)
    paths = []
    for number, (track, alone) in enumerate(zip(project.tracks, _alone(whole), strict=True)):
        path = folder / f"{number + 1:02d} {safe_name(track.name, 60) or 'Track'}.wav"
        blocks = bounce(alone, sources, span.start, span.end)

        def tell(fraction: float, before: int = number) -> None:
            told((before + fraction) / len(project.tracks))

        followed = _followed(blocks, span.end - span.start, tell)
        _write(path, followed, project, span, form, True, name=track.name)
        paths.append(path)
    replace_earlier(folder, project.name, paths)
    return paths


def _check(path: Path, form: RenderFormat) -> None:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise RenderError(f'A mix is written as .wav or .flac, not as "{suffix or path.name}".')
    if suffix == ".flac" and form.depth != "24":
        raise RenderError(f"FLAC is written with 24 bits, not {form.depth}: choose .wav or 24.")


def _alone(whole: Arrangement) -> Iterator[Arrangement]:
    """Yield each track as an arrangement of its own, as loud as in the whole."""
    for track, sides in zip(whole.tracks, whole.levels(), strict=True):
        muted = track.fader.muted or sides == (0.0, 0.0)
        fader = replace(track.fader, muted=muted, soloed=False)
        yield Arrangement((replace(track, fader=fader),), whole.master_gain, limiter=False)


def _write(
    path: Path,
    blocks: Iterator[Samples],
    project: Project,
    span: Span,
    form: RenderFormat,
    replace_file: bool,
    *,
    name: str = "",
) -> int:
    rate = form.sample_rate
    length = resampled_length(span.end - span.start, SAMPLE_RATE, rate)
    audio = resampled(blocks, SAMPLE_RATE, rate, frames=length)
    title = f"{project.name} – {name}" if name else project.name
    if path.suffix.lower() == ".flac":
        return write_flac(path, audio, sample_rate=rate, title=title, replace=replace_file)
    return write_wav(
        path,
        audio,
        metadata=WavMetadata(title=title, music=music_in(project, span)),
        sample_rate=rate,
        depth=form.depth,
        replace=replace_file,
    )


def _followed(blocks: Iterator[Samples], frames: int, told: Told) -> Iterator[Samples]:
    done = 0
    for block in blocks:
        yield block
        done += len(block)
        told(done / frames)


def _next_bar_line(project: Project, frame: Frame) -> Frame:
    tempo = project.tempo
    bar = tempo.bar_at(tempo.tick_at(frame))
    line = tempo.frame_at(tempo.tick_of_bar(bar))
    # A clip of whole bars may end a frame behind their line: its start and length are rounded.
    near = frame - 1 if frame > 1 else frame
    return line if line >= near else tempo.frame_at(tempo.tick_of_bar(bar + 1))


def music_in(project: Project, span: Span) -> Music:
    """Return tempo, key and bars of a span; without tempo where it changes in between."""
    tempo = project.tempo
    changes = {change.at for change in tempo.tempos} | {change.at for change in tempo.meters}
    if any(span.start < tempo.frame_at(at) < span.end for at in changes):
        return Music(key=project.key)
    # Frames are rounded: the first may lie just before a change that stands on it.
    passed = [at for at in changes if tempo.frame_at(at) <= span.start]
    start = max(tempo.tick_at(span.start), *passed)
    bpm, meter = tempo.bpm_at(start), tempo.meter_at(start)
    bars = round((tempo.tick_at(span.end) - start) / meter.ticks_per_bar)
    exact = bars and abs(frames_of_bars(bars, meter, bpm) - (span.end - span.start)) <= 1
    return Music(bpm, project.key, meter, bars if exact else None)
