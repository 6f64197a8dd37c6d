"""Files of clips: ready when the drag begins, written while the clips are merely selected."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.clip import Clip, ClipId
from acestep_desktop.domain.clip_edits import change_clips
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.media import media_of_take
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session import clip_files as module
from acestep_desktop.session.clip_files import MAX_PIECES, ClipFileSession
from acestep_desktop.session.document import DocumentSession

WAIT_MS = 20_000
FRAMES = 96_000


@pytest.fixture
def library(tmp_path: Path) -> Iterator[TakeLibrary]:
    library = TakeLibrary(folders_below(tmp_path))
    yield library
    library.close()


@pytest.fixture
def take(library: TakeLibrary) -> StoredTake:
    noise = np.random.default_rng(1).uniform(-0.2, 0.2, (FRAMES, 2))
    return library.commit(noise.astype(np.float32))


@pytest.fixture
def document(qapp: QCoreApplication, take: StoredTake) -> DocumentSession:
    """A track with a whole clip, and one that shows only half of the take."""
    project = add_track(add_media(Project(), media_of_take(take)), "Noise")
    whole = Clip.of_take(take.take_id, Tick(0), Frame(FRAMES), name="Noise")
    half = replace(whole, clip_id=ClipId("half"), start=Tick(9_600_000), length=Frame(48_000))
    for clip in (replace(whole, clip_id=ClipId("whole")), half):
        project = add_clip(project, project.tracks[0].track_id, clip)
    return DocumentSession(project)


@pytest.fixture
def paths(take: StoredTake) -> dict[TakeId, Path]:
    return {take.take_id: take.path}


@pytest.fixture
def files(
    document: DocumentSession, library: TakeLibrary, paths: dict[TakeId, Path]
) -> Iterator[ClipFileSession]:
    session = ClipFileSession(document, library, paths.copy)
    yield session
    session.close()


WHOLE, HALF = ClipId("whole"), ClipId("half")


def sentences_of(files: ClipFileSession) -> list[str]:
    said: list[str] = []
    files.said.connect(said.append)
    return said


def test_a_whole_clip_is_ready_at_once(files: ClipFileSession, take: StoredTake) -> None:
    assert files.ready_paths([WHOLE]) == [take.path]


def test_a_clip_that_was_selected_is_ready_when_it_is_dragged(
    files: ClipFileSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(files.ready, timeout=WAIT_MS):
        files.prepare([WHOLE, HALF])
    written: list[object] = []
    monkeypatch.setattr(module, "prepare_file", lambda *arguments: written.append(arguments))
    paths = files.ready_paths([HALF, WHOLE])
    assert paths is not None and len(paths) == 2
    assert soundfile.info(paths[1]).frames == 48_000
    assert written == [], "a drag waits for no writing"


def test_a_drag_that_comes_too_early_is_told_so_and_works_a_moment_later(
    files: ClipFileSession, qtbot: QtBot
) -> None:
    said = sentences_of(files)
    with qtbot.waitSignal(files.ready, timeout=WAIT_MS):
        assert files.ready_paths([HALF]) is None
    assert len(said) == 1 and "in a moment" in said[0]
    assert files.ready_paths([HALF]) is not None


def test_an_edit_of_the_selected_clip_prepares_its_new_sound(
    files: ClipFileSession, document: DocumentSession, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(files.ready, timeout=WAIT_MS):
        files.prepare([HALF])
    before = files.ready_paths([HALF])
    with qtbot.waitSignal(files.ready, timeout=WAIT_MS):
        document.apply(
            "Change gain",
            lambda project: change_clips(project, [HALF], lambda c: replace(c, gain_db=-3.0)),
        )
    after = files.ready_paths([HALF])
    assert before is not None and after is not None and before != after
    assert before[0].is_file()


def test_undoing_the_edit_gives_the_first_file_again(
    files: ClipFileSession, document: DocumentSession, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(files.ready, timeout=WAIT_MS):
        files.prepare([HALF])
    before = files.ready_paths([HALF])
    document.apply(
        "Change gain",
        lambda project: change_clips(project, [HALF], lambda c: replace(c, gain_db=-3.0)),
    )
    document.undo()
    assert files.ready_paths([HALF]) == before


def test_a_range_is_a_file_for_each_track(
    files: ClipFileSession, document: DocumentSession, qtbot: QtBot
) -> None:
    tracks = [document.project.tracks[0].track_id]
    span = TickRange(Tick(0), Tick(960_000))
    with qtbot.waitSignal(files.ready, timeout=WAIT_MS):
        files.prepare_range(span, tracks)
    paths = files.ready_range_paths(span, tracks)
    assert paths is not None and [soundfile.info(path).frames for path in paths] == [24_000]


def test_a_missing_take_is_told_when_it_is_dragged_and_not_when_it_is_selected(
    document: DocumentSession, library: TakeLibrary, qtbot: QtBot
) -> None:
    files = ClipFileSession(document, library, dict)
    said = sentences_of(files)
    files.prepare([HALF])
    assert files.ready_paths([HALF]) is None
    qtbot.waitUntil(lambda: files.ready_paths([HALF]) is None and "missing" in said[-1])
    files.close()


def test_a_library_that_was_emptied_still_gives_the_clip(
    document: DocumentSession, paths: dict[TakeId, Path], tmp_path: Path, qtbot: QtBot
) -> None:
    other = TakeLibrary(folders_below(tmp_path / "other"))
    files = ClipFileSession(document, other, paths.copy)
    with qtbot.waitSignal(files.ready, timeout=WAIT_MS):
        files.prepare([HALF])
    found = files.ready_paths([HALF])
    assert found is not None and found[0].is_relative_to(tmp_path / "other" / "Dragged")
    files.close()
    other.close()


def test_dragging_nothing_is_told_kindly(files: ClipFileSession) -> None:
    said = sentences_of(files)
    assert files.ready_paths([]) is None
    assert said == ["There is nothing to drag out here: select a clip."]


def test_more_clips_than_anyone_drags_are_refused_and_none_is_written(
    files: ClipFileSession, document: DocumentSession, tmp_path: Path
) -> None:
    clip = document.project.tracks[0].clips[1]
    many = [replace(clip, clip_id=ClipId(str(n)), offset=Frame(n)) for n in range(MAX_PIECES + 1)]
    track = document.project.tracks[0].with_clips(tuple(many))
    document.apply("Add", lambda project: replace(project, tracks=(track,)))
    said = sentences_of(files)
    assert files.ready_paths([clip.clip_id for clip in many]) is None
    assert said == [f"That is too much to drag at once: select at most {MAX_PIECES} clips."]
    assert not (tmp_path / "Dragged").exists()


def test_what_earlier_windows_prepared_for_nothing_is_forgotten(
    files: ClipFileSession, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(files.ready, timeout=WAIT_MS):
        files.prepare([HALF])
    files.start()
    qtbot.waitUntil(lambda: not list((tmp_path / "Dragged").rglob("*.wav")), timeout=WAIT_MS)
    files.close()
