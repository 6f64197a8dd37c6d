"""Export: files of a project, written in the background."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.project import Master, Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.media import media_of_take
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.export import Export, ExportSession, RenderFormat

WAIT_MS = 20_000
BAR = 4 * 960_000


@pytest.fixture
def song(tmp_path: Path) -> tuple[Project, dict[TakeId, Path]]:
    """Ten bars of noise at 120 bpm on one track."""
    library = TakeLibrary(folders_below(tmp_path))
    noise = np.random.default_rng(1).uniform(-0.2, 0.2, (960_000, 2)).astype(np.float32)
    take = library.commit(noise)
    library.close()
    project = Project(name="Song", tempo=TempoMap.steady(120.0), master=Master(limiter=False))
    project = add_track(add_media(project, media_of_take(take)), "Noise")
    clip = Clip.of_take(take.take_id, Tick(0), Frame(960_000))
    return add_clip(project, project.tracks[0].track_id, clip), {take.take_id: take.path}


@pytest.fixture
def export(qapp: QCoreApplication) -> Iterator[ExportSession]:
    session = ExportSession()
    yield session
    session.close()


def wish(
    song: tuple[Project, dict[TakeId, Path]], folder: Path, part: TickRange | None = None
) -> Export:
    mix, stems = folder / "Song.wav", folder / "stems"
    return Export(song[0], song[1], RenderFormat(depth="32f"), mix, stems, part)


def test_mix_and_stems_are_written(
    export: ExportSession, song: tuple[Project, dict[TakeId, Path]], tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(export.finished, timeout=WAIT_MS) as finished:
        export.start(wish(song, tmp_path))
    mix, stem = [soundfile.read(path, dtype="float32")[0] for path in finished.args[0]]
    assert len(mix) == 960_000
    assert np.array_equal(mix, stem)
    assert not export.running


def test_a_range_is_written(
    export: ExportSession, song: tuple[Project, dict[TakeId, Path]], tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(export.finished, timeout=WAIT_MS) as finished:
        export.start(wish(song, tmp_path, TickRange(Tick(40), Tick(40 + 2 * BAR))))
    assert soundfile.info(finished.args[0][0]).frames == 2 * 96_000


def test_progress_goes_once_from_nothing_to_all(
    export: ExportSession, song: tuple[Project, dict[TakeId, Path]], tmp_path: Path, qtbot: QtBot
) -> None:
    fractions: list[float] = []
    export.progressed.connect(fractions.append)
    with qtbot.waitSignal(export.finished, timeout=WAIT_MS):
        export.start(wish(song, tmp_path))
    assert fractions == sorted(fractions)
    assert 0.5 in fractions and fractions[-1] == 1.0


def test_files_of_other_projects_are_not_asked_for(
    export: ExportSession, song: tuple[Project, dict[TakeId, Path]], tmp_path: Path, qtbot: QtBot
) -> None:
    project, paths = song
    with qtbot.waitSignal(export.finished, timeout=WAIT_MS):
        export.start(wish((project, {**paths, TakeId("other"): tmp_path / "gone.wav"}), tmp_path))


def test_what_would_be_replaced_is_known_before(
    export: ExportSession, song: tuple[Project, dict[TakeId, Path]], tmp_path: Path, qtbot: QtBot
) -> None:
    assert wish(song, tmp_path).replaced() == ()
    with qtbot.waitSignal(export.finished, timeout=WAIT_MS):
        export.start(wish(song, tmp_path))
    assert wish(song, tmp_path).replaced() == ("Song.wav", "stems")


def test_a_cancelled_export_leaves_nothing_half_written(
    export: ExportSession, song: tuple[Project, dict[TakeId, Path]], tmp_path: Path, qtbot: QtBot
) -> None:
    export.progressed.connect(export.cancel)
    with qtbot.waitSignal(export.cancelled, timeout=WAIT_MS):
        export.start(wish(song, tmp_path))
        export.cancel()
    assert not (tmp_path / "Song.wav").exists()


def test_two_exports_at_once_are_refused_in_a_sentence(
    export: ExportSession, song: tuple[Project, dict[TakeId, Path]], tmp_path: Path, qtbot: QtBot
) -> None:
    sentences: list[str] = []
    export.failed.connect(sentences.append)
    with qtbot.waitSignal(export.finished, timeout=WAIT_MS):
        export.start(wish(song, tmp_path))
        export.start(wish(song, tmp_path))
    assert len(sentences) == 1 and "being written" in sentences[0]


def test_a_missing_take_is_named(
    export: ExportSession, song: tuple[Project, dict[TakeId, Path]], tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(export.failed, timeout=WAIT_MS) as failed:
        export.start(wish((song[0], {}), tmp_path))
    assert "is missing" in failed.args[0]


def test_a_mistake_of_the_program_is_a_sentence_and_ends_the_export(
    export: ExportSession,
    song: tuple[Project, dict[TakeId, Path]],
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no such thing")

    with monkeypatch.context() as broken:
        broken.setattr("acestep_desktop.session.export.render_mix", stumble)
        with qtbot.waitSignal(export.failed, timeout=WAIT_MS) as failed:
            export.start(wish(song, tmp_path))
    assert "mistake" in failed.args[0]
    with qtbot.waitSignal(export.finished, timeout=WAIT_MS):
        export.start(wish(song, tmp_path))


def test_an_empty_project_is_refused(export: ExportSession, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(export.failed, timeout=WAIT_MS) as failed:
        export.start(wish((Project(), {}), tmp_path))
    assert "nothing to render" in failed.args[0]
