"""Files of clips: the sound of each clip alone, written once, at a place where it stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from acestep_desktop.audiofile.wav import read_wav_metadata
from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.clip_edits import change_clips
from acestep_desktop.domain.edits import add_clip, add_media, add_track
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.project import Project, TickRange
from acestep_desktop.domain.recipe import EngineIdentity, Music, Recipe
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.tempo import TempoMap, frames_of_bars
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.exchange.clip_files import (
    Piece,
    find_file,
    forget_prepared,
    pieces_of_clips,
    pieces_of_range,
    prepare_file,
    take_file_out,
)
from acestep_desktop.exchange.render import RenderError
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.media import media_of_take
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary

BAR = Meter().ticks_per_bar
MUSIC = Music(120.0, Key("A", "minor"), Meter(), 2)
FRAMES = 192_000


class Desk:
    """A project at 90 bpm with one take of two bars at 120."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.library = TakeLibrary(folders_below(folder))
        self.sound = np.random.default_rng(1).uniform(-0.5, 0.5, (FRAMES, 2)).astype(np.float32)
        recipe = Recipe(Request(Prompt("Rain")), EngineIdentity("fake", "1"), MUSIC)
        self.take: StoredTake = self.library.commit(self.sound, (), recipe)
        self.paths = {self.take.take_id: self.take.path}
        project = Project(name="Song", tempo=TempoMap.steady(90.0))
        project = add_media(project, media_of_take(self.take))
        self.project = add_track(add_track(project, "Drums"), "Bass")

    def with_clip(self, *, row: int = 0, at: int = 0, **fields: Any) -> Clip:
        clip = Clip.of_take(self.take.take_id, Tick(at), Frame(FRAMES), name="Rain")
        clip = replace(clip, **fields)
        self.project = add_clip(self.project, self.project.tracks[row].track_id, clip)
        return clip

    def piece(self, clip: Clip) -> Piece:
        (piece,) = pieces_of_clips(self.project, [clip.clip_id], lambda take: MUSIC)
        return piece

    def file_of(self, piece: Piece) -> Path:
        prepare_file(piece, self.paths, self.root)
        path = take_file_out(piece, self.paths, self.root)
        assert path is not None
        return path


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.library.close()


def heard(path: Path) -> npt.NDArray[np.float32]:
    return soundfile.read(path, dtype="float32")[0]  # type: ignore[no-any-return]


def test_a_whole_unchanged_clip_is_the_takes_own_file(desk: Desk) -> None:
    piece = desk.piece(desk.with_clip(at=3 * BAR, muted=True))
    assert desk.file_of(piece) == desk.take.path
    assert not (desk.root / "Dragged").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"offset": Frame(1), "length": Frame(FRAMES - 1)},
        {"length": Frame(FRAMES - 1)},
        {"gain_db": -1.0},
        {"fade_in": Fade(Frame(10))},
        {"fade_out": Fade(Frame(10))},
    ],
)
def test_a_clip_that_was_changed_in_any_way_gets_a_file_of_its_own(
    desk: Desk, change: dict[str, Any]
) -> None:
    path = desk.file_of(desk.piece(desk.with_clip(**change)))
    assert path.parent == desk.root / "Dragged"


def test_a_cut_clip_is_exactly_the_samples_it_shows(desk: Desk) -> None:
    path = desk.file_of(desk.piece(desk.with_clip(at=777, offset=Frame(100), length=Frame(96_000))))
    assert np.array_equal(heard(path), desk.sound[100:96_100])
    assert soundfile.info(path).subtype == "FLOAT"


def test_the_tracks_fader_and_the_muting_do_not_change_what_is_dragged(desk: Desk) -> None:
    clip = desk.with_clip(length=Frame(1_000), muted=True)
    quiet = replace(desk.project.tracks[0], gain_db=-20.0, pan=1.0, muted=True)
    desk.project = replace(desk.project, tracks=(quiet, desk.project.tracks[1]))
    assert np.array_equal(heard(desk.file_of(desk.piece(clip))), desk.sound[:1_000])


def test_gain_and_fades_are_heard(desk: Desk) -> None:
    clip = desk.with_clip(gain_db=-6.0, fade_in=Fade(Frame(4_800)))
    sound = heard(desk.file_of(desk.piece(clip)))
    assert np.allclose(sound[4_800:], desk.sound[4_800:] * 10 ** (-6 / 20), atol=1e-6)
    assert np.abs(sound[:10]).max() < 0.05


def test_the_file_tells_the_takes_own_tempo_key_and_bars(desk: Desk) -> None:
    path = desk.file_of(desk.piece(desk.with_clip(length=Frame(96_000))))
    assert path.name.startswith("Rain_120bpm_Amin_1bar_")
    _, acid = read_wav_metadata(path)
    assert acid.music(96_000).bpm == 120.0


