"""The audition tray: takes arrive, are heard, compared and taken away."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.notes import Note, Part
from acestep_desktop.domain.recipe import EngineIdentity, Music, Recipe
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.time import Meter, Tick
from acestep_desktop.generation.jobs import JobState
from acestep_desktop.library.preferences import Preferences
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.realtime.status import Status
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.batches import BatchSession
from acestep_desktop.session.library import LibrarySession, StoredTake
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.ui.files_out import DragHandle
from acestep_desktop.ui.take_actions import TakeActions
from acestep_desktop.ui.take_card import Placeholder, TakeCard
from acestep_desktop.ui.take_face import TakeFace, face_width
from acestep_desktop.ui.theme import load_theme
from acestep_desktop.ui.tray import AuditionTray
from tests.session.test_batches import FakeJobs, job
from tests.ui.conftest import FakeSound, keep


class Jobs(FakeJobs):
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[object, ...]] = []
        self.is_full = False

    def more_like(self, engine: str, request: Request) -> object:
        self.asked.append(("more", engine, request))
        return request

    def cancel(self, job_id: int) -> None:
        self.asked.append(("cancel", job_id))

    def submit(self, engine: str, request: Request) -> object | None:
        self.asked.append(("submit", engine, request))
        return None if self.is_full else request


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


@pytest.fixture
def batches(jobs: Jobs, library: LibrarySession) -> BatchSession:
    return BatchSession(jobs, library)


@pytest.fixture
def tray(
    qtbot: QtBot,
    tmp_path: Path,
    jobs: Jobs,
    batches: BatchSession,
    library: LibrarySession,
    audition: AuditionSession,
) -> AuditionTray:
    settings = SettingsSession(Preferences(tmp_path / "preferences.json"))
    settings.level_matched_changed.connect(audition.set_level_matched)
    actions = TakeActions(library, audition, jobs)
    tray = AuditionTray(batches, jobs, library, audition, settings, actions, load_theme("dark"))
    actions.setParent(tray)
    qtbot.addWidget(tray)
    tray.resize(1200, 180)
    tray.show()
    return tray


@pytest.fixture
def arrive(jobs: Jobs, takes: TakeLibrary) -> Callable[..., list[StoredTake]]:
    def arrive(*words: str) -> list[StoredTake]:
        running = job(len(jobs.jobs) + 1, variations=len(words))
        jobs.tell(*jobs.jobs, running)
        kept = [takes.get(keep(takes, text)) for text in words]
        for take in kept:
            jobs.take_kept.emit(take, running)
        done = replace(running, state=JobState.DONE)
        jobs.tell(*jobs.jobs[:-1], done)
        return kept

    return arrive


def button(parent: QWidget, name: str) -> QAbstractButton:
    return next(
        b
        for b in parent.findChildren(QAbstractButton)
        if b.accessibleName() == name and b.isVisibleTo(parent)
    )


def cards(tray: AuditionTray) -> list[TakeCard]:
    found = [card for card in tray.findChildren(TakeCard) if card.isVisibleTo(tray)]
    return sorted(found, key=lambda card: card.mapTo(tray, card.rect().topLeft()).x())


def test_a_placeholder_of_the_true_length_shows_real_progress(
    tray: AuditionTray, jobs: Jobs
) -> None:
    jobs.tell(job(1, "16 bars, 120 bpm", variations=2, fraction=0.25, stage="Playing"))
    first, second = tray.findChildren(Placeholder)
    assert "16 bars" in first.accessibleName() and "50%" in first.accessibleName()
    assert "waits" in second.accessibleName()
    assert first.sizeHint().width() == face_width(32.0) > face_width(8.0)


def test_takes_replace_their_placeholders_as_they_arrive(
    tray: AuditionTray, jobs: Jobs, takes: TakeLibrary
) -> None:
    running = job(1, variations=2)
    jobs.tell(running)
    jobs.take_kept.emit(takes.get(keep(takes, "one")), running)
    assert len(cards(tray)) == 1
    shown = [p for p in tray.findChildren(Placeholder) if p.isVisibleTo(tray)]
    assert len(shown) == 1


def test_a_take_that_arrives_leaves_the_cards_of_other_jobs_as_they_are(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]]
) -> None:
    arrive("one")
    (first,) = cards(tray)
    star = button(first, "Star")
    star.setToolTip("written by hand")
    arrive("two")
    assert [len(cards(tray)), star.toolTip()] == [2, "written by hand"]
    (face,) = first.findChildren(TakeFace)
    assert face.accessibleName().startswith("Take 2:")  # the newest is the first


def test_the_first_take_plays_by_itself_unless_switched_off(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]], sound: FakeSound
) -> None:
    first, _ = arrive("one", "two two")
    assert [heard for heard, _ in sound.heard] == [first.take_id]
    button(tray, "Play first").click()
    arrive("three of them")
    assert len(sound.heard) == 1


def test_numbers_switch_while_a_take_plays(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]], sound: FakeSound, qtbot: QtBot
) -> None:
    kept = arrive("one", "two two", "three of them")
    tray.play_number(3)
    assert [heard for heard, _ in sound.heard] == [kept[0].take_id, kept[2].take_id]
    with qtbot.waitSignal(tray.said) as said:
        tray.play_number(7)
    assert said.args == ["There is no take 7 in the tray."]


def test_a_switch_waits_for_the_bar_where_the_timeline_rolls(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]], sound: FakeSound
) -> None:
    arrive("one", "two two")
    sound.status = Status(rolling=True)
    tray.play_number(2)
    assert [wish.when for _, wish in sound.heard] == ["now", "bar"]


def test_a_and_b_go_to_and_fro(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]], sound: FakeSound
) -> None:
    one, two = arrive("one", "two two")
    tray.play_number(2)
    tray.swap()
    tray.swap()
    assert [heard for heard, _ in sound.heard] == [t.take_id for t in (one, two, one, two)]


def test_a_comparison_goes_on_from_the_same_place(
    qtbot: QtBot, sound: FakeSound, takes: TakeLibrary
) -> None:
    now = [10.0]
    audition = AuditionSession(sound, clock=lambda: now[0])
    one, two = (takes.get(keep(takes, words)) for words in ("one", "two two"))
    audition.play(one)
    now[0] += 2.5
    audition.switch(two)
    now[0] += 0.25
    audition.swap()
    assert [wish.goes_on for _, wish in sound.heard] == [False, True, True]


def test_cards_star_and_ask_for_more(
    tray: AuditionTray,
    arrive: Callable[..., list[StoredTake]],
    jobs: Jobs,
    takes: TakeLibrary,
) -> None:
    (take,) = arrive("warm one")
    button(cards(tray)[0], "Star").click()
    assert takes.get(take.take_id).starred
    assert button(cards(tray)[0], "Starred")
    button(cards(tray)[0], "More like this").click()
    verb, engine, request = jobs.asked[-1]
    assert (verb, engine, request.prompt.caption) == ("more", "sketch", "warm one")


def test_a_click_on_the_handle_copies_the_file(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]], takes: TakeLibrary
) -> None:
    (take,) = arrive("one")
    handle = next(h for h in tray.findChildren(DragHandle) if h.text() == "⇱ WAV")
    handle.click()
    data = QGuiApplication.clipboard().mimeData()
    assert [url.toLocalFile() for url in data.urls()] == [str(take.path)]
    assert takes.handed_out()[-1].take_id == take.take_id


def tune(takes: TakeLibrary) -> StoredTake:
    """Keep a take that has a note."""
    import numpy as np

    notes = (Note(start=Tick(0), length=Tick(960_000), pitch=60, velocity=90),)
    recipe = Recipe(
        request=Request(Prompt("a tune")),
        engine=EngineIdentity("sketch", "1"),
        music=Music(120.0, None, Meter(), 1),
        parts=(Part("Lead", "piano", 0, False, notes),),
    )
    return takes.commit(np.full((96_000, 2), 0.1, np.float32), (), recipe)


def test_notes_leave_as_a_midi_file_that_stays(
    tray: AuditionTray, jobs: Jobs, takes: TakeLibrary
) -> None:
    take = tune(takes)
    running = job(1)
    jobs.tell(running)
    jobs.take_kept.emit(take, running)
    handle = next(h for h in tray.findChildren(DragHandle) if h.text() == "MIDI")
    assert handle.isVisibleTo(tray)
    handle.click()
    (url,) = QGuiApplication.clipboard().mimeData().urls()
    path = Path(url.toLocalFile())
    assert path.stem == take.path.stem and path.read_bytes()[:4] == b"MThd"
    stamp = path.stat().st_mtime_ns
    handle.click()
    assert path.stat().st_mtime_ns == stamp


def test_notes_are_written_when_the_take_has_been_seen(
    tray: AuditionTray,
    jobs: Jobs,
    takes: TakeLibrary,
    library: LibrarySession,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order: list[str] = []
    monkeypatch.setattr(library, "prepare_notes", lambda take: order.append("notes"))
    paint = TakeFace.paintEvent
    monkeypatch.setattr(
        TakeFace, "paintEvent", lambda face, event: (order.append("seen"), paint(face, event))[1]
    )
    running = job(1)
    jobs.tell(running)
    jobs.take_kept.emit(tune(takes), running)
    tray.show()
    qtbot.waitUntil(lambda: "notes" in order)
    assert order[0] == "seen"


def test_handles_are_shown_only_for_what_there_is(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]]
) -> None:
    arrive("one")
    shown = [h.text() for h in tray.findChildren(DragHandle) if h.isVisibleTo(tray)]
    assert shown == ["⇱ WAV"]


def test_a_failure_says_why_and_is_tried_again(
    tray: AuditionTray, jobs: Jobs, batches: BatchSession
) -> None:
    jobs.tell(job(1, state=JobState.FAILED, reason="The engine ran out of memory."))
    assert "out of memory" in " ".join(label.text() for label in tray.findChildren(QLabel))
    jobs.tell()  # the queue was cleared
    button(tray, "Retry").click()
    assert jobs.asked == [("submit", "sketch", job(1).request)]
    assert batches.batches == ()


def test_a_failure_that_cannot_be_tried_again_now_stays(
    tray: AuditionTray, jobs: Jobs, batches: BatchSession
) -> None:
    jobs.tell(job(1, state=JobState.FAILED, reason="The engine ran out of memory."))
    jobs.is_full = True
    button(tray, "Retry").click()
    assert [batch.reason for batch in batches.batches] == ["The engine ran out of memory."]


def test_a_running_batch_is_cancelled_and_a_finished_one_put_away(
    tray: AuditionTray, jobs: Jobs, arrive: Callable[..., list[StoredTake]], takes: TakeLibrary
) -> None:
    jobs.tell(job(1))
    button(tray, "Cancel this job").click()
    assert jobs.asked == [("cancel", 1)]
    jobs.tell(job(1, state=JobState.CANCELLED))
    arrive("one")
    button(tray, "Take these out of the tray").click()
    assert cards(tray) == [] and len(takes.search()) == 1


def test_the_same_level_can_be_switched_off(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]], sound: FakeSound
) -> None:
    arrive("one", "two two")
    button(tray, "Same level").click()
    tray.play_number(2)
    assert sound.heard[-1][1].gain == 1.0


def test_keys_on_a_card_play_and_copy(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]], sound: FakeSound, qtbot: QtBot
) -> None:
    _, two = arrive("one", "two two")
    face = cards(tray)[1].findChild(TakeFace)
    qtbot.keyClick(face, Qt.Key.Key_Return)
    assert sound.heard[-1][0] == two.take_id
    assert "playing" in face.accessibleName()
    qtbot.keyClick(face, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().mimeData().hasUrls()
    qtbot.mouseClick(face, Qt.MouseButton.LeftButton)
    assert sound.ended == 1


def test_the_menu_offers_every_verb_and_says_why_one_is_grey(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]], library: LibrarySession
) -> None:
    (take,) = arrive("one")
    actions = tray.findChild(TakeActions)
    menu = actions.menu([take], tray)
    offered = {a.text().split("\t")[0]: a for a in menu.actions() if a.text()}
    assert {"Play", "Star", "More like this", "Copy file", "Reveal in folder", "Trash"} <= set(
        offered
    )
    assert not offered["Copy MIDI"].isEnabled()
    assert offered["Copy MIDI"].toolTip() == "Only takes made by Sketch have notes"
    offered["Star"].trigger()
    assert library.search()[0].starred
    offered["Trash"].trigger()
    assert not library.search()


def test_the_waveform_of_a_card_is_drawn_once(
    tray: AuditionTray,
    arrive: Callable[..., list[StoredTake]],
    library: LibrarySession,
    qtbot: QtBot,
) -> None:
    (take,) = arrive("one")
    face = tray.findChild(TakeFace)
    qtbot.waitUntil(lambda: library.thumbnail(take) is not None)
    before = face.grab().toImage()
    thumbnail = library.thumbnail(take)
    assert thumbnail is not None
    thumbnail[:] = 0.0  # drawn from it again, the waveform would be a line
    assert face.grab().toImage() == before


def test_colours_change_while_it_is_open(
    tray: AuditionTray, arrive: Callable[..., list[StoredTake]]
) -> None:
    arrive("one")
    tray.show_theme(load_theme("light"))
    face = tray.findChild(TakeFace)
    image = face.grab().toImage()
    papers = {load_theme("light").selection, load_theme("light").raised}
    assert image.pixelColor(2, 2).name() in papers
