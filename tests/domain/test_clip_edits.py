"""Edits of many clips at a time, and of what surrounds them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.clip import Clip, ClipId, Fade, new_clip_id
from acestep_desktop.domain.clip_edits import (
    change_gain,
    copy_clips,
    crossfade_neighbours,
    cut_range,
    end_tick,
    find_clip,
    move_clips,
    paste_clips,
    remove_clips,
    ripple_delete,
    set_fade,
    slip_clips,
    split_clips,
    toggle_clip_mute,
    trim_end,
    trim_start,
)
from acestep_desktop.domain.errors import EditError
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker
from acestep_desktop.domain.project import Media, Project, TickRange, Track, TrackId
from acestep_desktop.domain.recipe import Music, TakeId
from acestep_desktop.domain.song_edits import (
    Arrival,
    add_marker,
    duplicate_track,
    move_marker,
    move_track,
    place_takes,
    remove_marker,
    rename_marker,
    rename_track,
    set_loop,
)
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Meter, Tick
from tests.domain.values import projects

BAR = 4 * TICKS_PER_QUARTER
SECOND = 48_000
TAKE = TakeId("a" * 32)
ONE, TWO, THREE = ClipId("one"), ClipId("two"), ClipId("three")
UP, DOWN = TrackId("up"), TrackId("down")


def clip(name: ClipId, bar: float, *, offset: int = 2, length: int = 2) -> Clip:
    start = Tick(round(bar * BAR))
    return Clip(name, TAKE, start, Frame(offset * SECOND), Frame(length * SECOND), name)


def song(*clips: Clip) -> Project:
    """A take of 8 seconds at 120 bpm, where a bar lasts 2 seconds."""
    media = (Media(TAKE, "a.wav", Frame(8 * SECOND), 2),)
    tracks = (Track(UP, "Up", clips=clips), Track(DOWN, "Down"))
    return Project(tempo=TempoMap.steady(120), media=media, tracks=tracks)


def bars(project: Project, row: int = 0) -> list[float]:
    return [clip.start / BAR for clip in project.tracks[row].clips]


ROW = song(clip(ONE, 0), clip(TWO, 1), clip(THREE, 3))


def test_clips_move_together_as_far_as_the_first_can() -> None:
    assert bars(move_clips(ROW, {TWO, THREE}, Tick(-2 * BAR))) == [0, 0, 2]


def test_clips_move_together_to_other_tracks_as_far_as_there_are_any() -> None:
    moved = move_clips(ROW, {ONE, TWO}, Tick(0), lanes=5)
    assert (bars(moved), bars(moved, 1)) == ([3], [0, 1])
    assert move_clips(moved, {ONE, TWO}, Tick(0), lanes=-9) == ROW


def test_tracks_without_changed_clips_stay_the_same_objects() -> None:
    assert move_clips(ROW, {ONE}, Tick(BAR)).tracks[1] is ROW.tracks[1]


def test_copies_have_the_ids_that_were_asked_for() -> None:
    copied = copy_clips(ROW, {ONE: ClipId("new")}, Tick(5 * BAR))
    assert find_clip(copied, ClipId("new"))[1].start == 5 * BAR
    assert find_clip(copied, ONE)[1] == find_clip(ROW, ONE)[1]


def test_a_start_is_trimmed_while_the_sound_stays_in_place() -> None:
    for start, offset, length in ((1.5, 3, 1), (0.5, 1, 3), (-2, 0, 4), (9, None, None)):
        trimmed = find_clip(trim_start(ROW, TWO, Tick(round(start * BAR))), TWO)[1]
        before = find_clip(ROW, TWO)[1]
        shift = trimmed.offset - before.offset
        assert ROW.clip_start(trimmed) - ROW.clip_start(before) == shift
        assert before.length - trimmed.length == shift
        if offset is not None:
            assert (trimmed.offset, trimmed.length) == (offset * SECOND, length * SECOND)


@pytest.mark.parametrize(("end", "length"), [(1.5, 1), (3, 4), (9, 6)])
def test_an_end_is_trimmed_as_far_as_the_take_goes(end: float, length: int) -> None:
    trimmed = trim_end(ROW, TWO, Tick(round(end * BAR)))
    assert find_clip(trimmed, TWO)[1].length == length * SECOND


def test_an_end_cannot_be_trimmed_away() -> None:
    assert find_clip(trim_end(ROW, TWO, Tick(0)), TWO)[1].length == 1


def test_a_trimmed_clip_keeps_what_fits_of_its_fades() -> None:
    faded = set_fade(set_fade(ROW, TWO, "in", SECOND), TWO, "out", SECOND)
    short = find_clip(trim_end(faded, TWO, Tick(5 * BAR // 4)), TWO)[1]
    assert (short.fade_in.length, short.fade_out.length) == (0, SECOND // 2)


def test_slipping_stops_at_both_ends_of_the_take() -> None:
    for by, offset in ((SECOND, 1), (9 * SECOND, 0), (-9 * SECOND, 6)):
        assert find_clip(slip_clips(ROW, {ONE}, by), ONE)[1].offset == offset * SECOND


def test_fades_leave_each_other_room() -> None:
    faded = set_fade(ROW, ONE, "in", SECOND)
    faded = set_fade(faded, ONE, "out", 9 * SECOND)
    assert find_clip(faded, ONE)[1].fade_out == Fade(Frame(SECOND))
    assert find_clip(set_fade(faded, ONE, "in", -5), ONE)[1].fade_in == Fade()


def test_split_cuts_only_what_lies_under_it() -> None:
    assert bars(split_clips(ROW, {ONE, TWO, THREE}, Tick(BAR // 2))) == [0, 0.5, 1, 3]
    with pytest.raises(EditError, match="nothing to split"):
        split_clips(ROW, {ONE, TWO, THREE}, Tick(BAR))


def test_ripple_delete_closes_its_gap_and_keeps_the_others() -> None:
    assert bars(ripple_delete(ROW, {TWO})) == [0, 2]
    assert bars(ripple_delete(ROW, {ONE, TWO})) == [1]


def test_ripple_delete_of_an_overlapped_clip_takes_no_more_than_its_own_room() -> None:
    overlapped = song(clip(ONE, 0), clip(TWO, 0.5), clip(THREE, 2))
    assert bars(ripple_delete(overlapped, {TWO})) == [0, 1.5]


def test_a_range_is_cut_out_of_clips() -> None:
    span = TickRange(Tick(BAR // 2), Tick(3 * BAR // 2))
    assert bars(cut_range(ROW, {UP}, span)) == [0, 1.5, 3]
    assert bars(cut_range(ROW, {UP}, span, close=True)) == [0, 0.5, 2]
    assert cut_range(ROW, {DOWN}, span) == ROW


def test_muting_is_undone_only_where_all_are_muted() -> None:
    one = toggle_clip_mute(ROW, {ONE})
    both = toggle_clip_mute(one, {ONE, TWO})
    assert [c.muted for c in both.tracks[0].clips] == [True, True, False]
    assert toggle_clip_mute(both, {ONE, TWO}) == ROW


def test_gain_stays_within_its_bounds() -> None:
    assert find_clip(change_gain(ROW, {ONE}, 99), ONE)[1].gain_db == 24
    assert find_clip(change_gain(ROW, {ONE}, -999), ONE)[1].gain_db == -120


def test_neighbours_crossfade_by_showing_more_of_both_takes() -> None:
    crossed = crossfade_neighbours(ROW, {ONE, TWO}, Frame(SECOND))
    one, two = (find_clip(crossed, name)[1] for name in (ONE, TWO))
    assert crossed.clip_end(one) - crossed.clip_start(two) == SECOND
    assert crossed.clip_start(two) - two.offset == 0, "what is heard stays where it was"


@pytest.mark.parametrize(
    ("project", "names"),
    [
        (ROW, {ONE}),
        (ROW, {TWO, THREE}),
        (song(clip(ONE, 0, offset=6), clip(TWO, 1, offset=0)), {ONE, TWO}),
    ],
)
def test_a_crossfade_that_cannot_be_is_refused(project: Project, names: set[ClipId]) -> None:
    with pytest.raises(EditError):
        crossfade_neighbours(project, names, Frame(SECOND))


def test_pasted_clips_keep_their_distances_and_stay_on_tracks_that_exist() -> None:
    copied = [(0, clip(ONE, 4)), (1, clip(TWO, 5)), (2, clip(THREE, 6))]
    pasted = paste_clips(song(), copied, Tick(BAR), 0)
    assert (bars(pasted), bars(pasted, 1)) == ([1], [2, 3])
    with pytest.raises(EditError, match="another project"):
        paste_clips(Project(tracks=ROW.tracks[1:]), copied, Tick(0), 0)


def test_copies_of_whole_bars_do_not_drift() -> None:
    tempo = TempoMap.steady(174.3)
    length = tempo.frame_at(BAR)
    project = Project(
        tempo=tempo,
        media=(Media(TAKE, "a.wav", length, 2),),
        tracks=(Track(UP, "Up", clips=(Clip.of_take(TAKE, Tick(7 * BAR), length),)),),
    )
    assert end_tick(project, project.tracks[0].clips[0]) == 8 * BAR


@given(projects(min_tracks=1), st.data())
def test_any_edit_of_any_clip_gives_a_project_that_can_be(
    project: Project, data: st.DataObject
) -> None:
    clips = [c for track in project.tracks for c in track.clips]
    if not clips:
        return
    names = set(data.draw(st.lists(st.sampled_from([c.clip_id for c in clips]), min_size=1)))
    name, tick = min(names), Tick(data.draw(st.integers(0, 10**8)))
    assert remove_clips(project, names).media == project.media
    moved = move_clips(project, names, Tick(tick - 10**7), lanes=data.draw(st.integers(-3, 3)))
    copies = copy_clips(moved, {n: new_clip_id() for n in names}, tick)
    count = sum(len(track.clips) for track in copies.tracks)
    assert count == len(clips) + len(names)
    for changed in (
        trim_start(project, name, tick),
        trim_end(project, name, tick),
        slip_clips(project, names, tick - 10**7),
        set_fade(project, name, "in", tick),
        set_fade(project, name, "out", tick),
    ):
        assert find_clip(changed, name)[1].length >= 1
    ripple_delete(project, names)


MEDIA = Media(TakeId("n" * 32), "new.wav", Frame(SECOND), 2)
NEW = Arrival(MEDIA, "New", Music(97.0, Key("D", "minor"), Meter(3, 4), 1))


def test_the_first_take_brings_its_music() -> None:
    placed = place_takes(Project(), [NEW], Tick(0))
    assert placed.tempo == TempoMap.steady(97.0, Meter(3, 4))
    assert placed.key == Key("D", "minor")
    assert [track.name for track in placed.tracks] == ["New"]


def test_later_takes_leave_the_music_alone() -> None:
    placed = place_takes(ROW, [NEW, NEW], Tick(BAR), track_id=DOWN)
    assert placed.tempo == ROW.tempo
    assert [len(track.clips) for track in placed.tracks] == [3, 1, 1]


def test_tracks_are_renamed_moved_and_copied() -> None:
    assert rename_track(ROW, UP, "  Bass ").tracks[0].name == "Bass"
    assert [t.track_id for t in move_track(ROW, UP, 9).tracks] == [DOWN, UP]
    copy = duplicate_track(ROW, UP).tracks[1]
    assert (copy.name, len(copy.clips)) == ("Up copy", 3)
    assert copy.clips[0].clip_id != ONE


def test_markers_and_the_loop() -> None:
    marked = add_marker(add_marker(ROW, Tick(BAR), "B"), Tick(0), "A")
    assert [m.name for m in marked.markers] == ["A", "B"]
    moved = move_marker(marked, Marker(Tick(0), "A"), Tick(2 * BAR))
    assert [m.name for m in moved.markers] == ["B", "A"]
    assert rename_marker(marked, Marker(Tick(0), "A"), " C ").markers[0].name == "C"
    assert len(remove_marker(marked, Marker(Tick(0), "A")).markers) == 1
    with pytest.raises(EditError):
        move_marker(ROW, Marker(Tick(0), "A"), Tick(1))
    span = TickRange(Tick(0), Tick(BAR))
    assert set_loop(set_loop(ROW, span), None) == ROW