@pytest.mark.parametrize("bpm", [85.0, 95.0, 110.0, 124.0, 127.0, 174.0])
def test_bars_are_named_whichever_way_their_frames_were_rounded(desk: Desk, bpm: float) -> None:
    frames = frames_of_bars(1, Meter(), bpm)
    clip = desk.with_clip(length=frames, gain_db=-1.0)
    music = Music(bpm, None, Meter(), 2)
    (piece,) = pieces_of_clips(desk.project, [clip.clip_id], lambda take: music)
    assert piece.name.startswith(f"Rain_{bpm:g}bpm_1bar_")


def test_the_same_clip_is_the_same_file_wherever_it_stands(desk: Desk) -> None:
    first = desk.with_clip(length=Frame(5_000))
    second = desk.with_clip(row=1, at=4 * BAR, length=Frame(5_000))
    path = desk.file_of(desk.piece(first))
    written = path.stat().st_mtime_ns
    assert desk.file_of(desk.piece(second)) == path
    assert path.stat().st_mtime_ns == written


def test_another_sound_is_another_file(desk: Desk) -> None:
    clip = desk.with_clip(length=Frame(5_000))
    before = desk.file_of(desk.piece(clip))
    desk.project = change_clips(
        desk.project, [clip.clip_id], lambda clip: replace(clip, gain_db=-1.0)
    )
    assert desk.file_of(desk.piece(desk.project.tracks[0].clips[0])) != before
    assert before.is_file()


def test_what_is_only_prepared_does_not_lie_among_the_dragged_files(desk: Desk) -> None:
    piece = desk.piece(desk.with_clip(length=Frame(5_000)))
    prepare_file(piece, desk.paths, desk.root)
    assert not list((desk.root / "Dragged").glob("*.wav"))
    assert find_file(piece, desk.paths, desk.root) is not None
    forget_prepared(desk.root)
    assert take_file_out(piece, desk.paths, desk.root) is None


def test_a_file_that_was_taken_out_survives_the_forgetting(desk: Desk) -> None:
    path = desk.file_of(desk.piece(desk.with_clip(length=Frame(5_000))))
    forget_prepared(desk.root)
    assert len(heard(path)) == 5_000


def test_a_file_that_somebody_edited_is_left_alone(desk: Desk) -> None:
    piece = desk.piece(desk.with_clip(length=Frame(5_000)))
    path = desk.file_of(piece)
    path.write_bytes(b"cut by another program")
    again = desk.file_of(piece)
    assert again != path and len(heard(again)) == 5_000
    assert path.read_bytes() == b"cut by another program"


def test_clips_come_in_the_order_of_tracks_and_time(desk: Desk) -> None:
    lengths = (Frame(3_000), Frame(2_000), Frame(1_000))
    clips = [
        desk.with_clip(row=1, length=lengths[0]),
        desk.with_clip(at=BAR, length=lengths[1]),
        desk.with_clip(length=lengths[2]),
    ]
    pieces = pieces_of_clips(desk.project, [clip.clip_id for clip in clips], lambda take: None)
    assert [piece.span.end for piece in pieces] == [1_000, 2_000, 3_000]


def test_without_facts_about_the_take_the_projects_tempo_is_told(desk: Desk) -> None:
    clip = desk.with_clip(length=Frame(1_000))
    (piece,) = pieces_of_clips(desk.project, [clip.clip_id], lambda take: None)
    assert piece.name.startswith("Rain_90bpm_")


def test_a_range_is_a_file_for_each_track_that_sounds_and_all_are_of_one_length(
    desk: Desk,
) -> None:
    desk.with_clip()
    desk.with_clip(row=1, at=BAR // 2)
    desk.project = add_track(desk.project, "Empty")
    tracks = [track.track_id for track in desk.project.tracks]
    span = TickRange(Tick(0), Tick(BAR))
    drums, bass = pieces_of_range(desk.project, span, tracks)
    frames = desk.project.tempo.frame_at(BAR)
    assert drums.name.startswith("Drums_90bpm_1bar_")
    assert np.array_equal(heard(desk.file_of(drums)), desk.sound[:frames])
    half = desk.project.tempo.frame_at(BAR // 2)
    assert np.array_equal(heard(desk.file_of(bass))[half:], desk.sound[: frames - half])
    assert not heard(desk.file_of(bass))[:half].any()


def test_only_the_chosen_tracks_of_a_range_are_written(desk: Desk) -> None:
    desk.with_clip()
    desk.with_clip(row=1)
    span = TickRange(Tick(0), Tick(BAR))
    (piece,) = pieces_of_range(desk.project, span, [desk.project.tracks[1].track_id])
    assert piece.name.startswith("Bass_")


def test_a_missing_take_is_a_sentence(desk: Desk) -> None:
    piece = desk.piece(desk.with_clip(length=Frame(5_000)))
    with pytest.raises(RenderError, match="missing"):
        prepare_file(piece, {}, desk.root)


def test_a_clip_that_is_not_there_is_no_file(desk: Desk) -> None:
    assert pieces_of_clips(desk.project, [ClipId("gone")], lambda take: None) == []
