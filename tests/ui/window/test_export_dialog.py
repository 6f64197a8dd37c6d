"""The export dialog: what is asked for, and what becomes of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.edits import Edit
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.time import Tick
from acestep_desktop.library.media import resolve_media
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.export import DEPTHS, RATES
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.export_dialog import ExportDialog
from acestep_desktop.ui.main_window import MainWindow
from tests.ui.conftest import keep
from tests.ui.window.conftest import Answers, Button, named, place

WAIT_MS = 5_000
BAR = 4 * 960_000

MakeDialog = Callable[..., ExportDialog]


@pytest.fixture
def song(sessions: Sessions, folders_takes: TakeLibrary) -> Sessions:
    """Two tracks with a bar of noise each, at 120 bpm."""
    for name in ("Drums", "Bass"):
        place(sessions, folders_takes.get(keep(folders_takes, name)), name)
    return sessions


@pytest.fixture
def open_dialog(
    song: Sessions, folders_takes: TakeLibrary, tmp_path: Path, qtbot: QtBot
) -> MakeDialog:
    def open_dialog(
        change: Edit = lambda project: project, selected: TickRange | None = None
    ) -> ExportDialog:
        project = change(song.document.project)

        def paths() -> Mapping[TakeId, Path]:
            return resolve_media(project, tmp_path / "song.acestep", folders_takes).paths

        dialog = ExportDialog(song.export, project, paths, tmp_path / "out", selected=selected)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return open_dialog


@pytest.fixture
def dialog(open_dialog: MakeDialog) -> ExportDialog:
    return open_dialog()


def press(dialog: ExportDialog, name: str) -> None:
    named(dialog, QAbstractButton, name).click()


def choose(dialog: ExportDialog, name: str, text: str) -> None:
    box = named(dialog, QComboBox, name)
    assert box.findText(text) >= 0, [box.itemText(i) for i in range(box.count())]
    box.setCurrentText(text)


def said(dialog: ExportDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def export(dialog: ExportDialog, sessions: Sessions, qtbot: QtBot) -> list[Path]:
    with qtbot.waitSignal(sessions.export.finished, timeout=WAIT_MS) as finished:
        press(dialog, "Export")
    files: list[Path] = finished.args[0]
    return files


def test_enter_writes_the_mix_as_a_daw_wants_it(
    dialog: ExportDialog, song: Sessions, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(song.export.finished, timeout=WAIT_MS) as finished:
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert finished.args[0] == [tmp_path / "out" / "Untitled.wav"]
    info = soundfile.info(finished.args[0][0])
    assert (info.samplerate, info.subtype, info.frames) == (48_000, "PCM_24", 96_000)
    assert "1 file written: Untitled.wav" in said(dialog)
    assert named(dialog, QAbstractButton, "Open folder").isVisible()


def test_takes_that_are_found_after_the_dialog_opened_are_exported(
    song: Sessions, folders_takes: TakeLibrary, tmp_path: Path, qtbot: QtBot
) -> None:
    project, found = song.document.project, dict[TakeId, Path]()
    dialog = ExportDialog(song.export, project, lambda: found, tmp_path / "out")
    qtbot.addWidget(dialog)
    dialog.show()
    found.update(resolve_media(project, tmp_path / "song.acestep", folders_takes).paths)

    assert export(dialog, song, qtbot) == [tmp_path / "out" / "Untitled.wav"]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("depth", DEPTHS)
def test_every_rate_and_depth_that_is_offered_is_written(
    dialog: ExportDialog, song: Sessions, qtbot: QtBot, rate: int, depth: str
) -> None:
    choose(dialog, "Sample rate", f"{rate / 1000:g} kHz")
    box = named(dialog, QComboBox, "Bit depth")
    box.setCurrentIndex(box.findData(depth))
    info = soundfile.info(export(dialog, song, qtbot)[0])
    subtypes = {"16": "PCM_16", "24": "PCM_24", "32f": "FLOAT"}
    assert (info.samplerate, info.subtype, info.frames) == (rate, subtypes[depth], 2 * rate)


def test_stems_lie_in_a_folder_beside_the_mix(
    dialog: ExportDialog, song: Sessions, tmp_path: Path, qtbot: QtBot
) -> None:
    named(dialog, QCheckBox, "Stems").click()
    files = export(dialog, song, qtbot)
    assert [file.relative_to(tmp_path / "out").as_posix() for file in files] == [
        "Untitled.wav",
        "Untitled stems/01 Drums.wav",
        "Untitled stems/02 Bass.wav",
    ]
    assert "3 files written" in said(dialog)


def test_stems_alone_write_no_mix(
    dialog: ExportDialog, song: Sessions, tmp_path: Path, qtbot: QtBot
) -> None:
    named(dialog, QCheckBox, "Mix").click()
    named(dialog, QCheckBox, "Stems").click()
    export(dialog, song, qtbot)
    assert not list((tmp_path / "out").glob("*.wav"))


def test_neither_mix_nor_stems_is_nothing_to_do(
    dialog: ExportDialog, song: Sessions, tmp_path: Path
) -> None:
    named(dialog, QCheckBox, "Mix").click()
    press(dialog, "Export")
    assert "Choose the mix, the stems, or both." in said(dialog)
    assert not song.export.running
    assert not (tmp_path / "out").exists()


def test_flac_has_one_depth_and_says_so(dialog: ExportDialog, song: Sessions, qtbot: QtBot) -> None:
    depth = named(dialog, QComboBox, "Bit depth")
    choose(dialog, "Bit depth", "16 bit, dithered")
    choose(dialog, "Format", "FLAC")
    assert depth.currentData() == "24" and not depth.isEnabled()
    assert depth.toolTip() == "FLAC is written with 24 bits"
    info = soundfile.info(export(dialog, song, qtbot)[0])
    assert (info.format, info.subtype, info.frames) == ("FLAC", "PCM_24", 96_000)
    choose(dialog, "Format", "WAV")
    assert depth.isEnabled()


def test_without_a_loop_the_whole_project_is_the_only_range(dialog: ExportDialog) -> None:
    ranges = named(dialog, QComboBox, "Range")
    assert [ranges.itemText(i) for i in range(ranges.count())] == ["Whole project"]


def test_the_loop_is_a_range(open_dialog: MakeDialog, song: Sessions, qtbot: QtBot) -> None:
    quarter = BAR // 4
    loop = TickRange(Tick(quarter), Tick(3 * quarter))
    dialog = open_dialog(lambda project: replace(project, loop=loop))
    choose(dialog, "Range", "Loop, 1.2.000 to 1.4.000")
    assert soundfile.info(export(dialog, song, qtbot)[0]).frames == 48_000


def test_the_selected_range_is_a_range(
    open_dialog: MakeDialog, song: Sessions, qtbot: QtBot
) -> None:
    dialog = open_dialog(selected=TickRange(Tick(BAR // 4), Tick(BAR // 2)))
    choose(dialog, "Range", "Selected range, 1.2.000 to 1.3.000")
    assert soundfile.info(export(dialog, song, qtbot)[0]).frames == 24_000


def test_an_export_is_called_like_the_file_of_its_project(
    window: MainWindow,
    song: Sessions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    assert song.projects.save(tmp_path / "Sunset.acestep")

    def run(dialog: ExportDialog) -> None:
        (mix,) = export(dialog, song, qtbot)
        assert mix.name == "Sunset.wav"
        assert soundfile.SoundFile(mix).title == "Sunset"

    monkeypatch.setattr(QDialog, "exec", run)
    qtbot.waitUntil(lambda: len(song.transport.paths) == 2, timeout=WAIT_MS)
    window.files.export_wanted.emit()


@pytest.mark.parametrize("kind", ["Mix", "Stems"])
def test_files_that_are_there_are_replaced_only_after_a_question(
    dialog: ExportDialog, song: Sessions, answers: Answers, qtbot: QtBot, kind: str
) -> None:
    if kind == "Stems":
        press(dialog, "Mix")
        press(dialog, "Stems")
    written = export(dialog, song, qtbot)[0]
    written.write_bytes(b"mine")
    press(dialog, "Export")
    assert written.read_bytes() == b"mine" and not song.export.running
    name = {"Mix": "Untitled.wav", "Stems": "Untitled stems"}[kind]
    assert answers.asked == [f'"{name}" is there already. Replace it?']
    answers.button = Button.Yes
    export(dialog, song, qtbot)
    assert written.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Song", "Song.wav"),
        ("../../outside", "outside"),
        ("a/b\\c", None),
        ("CON", None),
        ("Nächte: ein 夜 Lied?", None),
        ("...", "Untitled.wav"),
        ("x" * 300, None),
    ],
)
def test_a_name_never_leaves_the_folder(
    open_dialog: MakeDialog,
    song: Sessions,
    tmp_path: Path,
    qtbot: QtBot,
    name: str,
    file: str | None,
) -> None:
    dialog = open_dialog(lambda project: replace(project, name=name))
    (mix,) = export(dialog, song, qtbot)
    assert mix.parent == tmp_path / "out" and mix.is_file()
    assert file is None or file in mix.name


def test_another_folder_is_chosen(
    dialog: ExportDialog, song: Sessions, answers: Answers, tmp_path: Path, qtbot: QtBot
) -> None:
    answers.folder = str(tmp_path / "DAW project")
    press(dialog, "Choose folder")
    assert answers.asked == [f"Folder {tmp_path / 'out'}"]
    (mix,) = export(dialog, song, qtbot)
    assert mix.parent == tmp_path / "DAW project"


def test_no_folder_chosen_keeps_the_one_that_was(
    dialog: ExportDialog, answers: Answers, tmp_path: Path
) -> None:
    press(dialog, "Choose folder")
    assert named(dialog, QLineEdit, "Folder").text() == str(tmp_path / "out")


def test_a_folder_that_cannot_be_made_is_said_and_can_be_mended(
    dialog: ExportDialog, song: Sessions, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = named(dialog, QLineEdit, "Folder")
    folder.setText(str(tmp_path / "file" / "below"))
    with qtbot.waitSignal(song.export.failed, timeout=WAIT_MS) as failed:
        press(dialog, "Export")
    assert failed.args[0] in said(dialog)
    write = named(dialog, QAbstractButton, "Export")
    assert write.isEnabled() and write.toolTip() == "Write the files (Enter)"
    assert not named(dialog, QAbstractButton, "Open folder").isVisible()
    folder.setText(str(tmp_path / "free"))
    assert export(dialog, song, qtbot)[0].is_file()


def test_a_project_without_a_clip_is_said(
    open_dialog: MakeDialog, song: Sessions, qtbot: QtBot
) -> None:
    dialog = open_dialog(lambda project: Project())
    with qtbot.waitSignal(song.export.failed, timeout=WAIT_MS):
        press(dialog, "Export")
    assert "nothing to render" in said(dialog)


def test_a_file_that_is_gone_is_named(
    dialog: ExportDialog, song: Sessions, folders_takes: TakeLibrary, qtbot: QtBot
) -> None:
    folders_takes.search()[0].path.unlink()
    with qtbot.waitSignal(song.export.failed, timeout=WAIT_MS) as failed:
        press(dialog, "Export")
    assert ".wav" in failed.args[0] and "\n" not in failed.args[0]


def test_while_it_writes_it_cannot_be_started_again(
    dialog: ExportDialog, song: Sessions, qtbot: QtBot
) -> None:
    write = named(dialog, QAbstractButton, "Export")
    bar = named(dialog, QProgressBar, "Export progress")
    with qtbot.waitSignal(song.export.finished, timeout=WAIT_MS):
        press(dialog, "Export")
        assert not write.isEnabled() and "being written" in write.toolTip()
        assert bar.isVisible()
    assert write.isEnabled() and not bar.isVisible()


@pytest.mark.parametrize("how", ["Esc", "Close", "cross"])
def test_leaving_while_it_writes_cancels_and_leaves_nothing_half_written(
    dialog: ExportDialog, song: Sessions, tmp_path: Path, qtbot: QtBot, how: str
) -> None:
    leave: dict[str, Callable[[], object]] = {
        "Esc": lambda: qtbot.keyClick(dialog, Qt.Key.Key_Escape),
        "Close": lambda: press(dialog, "Close"),
        "cross": dialog.close,
    }
    with qtbot.waitSignal(song.export.cancelled, timeout=WAIT_MS):
        press(dialog, "Export")
        leave[how]()
    assert "Cancelled" in said(dialog)
    assert not list((tmp_path / "out").rglob("*.wav"))
    leave[how]()
    assert not dialog.isVisible()


def test_progress_is_the_part_that_is_written(
    dialog: ExportDialog, song: Sessions, qtbot: QtBot
) -> None:
    fractions: list[float] = []
    song.export.progressed.connect(fractions.append)
    export(dialog, song, qtbot)
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= fractions[-1] == 1.0
    assert named(dialog, QProgressBar, "Export progress").value() == 1000


def test_the_folder_is_shown_in_the_file_manager(
    dialog: ExportDialog,
    song: Sessions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    export(dialog, song, qtbot)
    press(dialog, "Open folder")
    assert [Path(url.toLocalFile()) for url in opened] == [tmp_path / "out"]


def test_the_tilde_is_the_home_folder(dialog: ExportDialog, song: Sessions, qtbot: QtBot) -> None:
    named(dialog, QLineEdit, "Folder").setText("~/Bounces")
    (mix,) = export(dialog, song, qtbot)
    assert mix == Path.home() / "Bounces" / "Untitled.wav"


def test_a_dialog_that_was_closed_listens_no_more(
    window: MainWindow, song: Sessions, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(QDialog, "exec", lambda dialog: 0)
    for _ in range(3):
        window.files.export_wanted.emit()
    qtbot.waitUntil(lambda: not window.findChildren(ExportDialog))


def test_every_control_has_a_name_and_a_tip(dialog: ExportDialog) -> None:
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for control in dialog.findChildren(kind):
            assert control.accessibleName() and control.toolTip(), control
