"""`play PROJECT|TAKE`: sound at a terminal, with MIDI clock where asked for."""

import argparse
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from acestep_desktop.cli.describe import length_words
from acestep_desktop.cli.output import Printer
from acestep_desktop.cli.parser import CommandLineError
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.library.folders import standard_folders
from acestep_desktop.library.media import resolve_media
from acestep_desktop.library.projects import SUFFIX, load_project
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.realtime.client import Notice, OpenDevice
from acestep_desktop.realtime.clock_client import ClockPort
from acestep_desktop.realtime.play import Listener, play, project_of_take
from acestep_desktop.realtime.status import Status


@dataclass(slots=True)
class _Teller:
    """Shows where the playhead is, and gathers what is to be said at the end."""

    project: Project
    printer: Printer
    device: OpenDevice = field(default_factory=OpenDevice)

    def opened(self, device: OpenDevice) -> None:
        self.device = device
        if device.name:
            latency = f"{device.latency_s * 1000:.0f} ms"
            self.printer.note(
                f"playing on {device.name} at {device.rate} Hz, {latency}; Ctrl+C stops"
            )

    def moved(self, status: Status) -> None:
        tempo = self.project.tempo
        where = tempo.position_at(tempo.tick_at(status.frame))
        end = self.project.end() or 1
        self.printer.progress(status.frame / end, f"{where}  {length_words(status.frame)}")

    def noticed(self, notice: Notice) -> None:
        # A thread of the client.
        self.printer.note(notice.text)


def run(args: argparse.Namespace, printer: Printer) -> int:
    """Play until the end, or with --loop until Ctrl+C."""
    project, paths = _what(args.what, printer)
    if project.end() == 0:
        raise CommandLineError("there is nothing to play: the project has no clip")
    teller = _Teller(project, printer)
    status = play(
        project,
        paths,
        loop=None if args.loop is None else _loop(args.loop, project),
        clock=() if args.clock is None else (ClockPort(args.clock),),
        device=args.device,
        block=args.buffer,
        listener=Listener(teller.opened, teller.moved, teller.noticed),
    )
    printer.result(
        {
            "kind": "played",
            "device": teller.device.name,
            "sample_rate": teller.device.rate,
            "latency_s": round(teller.device.latency_s, 6),
            "frame": status.frame,
            "xruns": status.xruns,
        },
        [f"played to {length_words(status.frame)}, {status.xruns} xruns"],
    )
    return 0


def _what(name: str, printer: Printer) -> tuple[Project, Mapping[TakeId, Path]]:
    path = Path(name)
    with closing(TakeLibrary(standard_folders())) as library:
        if path.suffix.lower() == SUFFIX:
            project = load_project(path)
            found = resolve_media(project, path, library)
            for note in found.notes:
                printer.note(note)
            return project, found.paths
        if path.is_file() and path.parent != library.folders.takes:
            take = library.import_file(path)
        else:
            take = library.get(name)
    shape = (take.take_id, take.frames, take.channels)
    music = take.music
    project = project_of_take(*shape, name=take.title, bpm=music.bpm, meter=music.meter)
    return project, {take.take_id: take.path}


def _loop(text: str, project: Project) -> TickRange:
    start, separator, end = text.partition(":")
    if not separator:
        raise CommandLineError(f'--loop is written like 1:9 (8 bars), got "{text[:40]}"')
    tempo = project.tempo
    return TickRange(tempo.tick_of_position(start), tempo.tick_of_position(end))
