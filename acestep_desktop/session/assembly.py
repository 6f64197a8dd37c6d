"""Assembly: the sessions of one window, made and connected to each other."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from acestep_desktop.domain.project import Project
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.media import resolve_media
from acestep_desktop.library.preferences import Preferences
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.realtime.client import RealtimeClient
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
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.session.sources import SourceSession
from acestep_desktop.session.streams import StreamSession
from acestep_desktop.session.sync import SyncSession
from acestep_desktop.session.transport import TransportSession
from acestep_desktop.session.waveforms import WaveformSession


def make_sessions(
    folders: Folders,
    *,
    settings: SettingsSession | None = None,
    realtime: RealtimeClient | None = None,
    client_of: Callable[[str], EngineClient] = EngineClient,
) -> Sessions:
    """Return the sessions of one window over the takes and settings in `folders`.

    Unless told otherwise, sound and engines are processes of their own.
    """
    takes = TakeLibrary(folders)
    settings = settings or SettingsSession(Preferences(folders.preferences))
    document = DocumentSession()
    projects = ProjectSession(document, folders.autosaves)
    audition = AuditionSession(realtime)
    audition.level_matched = settings.level_matched
    settings.level_matched_changed.connect(audition.set_level_matched)
    audition.client.set_device(settings.device, settings.buffer)

    def find_paths(project: Project) -> Mapping[TakeId, Path]:
        place = projects.path or folders.projects / "Untitled.acestep"
        return resolve_media(project, place, takes).paths

    library = LibrarySession(takes)
    transport = TransportSession(audition.client, document, find_paths)
    audition.seconds_to_bar = transport.seconds_to_bar
    waveforms = WaveformSession(find_paths)
    relink = RelinkSession(document, transport, waveforms, takes)
    relink.takes_changed.connect(library.takes_changed)
    projects.path_changed.connect(transport.look_again)
    projects.path_changed.connect(waveforms.look_again)
    jobs = JobSession(takes, client_of)
    engines, models = EngineSession(jobs), ModelSession()
    models.installed_changed.connect(partial(engines.ask_again, "acestep"))
    return Sessions(
        document=document,
        projects=projects,
        jobs=jobs,
        library=library,
        audition=audition,
        transport=transport,
        export=ExportSession(),
        settings=settings,
        waveforms=waveforms,
        arrivals=ArrivalSession(takes),
        clip_files=ClipFileSession(document, takes, partial(_paths_of, transport)),
        sync=SyncSession(audition.client, transport, settings),
        relink=relink,
        engines=engines,
        sources=SourceSession(takes),
        streams=StreamSession(jobs, audition, settings),
        models=models,
        music_folder=folders.root,
    )


def _paths_of(transport: TransportSession) -> Mapping[TakeId, Path]:
    return transport.paths
