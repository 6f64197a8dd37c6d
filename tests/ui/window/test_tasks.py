"""Tasks through the window: takes, clips and files go to ACE-Step, and what cannot be says why."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QSpinBox,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.project import TickRange
from acestep_desktop.domain.request import (
    Complete,
    Cover,
    Extend,
    Repaint,
    Request,
    TextToMusic,
)
from acestep_desktop.domain.time import Tick
from acestep_desktop.generation.abilities import Estimate
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.session.prompts import PromptShelf
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.commands import Commands
from acestep_desktop.ui.engine_card import ModelCard
from acestep_desktop.ui.main_window import MainWindow
from acestep_desktop.ui.prompt_panel import PromptPanel
from acestep_desktop.ui.take_actions import SEND, SENDABLE, TakeActions
from acestep_desktop.ui.task_zone import SourceZone
from acestep_desktop.ui.timeline.view import TimelineView
from tests.generation.fake_engines import NO_STEMS
from tests.ui.conftest import keep
from tests.ui.window.conftest import named, place

WAIT_MS = 20_000


@pytest.fixture
def take(window: MainWindow, folders_takes: TakeLibrary, sessions: Sessions) -> StoredTake:
    found = folders_takes.get(keep(folders_takes, "warm house"))
    sessions.library.takes_changed.emit()
    return found


@pytest.fixture
def prompt(window: MainWindow) -> PromptPanel:
    return window.findChild(PromptPanel)


@pytest.fixture
def known(sessions: Sessions, window: MainWindow, qtbot: QtBot) -> None:
    """ACE-Step has said what it can do."""
    sessions.engines.state("acestep")
    qtbot.waitUntil(lambda: sessions.engines.state("acestep").is_known, timeout=WAIT_MS)


def submenu(menu: QMenu, title: str) -> QMenu:
    return next(m for m in menu.findChildren(QMenu) if m.title() == title)


def action(menu: QMenu, title: str):
    return next(a for a in menu.actions() if a.text().partition("\t")[0] == title)


def asked(prompt: PromptPanel, qtbot: QtBot) -> Request:
    with qtbot.waitSignal(prompt.generate_wanted) as wanted:
        named(prompt, QAbstractButton, "Generate").click()
    return wanted.args[0]


def choose(prompt: PromptPanel, key: str, name: str = "Engine") -> None:
    box = named(prompt, QComboBox, name)
    box.setCurrentIndex(box.findData(key))


def said(prompt: PromptPanel) -> str:
    return " ".join(x.text() for x in prompt.findChildren(QLabel) if x.isVisibleTo(prompt))


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Cover", Cover("", 0.7)), ("Complete", Complete("", ("bass", "drums")))],
)
def test_a_take_is_sent_to_a_task_in_one_gesture(
    prompt: PromptPanel,
    take: StoredTake,
    window: MainWindow,
    title: str,
    expected: Cover | Complete,
    qtbot: QtBot,
) -> None:
    menu = window.findChild(TakeActions).menu([take], window)
    action(submenu(menu, SEND), title).trigger()
    request = asked(prompt, qtbot)
    assert request.task == replace(expected, source=str(take.path))
    assert request.prompt.caption == "warm house"


def test_words_that_are_written_stay(prompt: PromptPanel, take: StoredTake, qtbot: QtBot) -> None:
    prompt.set_words("cold techno")
    prompt.send(take.path, "cover", words=take.caption)
    assert asked(prompt, qtbot).prompt.caption == "cold techno"


def test_every_task_is_in_the_palette(window: MainWindow, take: StoredTake) -> None:
    verbs = {verb.name for verb in window.findChild(Commands).book.verbs}
    assert {f"{SEND}: {title.rstrip('…')}" for title in SENDABLE.values()} <= verbs
    assert {"Repaint the clip", "Extend the clip", "Unload the engine", "Lyrics"} <= verbs


def test_a_verb_of_the_palette_sends_the_take_that_is_heard(
    prompt: PromptPanel, take: StoredTake, sessions: Sessions, window: MainWindow, qtbot: QtBot
) -> None:
    sessions.audition.play(take)
    window.findChild(Commands).book.run(f"{SEND}: Variation")
    assert str(take.path) in str(asked(prompt, qtbot).task)


@pytest.mark.usefixtures("known")
def test_a_task_that_the_engine_cannot_do_says_why_and_is_not_begun(
    prompt: PromptPanel, take: StoredTake, sessions: Sessions, qtbot: QtBot
) -> None:
    choose(prompt, "acestep")
    prompt.send(take.path, "extract")
    tasks = named(prompt, QComboBox, "Task")
    row = tasks.findData("extract")
    assert tasks.itemData(row, Qt.ItemDataRole.ToolTipRole) == NO_STEMS
    assert not tasks.model().item(row).isEnabled()
    with qtbot.waitSignal(prompt.said) as told, qtbot.assertNotEmitted(prompt.generate_wanted):
        prompt.generate()
    assert told.args == [NO_STEMS] and NO_STEMS in said(prompt)


def test_a_task_without_audio_says_what_is_missing(prompt: PromptPanel, qtbot: QtBot) -> None:
    choose(prompt, "acestep")
    choose(prompt, "cover", "Task")
    with qtbot.assertNotEmitted(prompt.generate_wanted):
        prompt.generate()
    assert "Cover needs a source" in said(prompt)


def test_a_range_over_a_clip_becomes_a_repaint(
    prompt: PromptPanel, take: StoredTake, sessions: Sessions, window: MainWindow, qtbot: QtBot
) -> None:
    place(sessions, take)
    timeline = window.findChild(TimelineView)
    track = sessions.document.project.tracks[0]
    quarter = 960_000
    timeline.editor.select_span(TickRange(Tick(quarter), Tick(3 * quarter)), [track.track_id])
    action(timeline.menus.of_range(), "Repaint…").trigger()
    assert asked(prompt, qtbot).task == Repaint(str(take.path), 0.5, 1.5)


def test_a_clip_is_extended_and_several_are_refused(
    prompt: PromptPanel, take: StoredTake, sessions: Sessions, window: MainWindow, qtbot: QtBot
) -> None:
    place(sessions, take)
    timeline = window.findChild(TimelineView)
    clip = sessions.document.project.tracks[0].clips[0]
    timeline.editor.select([clip.clip_id])
    action(timeline.menus.of_clips(Tick(0)), "Extend…").trigger()
    assert asked(prompt, qtbot).task == Extend(str(take.path), 0.0, 10.0)
    place(sessions, take, "Bass")
    timeline.editor.select_all()
    commands = window.findChild(Commands)
    with qtbot.waitSignal(commands.said) as told:
        commands.book.run("Repaint the clip")
    assert "Choose one clip" in told.args[0]


def test_music_from_audio_is_as_long_as_the_audio(
    prompt: PromptPanel, take: StoredTake, qtbot: QtBot
) -> None:
    length = named(prompt, QComboBox, "Length")
    length.setCurrentText("16")
    prompt.send(take.path, "cover")
    request = asked(prompt, qtbot)
    assert (request.bars, request.seconds) == (None, None)
    assert not length.isEnabled() and "source" in length.toolTip()
    choose(prompt, "new", "Task")
    assert length.isEnabled() and asked(prompt, qtbot).bars == 16


def test_minutes_are_a_length_too(prompt: PromptPanel, qtbot: QtBot) -> None:
    named(prompt, QComboBox, "Length").setCurrentText("2 min")
    request = asked(prompt, qtbot)
    assert (request.bars, request.seconds) == (None, 120.0)


@pytest.mark.usefixtures("known")
def test_another_engine_that_cannot_do_the_task_goes_back_to_new_music(
    prompt: PromptPanel, take: StoredTake, sessions: Sessions, qtbot: QtBot
) -> None:
    choose(prompt, "acestep")
    prompt.send(take.path, "extract")
    qtbot.waitUntil(lambda: sessions.engines.state("sketch").is_known, timeout=WAIT_MS)
    choose(prompt, "sketch")
    assert prompt.options.task == "new"
    assert isinstance(asked(prompt, qtbot).task, TextToMusic)


def test_lyrics_and_their_language_are_part_of_the_request(
    prompt: PromptPanel, window: MainWindow, qtbot: QtBot
) -> None:
    window.findChild(Commands).book.run("Lyrics")
    edit = named(prompt, QPlainTextEdit, "Lyrics")
    assert edit.isVisibleTo(prompt) and edit.hasFocus()
    qtbot.keyClicks(edit, "la la la")
    box = named(prompt, QComboBox, "Language of the lyrics")
    box.setCurrentIndex(box.findData("en"))
    request = asked(prompt, qtbot)
    assert (request.prompt.lyrics, request.prompt.language) == ("la la la", "en")
    qtbot.waitUntil(lambda: "Sketch does not sing" in said(prompt))
    choose(prompt, "acestep")
    assert "Sketch does not sing" not in said(prompt)
    edit.clear()
    request = asked(prompt, qtbot)
    assert (request.prompt.lyrics, request.prompt.language) == ("", "unknown")
    window.findChild(Commands).book.run("Lyrics")
    assert not edit.isVisibleTo(prompt)


def test_ctrl_enter_in_the_lyrics_generates(prompt: PromptPanel, qtbot: QtBot) -> None:
    prompt.options.toggle_lyrics()
    edit = named(prompt, QPlainTextEdit, "Lyrics")
    with qtbot.waitSignal(prompt.generate_wanted):
        qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_sketch_has_no_fields_of_a_model_and_says_so(
    prompt: PromptPanel, window: MainWindow, qtbot: QtBot
) -> None:
    commands, advanced = window.findChild(Commands), named(prompt, QAbstractButton, "Advanced")
    choose(prompt, "acestep")
    advanced.click()
    choose(prompt, "sketch")
    assert not advanced.isVisibleTo(prompt) and not prompt.options.side.isVisibleTo(prompt)
    with qtbot.waitSignal(commands.said) as told:
        commands.book.run("Advanced: steps and LoRA")
    assert "Sketch has no model" in told.args[0]


def test_steps_are_written_once_they_rest(
    prompt: PromptPanel, sessions: Sessions, window: MainWindow, qtbot: QtBot
) -> None:
    choose(prompt, "acestep")
    shelf, written = window._shelf, []
    shelf.changed.connect(lambda: written.append(shelf.options.sampling.steps))
    steps = named(prompt, QSpinBox, "Steps")
    for value in range(20, 40):
        steps.setValue(value)
    assert written == []
    qtbot.waitUntil(lambda: written == [39])
    steps.setValue(12)
    window.log_out()
    assert written == [39, 12]


def test_a_task_of_audio_without_words_asks_what_it_costs(
    prompt: PromptPanel, sessions: Sessions, take: StoredTake, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(
        sessions.engines.estimated,
        timeout=WAIT_MS,
        check_params_cb=lambda request, _: isinstance(request.task, Cover),
    ):
        prompt.send(take.path, "cover")


def test_what_was_missing_is_said_no_more_once_it_is_there(
    prompt: PromptPanel, take: StoredTake, window: MainWindow, qtbot: QtBot
) -> None:
    choose(prompt, "acestep")
    choose(prompt, "cover", "Task")
    prompt.generate()
    assert "Cover needs a source" in said(prompt)
    window.findChild(SourceZone).wanted.emit(take.path)
    qtbot.waitUntil(lambda: "Cover needs a source" not in said(prompt))


def test_one_page_is_open_at_a_time(prompt: PromptPanel) -> None:
    choose(prompt, "acestep")
    lyrics, advanced = (named(prompt, QAbstractButton, n) for n in ("Lyrics", "Advanced"))
    lyrics.click()
    advanced.click()
    assert (lyrics.isChecked(), advanced.isChecked()) == (False, True)
    assert prompt.options.side.isVisibleTo(prompt)
    advanced.click()
    assert not prompt.options.side.isVisibleTo(prompt)


def test_what_a_job_needs_is_said_before_it_begins(
    prompt: PromptPanel, sessions: Sessions, qtbot: QtBot
) -> None:
    prompt.set_words("slow waltz")
    request = prompt.request()
    sessions.engines.estimated.emit(request, Estimate(42.0, 5 * 2**30))
    assert "about 42 s, 5.0 GiB of memory" in said(prompt)
    reason = "This needs about 9 GiB of memory, and 4 are free."
    sessions.engines.estimated.emit(request, Estimate(600.0, 9 * 2**30, reason))
    assert "about 10 min" in said(prompt) and reason in said(prompt)
    sessions.engines.estimated.emit(request, Estimate(0.5, 2**20))
    assert "about" not in said(prompt) and reason not in said(prompt)


def test_an_estimate_follows_what_is_asked(
    prompt: PromptPanel, sessions: Sessions, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(
        sessions.engines.estimated,
        timeout=WAIT_MS,
        check_params_cb=lambda request, _: request.prompt.caption == "slow waltz",
    ):
        prompt.set_words("slow waltz")


@pytest.mark.usefixtures("known")
def test_the_engine_its_model_and_its_memory_are_in_one_line(
    prompt: PromptPanel, sessions: Sessions, qtbot: QtBot
) -> None:
    choose(prompt, "acestep")
    sessions.engines.look()
    assert "ACE-Step 1.5  ·  no model" in said(prompt) and "MiB" in said(prompt)
    named(prompt, QToolButton, "Unload").click()
    qtbot.waitUntil(lambda: "not loaded" in said(prompt), timeout=WAIT_MS)
    assert not named(prompt, QToolButton, "Unload").isVisibleTo(prompt)


@pytest.mark.usefixtures("known")
def test_an_engine_without_models_offers_to_get_one(prompt: PromptPanel, qtbot: QtBot) -> None:
    seen: list[str] = []

    def close_dialog() -> None:
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        seen.append(dialog.windowTitle())
        dialog.close()

    choose(prompt, "acestep")
    QTimer.singleShot(0, close_dialog)
    named(prompt, QAbstractButton, "Get a model").click()
    assert seen == ["Models"]
    choose(prompt, "sketch")
    assert not named(prompt, QAbstractButton, "Get a model").isVisibleTo(prompt)


def test_what_was_chosen_is_there_at_the_next_start(
    prompt: PromptPanel, sessions: Sessions, qtbot: QtBot, take: StoredTake
) -> None:
    choose(prompt, "acestep")
    prompt.options.open_page("advanced")
    named(prompt, QSpinBox, "Steps").setValue(27)
    named(prompt, QDoubleSpinBox, "Shift").setValue(2.5)
    prompt.options.toggle_lyrics()
    named(prompt, QPlainTextEdit, "Lyrics").setPlainText("[verse]\nla la")
    asked(prompt, qtbot)
    again = PromptPanel(PromptShelf(sessions.library.folders.data))
    qtbot.addWidget(again)
    again.furnish(sessions.engines, sessions.sources)
    assert again.engine == "acestep"
    request = again.request()
    assert (request.sampling.steps, request.sampling.shift) == (27, 2.5)
    assert request.prompt.lyrics == "[verse]\nla la"


def test_the_strip_folds_everything_but_the_words(
    prompt: PromptPanel, window: MainWindow, qtbot: QtBot
) -> None:
    prompt.options.toggle_lyrics()
    commands = window.findChild(Commands)
    commands.strip.toggle()
    assert not prompt.options.isVisibleTo(prompt)
    assert not prompt.options.side.isVisibleTo(prompt)
    commands.strip.toggle()
    assert prompt.options.side.isVisibleTo(prompt)


def test_a_prompt_that_is_not_furnished_waits_with_audio(qtbot: QtBot, tmp_path: Path) -> None:
    panel = PromptPanel()
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.said) as told:
        panel.send(tmp_path / "a.wav", "cover")
    assert "being set up" in told.args[0]
    assert isinstance(panel.request().task, TextToMusic)


def test_a_first_model_is_offered_until_it_is_dismissed(
    prompt: PromptPanel, window: MainWindow, sessions: Sessions, qtbot: QtBot
) -> None:
    card = window.findChild(ModelCard)
    with qtbot.waitSignal(sessions.models.models_changed, timeout=WAIT_MS):
        sessions.models.refresh()
    assert card.isVisibleTo(window)
    assert "to download" in " ".join(label.text() for label in card.findChildren(QLabel))
    named(card, QAbstractButton, "Not now").click()
    assert not card.isVisibleTo(window)
    with qtbot.waitSignal(sessions.models.models_changed, timeout=WAIT_MS):
        sessions.models.refresh()
    assert not card.isVisibleTo(window)
    assert not PromptShelf(sessions.library.folders.data).offers_model
