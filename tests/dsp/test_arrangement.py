"""Arrangements: the law of overlaps, and what travels to the mixer."""

import numpy as np
import pytest

from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.project import Master, Project, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.dsp.arrangement import (
    SEGMENT,
    Arrangement,
    Fader,
    TrackArrangement,
    compile_project,
    compile_track,
    recompile,
)
from tests.dsp.random_projects import MEDIA

TEMPO = TempoMap.steady(120.0)
TICKS_PER_FRAME = 40
"""At 120 bpm, 24,000 frames are 960,000 ticks."""


def clip(start: int, end: int, **rest: object) -> Clip:
    fields = {"offset": Frame(0), "length": Frame(end - start), **rest}
    name = f"{start}-{end}-{len(rest)}"
    return Clip(ClipId(name), TakeId("stereo"), Tick(start * TICKS_PER_FRAME), **fields)  # type: ignore[arg-type]


def compiled(*clips: Clip) -> np.ndarray:
    return compile_track(Track(TrackId("t"), "T", clips=clips), TEMPO).segments


def spans(segments: np.ndarray) -> list[tuple[int, int, int]]:
    return [(int(s["start"]), int(s["end"]), int(s["cross_length"])) for s in segments]


def test_clips_side_by_side_keep_their_fades() -> None:
    fade_in, fade_out = Fade(Frame(10), "linear"), Fade(Frame(20))
    segments = compiled(clip(0, 100, fade_in=fade_in, fade_out=fade_out), clip(100, 200))
    first = segments[0]
    assert spans(segments) == [(0, 100, 0), (100, 200, 0)]
    assert (first["rise_start"], first["rise_length"], first["rise_shape"]) == (0, 10, 0)
    assert (first["fall_start"], first["fall_length"], first["fall_shape"]) == (80, 20, 1)


def test_a_fade_that_began_outside_lies_where_it_began() -> None:
    fade_in, fade_out = Fade(Frame(30), begun=Frame(10)), Fade(Frame(40), begun=Frame(25))
    row = compiled(clip(100, 200, fade_in=fade_in, fade_out=fade_out))[0]
    assert (row["rise_start"], row["fall_start"]) == (90, 185)


def test_a_later_clip_crossfades_with_its_forerunner_to_the_earlier_end() -> None:
    assert spans(compiled(clip(0, 100), clip(80, 200))) == [(0, 100, 0), (80, 200, 20)]


@pytest.mark.parametrize("end", [99, 100, 101])
def test_a_clip_that_ends_within_a_frame_of_the_next_ends_there(end: int) -> None:
    fade = Fade(Frame(10))
    before, after = compiled(clip(0, end, fade_out=fade), clip(100, 200, fade_in=fade))
    assert [(row["start"], row["end"]) for row in (before, after)] == [(0, 100), (100, 200)]
    assert (before["fall_start"], before["fall_length"]) == (90, 10)
    assert (after["cross_length"], after["rise_length"]) == (0, 10)


@pytest.mark.parametrize("end", [98, 102])
def test_a_clip_that_ends_farther_from_the_next_ends_where_it_does(end: int) -> None:
    assert spans(compiled(clip(0, end), clip(100, 200)))[0] == (0, end, 0)


def test_a_clip_of_one_frame_is_never_taken_away() -> None:
    assert spans(compiled(clip(0, 50), clip(50, 51), clip(50, 200)))[1] == (50, 51, 0)


@pytest.mark.parametrize("bpm", [97.3, 123.4, 174.3])
def test_a_take_that_is_repeated_bar_after_bar_has_neither_gaps_nor_overlaps(bpm: float) -> None:
    tempo = TempoMap.steady(bpm)
    length = tempo.frame_at(tempo.tick_of_bar(2))
    clips = tuple(
        Clip(ClipId(str(bar)), TakeId("stereo"), tempo.tick_of_bar(bar), Frame(0), length)
        for bar in range(1, 60)
    )
    segments = compile_track(Track(TrackId("t"), "T", clips=clips), tempo).segments
    assert np.array_equal(segments["end"][:-1], segments["start"][1:])
    assert not segments["cross_length"].any()
    assert len(set((segments["end"] - segments["start"]).tolist())) == 2


def test_what_is_left_of_a_clip_behind_one_inside_it_is_silent() -> None:
    assert spans(compiled(clip(0, 1_000), clip(100, 200))) == [(0, 200, 0), (100, 200, 100)]


def test_a_clip_behind_a_covered_one_starts_afresh() -> None:
    segments = compiled(clip(0, 400), clip(100, 200), clip(300, 500))
    assert spans(segments) == [(0, 200, 0), (100, 200, 100), (300, 500, 0)]


def test_a_third_clip_is_laid_over_both_that_still_sound() -> None:
    segments = compiled(clip(0, 450), clip(100, 500), clip(300, 800))
    assert spans(segments) == [(0, 450, 0), (100, 500, 350), (300, 800, 200)]


def test_of_clips_that_start_together_the_one_listed_later_is_laid_over() -> None:
    segments = compiled(clip(0, 300), clip(0, 200, offset=Frame(7)))
    assert spans(segments) == [(0, 200, 0), (0, 200, 200)]
    assert segments["offset"].tolist() == [0, 7]


def test_a_crossfade_takes_its_shape_from_the_later_clip_and_replaces_both_fades() -> None:
    fade = Fade(Frame(15), "linear")
    before, after = compiled(
        clip(0, 100, fade_in=fade, fade_out=fade), clip(50, 200, fade_in=fade, fade_out=fade)
    )
    assert (before["rise_length"], before["fall_length"]) == (15, 0)
    assert (after["rise_length"], after["fall_length"]) == (0, 15)
    assert after["cross_shape"] == 0


