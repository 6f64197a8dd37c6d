"""All sessions of one window, together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from acestep_desktop.domain.errors import UserError
from acestep_desktop.session.arrivals import ArrivalSession
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.clip_files import ClipFileSession
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.engine_state import EngineSession
from acestep_desktop.session.export import ExportSession
from acestep_desktop.session.jobs import JobSession
from acestep_desktop.session.library import LibrarySession
from acestep_desktop.session.models import ModelSession
from acestep_desktop.session.projects import ProjectSession
from acestep_desktop.session.relink import RelinkSession
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.session.sources import SourceSession
from acestep_desktop.session.streams import StreamSession
from acestep_desktop.session.sync import SyncSession
from acestep_desktop.session.transport import TransportSession
from acestep_desktop.session.waveforms import WaveformSession

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sessions:
    """The verbs of the window, family by family, and the folder of the person's music."""

    document: DocumentSession
    projects: ProjectSession
    jobs: JobSession
    library: LibrarySession
    audition: AuditionSession
    transport: TransportSession
    export: ExportSession
    settings: SettingsSession
    waveforms: WaveformSession
    arrivals: ArrivalSession
    clip_files: ClipFileSession
    sync: SyncSession
    relink: RelinkSession
    engines: EngineSession
    sources: SourceSession
    streams: StreamSession
    models: ModelSession
    music_folder: Path

    def start(self) -> None:
        """Begin what goes on beside the window: sound, clock, and tidying up after crashes."""
        self.audition.start()
        self.transport.start()
        self.sync.start()
        self.clip_files.start()
        self.engines.watch()
        self.library.tidy()

    @property
    def at_work(self) -> tuple[str, ...]:
        """What closing would break off, in words."""
        jobs = sum(not job.state.ended for job in self.jobs.jobs)
        work = [f"{jobs} job{'s' if jobs > 1 else ''} of the queue"] if jobs else []
        if self.export.running:
            work.append("the export")
        if self.models.busy:
            work.append("the work on a model")
        return tuple(work)

    def close(self, *, keep_work: bool = False) -> None:
        """End every thread and process. `keep_work` keeps what is unsaved for the next start.

        One that does not end keeps no other from ending.
        """
        closings: tuple[Callable[[], object], ...] = (
            self.sync.close,
            self.models.close,
            self.relink.close,
            self.clip_files.close,
            self.transport.close,
            self.waveforms.close,
            self.arrivals.close,
            self.export.close,
            self.jobs.close,
            self.engines.close,
            self.sources.close,
            partial(self.projects.close, keep_work=keep_work),
            self.audition.close,
            self.library.close,
        )
        for close in closings:
            try:
                close()
            except UserError as error:
                log.warning("%s", error)
