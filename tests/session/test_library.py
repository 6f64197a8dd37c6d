"""The library as the window sees it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QThreadPool
from pytestqt.qtbot import QtBot

from acestep_desktop.library.journal import HeldJournal
from acestep_desktop.library.takes import MAX_TAGS, TakeLibrary
from acestep_desktop.session.audition import AuditionSession
from acestep_desktop.session.library import LibrarySession
from tests.ui.conftest import FakeSound, audition, keep, library, sound, takes

__all__ = ["audition", "library", "sound", "takes"]


def test_verbs_change_takes_and_say_so(
    library: LibrarySession, takes: TakeLibrary, qtbot: QtBot
) -> None:
    keep(takes, "warm house")
    with qtbot.waitSignal(library.takes_changed):
        library.set_starred(library.search()[:1], True)
    assert [take.starred for take in library.search(starred=True)] == [True]
    library.set_title(library.search()[0], "Sunset")
    assert library.search("sunset")[0].title == "Sunset"
    library.trash(library.search())
    assert not library.search()
    library.restore(library.search(trashed=True))
    assert len(library.search()) == 1


def test_many_takes_are_changed_in_one_write_of_the_journal(
    library: LibrarySession, takes: TakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in ("warm house", "cold techno", "slow jazz"):
        keep(takes, words)
    writes: list[int] = []
    append = HeldJournal.append
    monkeypatch.setattr(
        HeldJournal,
        "append",
        lambda held, events: (writes.append(len(events)), append(held, events))[1],
    )
    library.set_starred(library.search(), True)
    library.change_tags(library.search(), added=["good"], removed=[])
    library.trash(library.search())
    library.restore(library.search(trashed=True))
    assert writes == [3, 3, 3, 3]
    assert [(take.starred, take.tags) for take in library.search()] == [(True, ("good",))] * 3


def test_too_many_tags_on_one_take_leave_all_takes_as_they_were(
    library: LibrarySession, takes: TakeLibrary
) -> None:
    keep(takes, "warm house")
    takes.set_tags(keep(takes, "cold techno"), [f"tag {n}" for n in range(MAX_TAGS)])
    refused: list[str] = []
    library.refused.connect(refused.append)
    library.change_tags(library.search(), added=["one more"], removed=[])
    assert "Remove some" in refused[0]
    assert [len(take.tags) for take in library.search()] == [MAX_TAGS, 0]


def test_a_thumbnail_is_made_in_the_background(
    library: LibrarySession, takes: TakeLibrary, qtbot: QtBot
) -> None:
    keep(takes, "warm house")
    take = library.search()[0]
    with qtbot.waitSignal(library.thumbnail_ready) as ready:
        assert library.thumbnail(take) is None
    assert ready.args == [take.take_id]
    thumbnail = library.thumbnail(take)
    assert thumbnail is not None
    assert thumbnail.shape[0] == 2
    assert thumbnail[0].min() < -0.15 and thumbnail[1].max() > 0.15


def test_a_waveform_is_read_when_what_is_shown_has_been_painted(
    library: LibrarySession, takes: TakeLibrary, qtbot: QtBot
) -> None:
    keep(takes, "warm house")
    pool = library.findChild(QThreadPool)
    with qtbot.waitSignal(library.thumbnail_ready):
        library.thumbnail(library.search()[0])
        assert pool.activeThreadCount() == 0


def test_files_are_imported_in_the_background(
    library: LibrarySession, tmp_path: Path, qtbot: QtBot
) -> None:
    soundfile.write(tmp_path / "Loop_100bpm.wav", np.full((4_410, 1), 0.1), 44_100)
    (tmp_path / "no.wav").write_bytes(b"nothing")
    with qtbot.waitSignals([library.imported, library.refused]):
        library.import_files([tmp_path / "Loop_100bpm.wav", tmp_path / "no.wav"])
    assert [take.title for take in library.search()] == ["Loop"]


def test_a_loop_goes_round_and_anything_else_plays_once(
    audition: AuditionSession,
    sound: FakeSound,
    takes: TakeLibrary,
    library: LibrarySession,
) -> None:
    keep(takes, "loop")
    keep(takes, "no loop", bars=None)
    for take in library.search():
        audition.play(take)
    assert [wish.loops for _, wish in sound.heard] == [False, True]
    assert sound.started


def test_takes_are_matched_in_level(
    audition: AuditionSession, sound: FakeSound, takes: TakeLibrary, library: LibrarySession
) -> None:
    keep(takes, "quiet", level=0.05)
    keep(takes, "loud take", level=0.5)
    heard_lufs = []
    for take in library.search():
        audition.play(take)
        assert take.measured.loudness_lufs is not None
        heard_lufs.append(take.measured.loudness_lufs + 20 * np.log10(sound.heard[-1][1].gain))
    assert abs(heard_lufs[0] - heard_lufs[1]) <= 0.5
    audition.level_matched = False
    audition.play(library.search()[0])
    assert sound.heard[-1][1].gain == 1.0


def test_the_same_take_again_stops_it(
    audition: AuditionSession, sound: FakeSound, takes: TakeLibrary, library: LibrarySession
) -> None:
    keep(takes, "loop")
    take = library.search()[0]
    audition.toggle(take)
    assert audition.playing == take.take_id
    audition.toggle(take)
    assert (audition.playing, sound.ended) == ("", 1)


def test_closing_ends_the_sound(audition: AuditionSession, sound: FakeSound) -> None:
    audition.close()
    assert sound.closed