def test_muted_clips_are_not_there_at_all() -> None:
    segments = compiled(clip(0, 100, fade_out=Fade(Frame(9))), clip(50, 200, muted=True))
    assert spans(segments) == [(0, 100, 0)]
    assert segments["fall_length"].tolist() == [9]


def test_starts_and_ends_both_ascend() -> None:
    random = np.random.default_rng(5)
    starts = random.integers(0, 5_000, 60)
    segments = compiled(*(clip(int(s), int(s + random.integers(1, 3_000))) for s in starts))
    assert np.all(np.diff(segments["start"]) >= 0)
    assert np.all(np.diff(segments["end"]) >= 0)
    assert np.all(segments["end"] > segments["start"])


def test_gains_are_amplitudes_and_the_lowest_is_silence() -> None:
    segments = compiled(clip(0, 10, gain_db=-120.0), clip(10, 20, gain_db=6.0))
    assert segments["gain"].tolist() == [0.0, pytest.approx(1.9953, abs=1e-4)]


@pytest.mark.parametrize(
    ("pan", "left", "right"),
    [(0.0, 1.0, 1.0), (-1.0, 1.0, 0.0), (1.0, 0.0, 1.0), (0.25, 0.75, 1.0), (-0.5, 1.0, 0.5)],
)
def test_panning_takes_the_far_side_down_in_a_straight_line(
    pan: float, left: float, right: float
) -> None:
    assert Fader(1.0, pan).sides() == (left, right)


@pytest.mark.parametrize(
    ("faders", "heard"),
    [
        ([Fader(), Fader()], [True, True]),
        ([Fader(muted=True), Fader()], [False, True]),
        ([Fader(soloed=True), Fader()], [True, False]),
        ([Fader(muted=True, soloed=True), Fader()], [False, False]),
        ([Fader(soloed=True), Fader(soloed=True)], [True, True]),
    ],
)
def test_solo_silences_the_others_and_mute_beats_solo(
    faders: list[Fader], heard: list[bool]
) -> None:
    tracks = tuple(
        TrackArrangement(TrackId(str(index)), fader, (), np.zeros(0, SEGMENT))
        for index, fader in enumerate(faders)
    )
    levels = Arrangement(tracks).levels()
    assert [level != (0.0, 0.0) for level in levels] == heard


def project(*tracks: Track, tempo: TempoMap = TEMPO) -> Project:
    return Project("P", tempo, tracks=tracks, media=MEDIA, master=Master(-6.0, limiter=False))


def test_an_arrangement_has_the_master_and_ends_with_its_last_sound() -> None:
    tracks = (
        Track(TrackId("a"), "A", clips=(clip(0, 5_000), clip(10, 20))),
        Track(TrackId("b"), "B"),
    )
    arrangement = compile_project(project(*tracks))
    assert arrangement.end == 20
    assert arrangement.master_gain == pytest.approx(0.50119, abs=1e-5)
    assert arrangement.limiter is False


def test_an_empty_project_is_an_empty_arrangement() -> None:
    assert compile_project(Project()).end == 0


def test_only_changed_tracks_are_compiled_again() -> None:
    kept, changed = Track(TrackId("a"), "A", clips=(clip(0, 9),)), Track(TrackId("b"), "B")
    before = project(kept, changed)
    first = compile_project(before)
    after = project(kept, Track(TrackId("b"), "B", gain_db=-3.0))
    second = recompile(after, before, first)
    assert second.tracks[0] is first.tracks[0]
    assert second.tracks[1] is not first.tracks[1]


def test_another_tempo_compiles_all_tracks_again() -> None:
    track = Track(TrackId("a"), "A", clips=(clip(24_000, 30_000),))
    before = project(track)
    after = project(track, tempo=TempoMap.steady(60.0))
    again = recompile(after, before, compile_project(before))
    assert again.tracks[0].segments["start"].tolist() == [48_000]


def some_bytes() -> bytes:
    return compile_track(
        Track(TrackId("t"), "T", clips=(clip(0, 9), clip(20, 30))), TEMPO
    ).to_bytes()


@pytest.mark.parametrize("cut", [0, 3, 20, 40, -1, -79])
def test_bytes_cut_short_are_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="cut short"):
        TrackArrangement.from_bytes(some_bytes()[:cut])


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="no track arrangement"):
        TrackArrangement.from_bytes(b"RIFF" + some_bytes()[4:])


def test_a_segment_of_unlisted_media_is_refused() -> None:
    track = TrackArrangement.from_bytes(some_bytes())
    segments = track.segments.copy()
    segments["media"] = 3
    wrong = TrackArrangement(track.track_id, track.fader, track.media, segments)
    with pytest.raises(ValueError, match="does not list"):
        TrackArrangement.from_bytes(wrong.to_bytes())


def test_a_track_of_a_hundred_clips_travels_in_eight_kilobytes() -> None:
    clips = tuple(clip(index * 100, index * 100 + 90) for index in range(100))
    track = compile_track(Track(TrackId("t"), "T", clips=clips), TEMPO)
    assert len(track.to_bytes()) < 8_200


def test_names_of_any_kind_survive_the_pipe() -> None:
    track = TrackArrangement.from_bytes(some_bytes())
    odd = TrackArrangement(TrackId("a\nb\0ü"), track.fader, (TakeId("x\ny"),), track.segments)
    sent = TrackArrangement.from_bytes(odd.to_bytes())
    assert (sent.track_id, sent.media) == (odd.track_id, odd.media)
