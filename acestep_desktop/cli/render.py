"""`render PROJECT`: the mix and the stems of a project as files."""

import argparse
from contextlib import closing
from pathlib import Path

from acestep_desktop.audiofile.resample import resampled_length
from acestep_desktop.cli.describe import length_words
from acestep_desktop.cli.output import Printer
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.time import SAMPLE_RATE, seconds_from_frames
from acestep_desktop.dsp.lane import Sources
from acestep_desktop.exchange.render import (
    RenderError,
    RenderFormat,
    Span,
    render_mix,
    render_stems,
    sources_of,
    span_of,
)
from acestep_desktop.library.folders import standard_folders
from acestep_desktop.library.media import resolve_media
from acestep_desktop.library.projects import load_project
from acestep_desktop.library.takes import TakeLibrary


def run(args: argparse.Namespace, printer: Printer) -> int:
    """Render what the options ask for and print each file."""
    path = Path(args.project)
    project = load_project(path)
    span = span_of(project, args.from_bar, args.to_bar)
    sources = _sources(project, path)
    form = RenderFormat(args.rate, args.depth)
    if args.out or not args.stems:
        out = Path(args.out) if args.out else Path(f"{path.stem}.wav")
        frames = render_mix(
            project,
            sources,
            out,
            span,
            form,
            replace_file=bool(args.out),
            told=lambda fraction: printer.progress(fraction, "rendering the mix"),
        )
        _print(printer, "mix", out, frames, span, form)
    if args.stems:
        stems = render_stems(
            project,
            sources,
            Path(args.stems),
            span,
            form,
            told=lambda fraction: printer.progress(fraction, "rendering the stems"),
        )
        frames = resampled_length(span.end - span.start, SAMPLE_RATE, form.sample_rate)
        for stem in stems:
            _print(printer, "stem", stem, frames, span, form)
    return 0


def _sources(project: Project, path: Path) -> Sources:
    """Return the sound of all takes; a mix in which some are missing would be a wrong one."""
    with closing(TakeLibrary(standard_folders())) as library:
        found = resolve_media(project, path, library)
    if found.missing:
        raise RenderError(found.notes[0])
    return sources_of(found.paths)


def _print(
    printer: Printer, kind: str, path: Path, frames: int, span: Span, form: RenderFormat
) -> None:
    printer.result(
        {
            "kind": kind,
            "path": str(path.absolute()),
            "frames": frames,
            "seconds": round(seconds_from_frames(span.end - span.start), 6),
            "sample_rate": form.sample_rate,
            "depth": form.depth,
        },
        [f"{path.absolute()}  {length_words(span.end - span.start)}"],
    )
