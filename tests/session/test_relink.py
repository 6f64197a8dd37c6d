"""Missing takes of the open project: told, located, imported, and heard at once."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.project import Project
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Tick
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.media import media_of_take, resolve_media
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.document import DocumentSession
from acestep_desktop.session.relink import Located, RelinkSession
from acestep_desktop.session.transport import TransportSession
from acestep_desktop.session.waveforms import WaveformSession
from tests.realtime.studio import Studio

WAIT_MS = 5_000


@dataclass
class Desk:
    """A project whose takes lie in another library than the one that is asked."""

    studio: Studio
    document: DocumentSession
    transport: TransportSession
    waveforms: WaveformSession
    relink: RelinkSession
    library: TakeLibrary
    takes: list[StoredTake]
    project: Project
    said: list[str]


def made_project(takes: list[StoredTake]) -> Project:
    project = Project()
    for number, take in enumerate(takes):
        project = add_track(add_media(project, media_of_take(take)), take.title)
        clip = Clip.of_take(take.take_id, Tick(0), take.frames)
        project = add_clip(project, project.tracks[number].track_id, clip)
    return project


@pytest.fixture
def desk(qapp: QCoreApplication, tmp_path: Path) -> Iterator[Desk]:
    abroad = TakeLibrary(folders_below(tmp_path / "abroad"))
    noise = np.random.default_rng(1).uniform(-0.2, 0.2, (2, 48_000, 2)).astype(np.float32)
    takes = [abroad.commit(noise[n], title=name) for n, name in enumerate(("Rain", "Snow"))]
    abroad.close()
    library = TakeLibrary(folders_below(tmp_path / "home"))

    def find_paths(project: Project) -> Mapping[TakeId, Path]:
        return resolve_media(project, tmp_path / "home" / "Projects" / "x.acestep", library).paths

    studio = Studio({}, tmp_path)
    document = DocumentSession()
    transport = TransportSession(studio.client, document, find_paths)
    waveforms = WaveformSession(find_paths)
    relink = RelinkSession(document, transport, waveforms, library)
    said: list[str] = []
    relink.said.connect(said.append)
    project = made_project(takes)
    yield Desk(studio, document, transport, waveforms, relink, library, takes, project, said)
    for session in (relink, transport, waveforms, library, studio):
        session.close()


def open_project(desk: Desk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.relink.missing_changed, timeout=WAIT_MS):
        desk.document.open(desk.project)


def located(desk: Desk, qtbot: QtBot, *places: Path) -> Located:
    with qtbot.waitSignal(desk.relink.located, timeout=WAIT_MS) as ended:
        desk.relink.locate(places)
    result: Any = ended.args[0]
    assert isinstance(result, Located)
    return result


def test_opening_a_project_says_which_takes_are_missing(desk: Desk, qtbot: QtBot) -> None:
    open_project(desk, qtbot)
    assert [media.take_id for media in desk.relink.missing] == [t.take_id for t in desk.takes]
    (sentence,) = desk.said
    assert "Rain" in sentence and "Snow" in sentence and "Locate missing files" in sentence


def test_editing_does_not_say_it_again(desk: Desk, qtbot: QtBot) -> None:
    open_project(desk, qtbot)
    desk.document.apply("Add track", lambda project: add_track(project, "More"))
    assert len(desk.said) == 1


def test_a_project_that_has_all_its_takes_says_nothing(desk: Desk, qtbot: QtBot) -> None:
    for take in desk.takes:
        desk.library.import_file(take.path)
    with qtbot.waitSignal(desk.transport.tempo_given, timeout=WAIT_MS):
        desk.document.open(desk.project)
    assert desk.relink.missing == () and desk.said == []


def test_takes_that_are_located_are_imported_and_nothing_misses_any_more(
    desk: Desk, qtbot: QtBot
) -> None:
    open_project(desk, qtbot)
    with (
        qtbot.waitSignal(desk.relink.missing_changed, timeout=WAIT_MS) as changed,
        qtbot.waitSignal(desk.relink.takes_changed, timeout=WAIT_MS),
    ):
        result = located(desk, qtbot, desk.takes[0].path.parent)
    assert (result.found, result.missing, result.refused) == (2, (), ())
    assert changed.args == [()]
    kept = {take.take_id for take in desk.library.search()}
    assert kept == {take.take_id for take in desk.takes}
    assert all(path.is_relative_to(desk.library.folders.root) for path in paths_of(desk))


def paths_of(desk: Desk) -> list[Path]:
    return list(desk.transport.paths.values())


def test_a_located_take_is_heard_at_once_while_it_plays(desk: Desk, qtbot: QtBot) -> None:
    open_project(desk, qtbot)
    desk.transport.toggle()
    assert not desk.studio.pull(9_600).any()
    with qtbot.waitSignal(desk.relink.missing_changed, timeout=WAIT_MS):
        located(desk, qtbot, desk.takes[0].path, desk.takes[1].path)
    assert np.abs(desk.studio.pull(9_600)[4_800:]).max() > 0.05


def test_the_waveform_of_a_located_take_is_found_again(desk: Desk, qtbot: QtBot) -> None:
    take = desk.takes[0].take_id
    with qtbot.waitSignal(desk.waveforms.missing_changed, timeout=WAIT_MS):
        desk.waveforms.show_project(desk.project)
    open_project(desk, qtbot)
    assert desk.waveforms.is_missing(take)
    with qtbot.waitSignal(desk.waveforms.waveform_ready, timeout=WAIT_MS) as ready:
        located(desk, qtbot, desk.takes[0].path)
    assert ready.args == [take]
    assert not desk.waveforms.is_missing(take)


def test_what_still_misses_is_told(desk: Desk, qtbot: QtBot) -> None:
    open_project(desk, qtbot)
    result = located(desk, qtbot, desk.takes[1].path)
    assert result.found == 1 and [m.take_id for m in result.missing] == [desk.takes[0].take_id]
    assert result.sentence == "The take was found and imported into the library. 1 still missing."


def test_a_file_with_another_sound_is_not_taken(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    open_project(desk, qtbot)
    wrong = tmp_path / desk.takes[0].path.name
    data = bytearray(desk.takes[0].path.read_bytes())
    data[data.index(b"data") + 8] ^= 1
    wrong.write_bytes(data)
    result = located(desk, qtbot, wrong)
    assert result.found == 0 and "None of the missing takes" in result.sentence
    assert desk.library.search() == ()


def test_a_second_search_does_not_begin_while_one_goes_on(desk: Desk, qtbot: QtBot) -> None:
    open_project(desk, qtbot)
    ended: list[Located] = []
    desk.relink.located.connect(ended.append)
    desk.relink.locate([desk.takes[0].path])
    assert desk.relink.looking
    desk.relink.locate([desk.takes[1].path])
    qtbot.waitUntil(lambda: not desk.relink.looking)
    assert [result.found for result in ended] == [1]


def test_a_library_that_cannot_take_it_in_says_why(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    open_project(desk, qtbot)
    shutil.rmtree(desk.library.folders.root / "Takes", ignore_errors=True)
    (desk.library.folders.root / "Takes").write_text("in the way")
    result = located(desk, qtbot, desk.takes[0].path)
    assert result.found == 0 and result.sentence == result.refused[0]


def test_a_take_that_somebody_put_back_is_heard_when_looked_for_again(
    desk: Desk, qtbot: QtBot
) -> None:
    open_project(desk, qtbot)
    for take in desk.takes:
        desk.library.import_file(take.path)
    with qtbot.waitSignal(desk.relink.missing_changed, timeout=WAIT_MS) as changed:
        desk.transport.look_again()
    assert changed.args == [()]


def test_a_file_that_vanishes_is_told_when_it_is_played_and_heard_when_it_is_back(
    desk: Desk, qtbot: QtBot
) -> None:
    for take in desk.takes:
        desk.library.import_file(take.path)
    with qtbot.waitSignal(desk.transport.tempo_given, timeout=WAIT_MS):
        desk.document.open(desk.project)
    gone = desk.transport.paths[desk.takes[0].take_id]
    aside = gone.rename(gone.with_suffix(".aside"))

    with qtbot.waitSignal(desk.relink.missing_changed, timeout=WAIT_MS):
        desk.transport.toggle()
    assert [media.take_id for media in desk.relink.missing] == [desk.takes[0].take_id]

    aside.rename(gone)
    with qtbot.waitSignal(desk.relink.missing_changed, timeout=WAIT_MS) as changed:
        desk.transport.look_again()
    assert changed.args == [()]


def test_playing_what_is_all_there_does_not_send_it_again(desk: Desk, qtbot: QtBot) -> None:
    for take in desk.takes:
        desk.library.import_file(take.path)
    with qtbot.waitSignal(desk.transport.tempo_given, timeout=WAIT_MS):
        desk.document.open(desk.project)
    revision = desk.studio.client.revision

    desk.transport.toggle()
    desk.transport.close()
    QCoreApplication.processEvents()
    assert desk.studio.client.revision == revision


def test_a_search_that_fails_is_over_and_another_can_begin(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_project(desk, qtbot)

    def broken(path: Path) -> StoredTake:
        raise ZeroDivisionError("no such take")

    with monkeypatch.context() as patch:
        patch.setattr(desk.library, "import_file", broken)
        result = located(desk, qtbot, desk.takes[0].path)
    assert "no such take" in result.sentence and not desk.relink.looking
    assert located(desk, qtbot, desk.takes[0].path).found == 1
