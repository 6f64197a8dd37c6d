"""The geometry of the timeline: pixels and ticks, lines of the grid, what pulls, what is hit."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.project import Project, TickRange, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import MeterChange, TempoChange, TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, TICKS_PER_QUARTER, Frame, Meter, Tick
from acestep_desktop.ui.timeline.braces import BraceDrag, Grip
from acestep_desktop.ui.timeline.grid import Grid, Rank, Snap, grid_for, label_every
from acestep_desktop.ui.timeline.hits import CORNER, Part, hit_at
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Lane, Lanes
from acestep_desktop.ui.timeline.ruler import clock
from acestep_desktop.ui.timeline.scale import COARSEST, FINEST, Scale
from acestep_desktop.ui.timeline.viewport import Viewport
from tests.ui.timeline.conftest import BAR, KICK, PAD, SECOND, SNARE, song

METERS = st.sampled_from([Meter(4, 4), Meter(3, 4), Meter(6, 8), Meter(7, 8), Meter(5, 2)])
PIXELS = st.floats(0, 4_000, allow_nan=False)
TICKS = st.integers(0, 400 * BAR)
FEW = settings(max_examples=30)
"""For what is drawn from many maps of the tempo: each takes a while to make."""

ZOOMS = st.floats(FINEST, COARSEST, allow_nan=False)


@st.composite
def tempo_maps(draw: st.DrawFn) -> TempoMap:
    """Steady ones, and ones whose tempo changes anywhere and whose meter at bar lines."""
    first, second = draw(METERS), draw(METERS)
    later = Tick(draw(st.integers(1, 20)) * first.ticks_per_bar)
    bpms = draw(st.lists(st.floats(20, 300), min_size=1, max_size=4))
    ats = draw(
        st.lists(st.integers(1, 60 * BAR), min_size=len(bpms), max_size=len(bpms), unique=True)
    )
    places = (0, *sorted(ats)[1:])
    tempos = tuple(TempoChange(Tick(at), bpm) for at, bpm in zip(places, bpms, strict=True))
    return TempoMap(tempos, (MeterChange(Tick(0), first), MeterChange(later, second)))


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    origin = draw(st.floats(0, SECOND * 600, allow_nan=False))
    return Scale(draw(tempo_maps()), origin, draw(ZOOMS))


@FEW
@given(scales(), PIXELS)
def test_a_pixel_comes_back_within_the_half_frame_that_rounding_takes(
    scale: Scale, x: float
) -> None:
    back = scale.x_of_frame(scale.frame_at(x))
    assert abs(back - x) * scale.frames_per_pixel <= 0.5 + 1e-6 * scale.frames_per_pixel


@FEW
@given(scales(), st.integers(0, SECOND * 3_600))
def test_a_frame_comes_back_from_its_pixel_exactly(scale: Scale, frame: int) -> None:
    assert scale.frame_at(scale.x_of_frame(frame)) == frame


@FEW
@given(scales(), PIXELS)
def test_the_tick_at_a_pixel_is_drawn_at_the_frame_of_that_pixel(scale: Scale, x: float) -> None:
    assert scale.tempo.frame_at(scale.tick_at(x)) == scale.frame_at(x)


@FEW
@given(scales(), PIXELS, PIXELS)
def test_time_runs_from_left_to_right(scale: Scale, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert scale.tick_at(low) <= scale.tick_at(high)


@FEW
@given(scales(), st.floats(0.05, 20), PIXELS)
def test_zooming_leaves_what_is_under_the_pointer_in_its_place(
    scale: Scale, factor: float, x: float
) -> None:
    fixed = scale.origin + x * scale.frames_per_pixel
    zoomed = scale.zoomed(factor, x)
    assume(zoomed.origin > 0)
    assert zoomed.x_of_frame(fixed) == pytest.approx(x, abs=0.01)


@FEW
@given(scales(), st.floats(1e-6, 1e6), PIXELS)
def test_no_zoom_leaves_the_limits_or_shows_time_before_the_start(
    scale: Scale, factor: float, x: float
) -> None:
    zoomed = scale.zoomed(factor, x)
    assert FINEST <= zoomed.frames_per_pixel <= COARSEST
    assert zoomed.origin >= 0


@FEW
@given(scales(), st.floats(0, 1e8), st.floats(1_000, 1e8), st.integers(100, 4_000))
def test_what_is_fitted_is_seen_whole(
    scale: Scale, start: float, length: float, width: int
) -> None:
    fitted = scale.fitted(start, start + length, width)
    assume(FINEST < fitted.frames_per_pixel < COARSEST)
    assert fitted.x_of_frame(start) >= -1e-6
    assert fitted.x_of_frame(start + length) <= width + 1e-6


@FEW
@given(scales())
def test_the_lines_of_a_grid_are_neither_too_close_nor_needlessly_far(scale: Scale) -> None:
    steady = replace(scale, tempo=TempoMap.steady(120), origin=0.0)
    grid = grid_for(steady)
    step = grid.bars * BAR if grid.bars else grid.step
    assert steady.pixels_of(step) >= 14
    finest = step == TICKS_PER_QUARTER // 8
    assert finest or steady.pixels_of(step // 2) < 14


@given(ZOOMS, st.floats(1, 64), METERS, st.floats(30, 300))
def test_a_closer_look_never_has_a_coarser_grid(
    zoom: float, closer: float, meter: Meter, bpm: float
) -> None:
    far = Scale(TempoMap.steady(bpm, meter), 0.0, zoom)
    near = replace(far, frames_per_pixel=max(FINEST, zoom / closer))
    assert _ticks(grid_for(near), meter) <= _ticks(grid_for(far), meter)


@given(ZOOMS, st.floats(1, 64), st.floats(8, 120))
def test_a_closer_look_never_numbers_fewer_bars(zoom: float, closer: float, room: float) -> None:
    far = Scale(TempoMap.steady(120), 0.0, zoom)
    near = replace(far, frames_per_pixel=max(FINEST, zoom / closer))
    assert label_every(near, 0, room) <= label_every(far, 0, room)
    assert far.pixels_of(label_every(far, 0, room) * BAR) >= room


def _ticks(grid: Grid, meter: Meter) -> int:
    return grid.bars * meter.ticks_per_bar if grid.bars else grid.step


GRIDS = st.one_of(
    st.builds(Grid, st.sampled_from([1, 2, 4, 8]), st.just(Tick(BAR))),
    st.builds(Grid, st.just(0), st.sampled_from([TICKS_PER_QUARTER // n for n in (1, 2, 4, 8)])),
)


@FEW
@given(tempo_maps(), GRIDS, TICKS)
def test_the_nearest_line_is_one_of_the_two_around_and_the_nearer(
    tempo: TempoMap, grid: Grid, tick: int
) -> None:
    low, high = grid.around(tempo, tick)
    assert low <= tick < high
    line = grid.nearest(tempo, tick)
    assert line in (low, high)
    assert abs(line - tick) == min(tick - low, high - tick)


@FEW
@given(tempo_maps(), GRIDS, TICKS)
def test_every_line_that_is_drawn_is_one_on_which_things_rest(
    tempo: TempoMap, grid: Grid, first: int
) -> None:
    drawn = [tick for tick, _ in grid.lines(tempo, first, first + 3 * BAR)]
    assert drawn == sorted(set(drawn))
    assert all(first <= tick <= first + 3 * BAR for tick in drawn)
    assert [grid.nearest(tempo, tick) for tick in drawn] == drawn


@FEW
@given(tempo_maps(), GRIDS, st.integers(0, 60 * BAR))
def test_stepping_over_the_lines_meets_every_line_that_is_drawn(
    tempo: TempoMap, grid: Grid, first: int
) -> None:
    drawn = [tick for tick, _ in grid.lines(tempo, first, first + 2 * BAR)]
    for before, after in itertools.pairwise(drawn):
        assert grid.after(tempo, before) == after
        assert grid.before(tempo, after) == before


@FEW
@given(tempo_maps(), st.integers(0, 60 * BAR))
def test_bar_lines_are_ranked_as_bars_and_only_they(tempo: TempoMap, first: int) -> None:
    lines = list(Grid(0, Tick(TICKS_PER_QUARTER // 4)).lines(tempo, first, first + 3 * BAR))
    bars = {tick for tick, rank in lines if rank is Rank.BAR}
    assert bars == {tick for tick, _ in lines if tempo.position_at(tick) == _bar_of(tempo, tick)}
    beats = {tick for tick, rank in lines if rank is Rank.BEAT}
    assert all(tempo.position_at(tick).tick == 0 for tick in beats)


def _bar_of(tempo: TempoMap, tick: Tick) -> object:
    return tempo.position_at(tempo.tick_of_bar(tempo.bar_at(tick)))


MAGNETS = st.lists(TICKS, max_size=8).map(lambda ticks: tuple(sorted(Tick(t) for t in ticks)))


@FEW
@given(scales(), MAGNETS, TICKS)
def test_what_has_come_to_rest_stays_where_it_is(
    scale: Scale, magnets: tuple[Tick, ...], tick: int
) -> None:
    snap = Snap(scale, grid_for(scale, tick), magnets)
    rests = snap.near(tick)
    assert snap.near(rests) == rests


@FEW
@given(scales(), MAGNETS, TICKS)
def test_nothing_rests_farther_away_than_the_nearest_line(
    scale: Scale, magnets: tuple[Tick, ...], tick: int
) -> None:
    grid = grid_for(scale, tick)
    rests = Snap(scale, grid, magnets).near(tick)
    assert abs(rests - tick) <= abs(grid.nearest(scale.tempo, tick) - tick)
    assert rests in magnets or rests == grid.nearest(scale.tempo, tick)


@FEW
@given(scales(), MAGNETS, st.integers(-BAR, 400 * BAR))
def test_without_snapping_a_tick_is_itself_but_never_before_the_start(
    scale: Scale, magnets: tuple[Tick, ...], tick: int
) -> None:
    assert Snap(scale, grid_for(scale), magnets, enabled=False).near(tick) == max(0, tick)


@pytest.mark.parametrize(("pixels", "rests"), [(5, "magnet"), (7, "magnet"), (8, "line")])
def test_a_magnet_pulls_from_seven_pixels(pixels: int, rests: str) -> None:
    scale = Scale(TempoMap.steady(120), 0.0, 480.0)
    magnet = scale.tick_at(230)
    snap = Snap(scale, Grid(1, Tick(BAR)), (magnet,))
    assert snap.near(scale.tick_at(230 + pixels)) == (magnet if rests == "magnet" else BAR)


def tracks_of(spans: list[tuple[int, int]]) -> Lanes:
    clips = tuple(
        Clip(ClipId(str(n)), TakeId("a" * 32), Tick(start * TICKS_PER_QUARTER), Frame(0), Frame(n_))
        for n, (start, n_) in enumerate(spans)
    )
    lanes = Lanes()
    tempo = TempoMap.steady(120)
    lanes.lanes = (Lane.of(Track(TrackId("t"), "T", clips=tuple(clips)), tempo),)
    return lanes


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(200, 200_000)), max_size=8)


@given(SPANS, st.floats(0, 3_000), st.floats(0, ROW_HEIGHT - 1))
def test_every_point_of_a_lane_has_the_clip_that_is_seen_there(
    spans: list[tuple[int, int]], x: float, y: float
) -> None:
    lanes = tracks_of(spans)
    scale = Scale(TempoMap.steady(120), 0.0, 480.0)
    frame = x * 480.0
    under = [s for s in lanes.lanes[0].spans if s.start <= frame < s.end]
    hit = hit_at(lanes, scale, x, y)
    if under:
        assert hit is not None
        assert hit.span is under[-1]
    elif hit is not None:
        assert hit.part is not Part.BODY
        assert min(abs(hit.span.start - frame), abs(hit.span.end - frame)) <= 3 * 480


@given(st.integers(1, 100_000), st.floats(CORNER + 1, ROW_HEIGHT - 1), st.floats(0, 1))
def test_below_the_corners_a_clip_is_edge_body_edge_from_left_to_right(
    frames: int, y: float, part: float
) -> None:
    lanes = tracks_of([(1, frames)])
    scale = Scale(TempoMap.steady(120), 0.0, 480.0)
    span = lanes.lanes[0].spans[0]
    at = scale.x_of_frame(span.start + part * frames * 0.999)
    hit = hit_at(lanes, scale, at, y)
    assert hit is not None
    edge = min(6, frames / 480 / 4)
    near_left = at - scale.x_of_frame(span.start) <= edge
    near_right = scale.x_of_frame(span.end) - at <= edge
    expected = Part.LEFT if near_left else Part.RIGHT if near_right else Part.BODY
    assert hit.part is expected


@given(st.floats(0, 1))
def test_every_clip_however_narrow_can_be_taken_by_its_body(width: float) -> None:
    frames = max(1, round(width * 6 * 480))
    lanes = tracks_of([(1, frames)])
    scale = Scale(TempoMap.steady(120), 0.0, 480.0)
    span = lanes.lanes[0].spans[0]
    hit = hit_at(lanes, scale, scale.x_of_frame((span.start + span.end) / 2), ROW_HEIGHT - 8)
    assert hit is not None
    assert hit.part is Part.BODY


@pytest.mark.parametrize(
    ("x", "y", "clip_id", "part"),
    [
        (100, 40, KICK, Part.BODY),
        (2, 40, KICK, Part.LEFT),
        (197, 40, KICK, Part.RIGHT),
        (202, 40, KICK, Part.RIGHT),
        (398, 40, SNARE, Part.LEFT),
        (3, 5, KICK, Part.FADE_IN),
        (195, 5, KICK, Part.FADE_OUT),
        (300, 116, PAD, Part.BODY),
        (599, 116, PAD, Part.RIGHT),
    ],
)
def test_the_parts_of_the_clips_of_a_song(x: int, y: int, clip_id: ClipId, part: Part) -> None:
    lanes = Lanes()
    lanes.show_project(song())
    hit = hit_at(lanes, Scale(TempoMap.steady(120), 0.0, 480.0), x, y)
    assert hit is not None
    assert (hit.span.clip.clip_id, hit.part) == (clip_id, part)


@pytest.mark.parametrize(("x", "y"), [(300, 40), (100, 116), (100, 2 * ROW_HEIGHT), (100, -1)])
def test_where_nothing_lies_nothing_is_hit(x: int, y: int) -> None:
    lanes = Lanes()
    lanes.show_project(song())
    assert hit_at(lanes, Scale(TempoMap.steady(120), 0.0, 480.0), x, y) is None


def test_a_fade_that_a_split_cut_through_is_held_where_it_ends_in_this_clip() -> None:
    clip = replace(song().tracks[1].clips[0], fade_in=Fade(Frame(96_000), begun=Frame(48_000)))
    lanes = Lanes()
    lanes.show_project(replace(song(), tracks=(Track(TrackId("t"), "T", clips=(clip,)),)))
    scale = Scale(TempoMap.steady(120), 0.0, 480.0)
    hit = hit_at(lanes, scale, 300, 4)
    assert hit is not None
    assert hit.part is Part.FADE_IN


@given(SPANS, st.floats(0, 2_000_000), st.floats(0, 2_000_000))
def test_a_lane_tells_every_clip_that_touches_a_span(
    spans: list[tuple[int, int]], one: float, other: float
) -> None:
    lanes = tracks_of(spans)
    first, last = sorted((one, other))
    touching = {s.clip.clip_id for s in lanes.lanes[0].spans if s.start < last and s.end > first}
    assert lanes.within(first, last, 0, 0) == touching


def test_an_edit_lays_out_only_the_track_that_changed() -> None:
    lanes, before = Lanes(), song()
    lanes.show_project(before)
    drums, keys = lanes.lanes
    louder = replace(before.tracks[1], gain_db=-3.0)
    lanes.show_project(replace(before, tracks=(before.tracks[0], louder)))
    assert lanes.lanes[0] is drums
    assert lanes.lanes[1] is not keys


def test_another_tempo_lays_out_everything_anew() -> None:
    lanes = Lanes()
    lanes.show_project(song())
    lanes.show_project(replace(song(), tempo=TempoMap.steady(60)))
    assert [span.start for span in lanes.lanes[0].spans] == [0, 8 * SECOND]


LOOP = TickRange(Tick(2 * BAR), Tick(4 * BAR))
BRACE_SCALE = Scale(TempoMap.steady(120), 0.0, 960.0)


@pytest.mark.parametrize(
    ("x", "grip"),
    [
        (193.9, Grip.NEW),
        (194, Grip.START),
        (206, Grip.START),
        (207, Grip.WHOLE),
        (300, Grip.WHOLE),
        (394, Grip.END),
        (406, Grip.END),
        (407, Grip.NEW),
    ],
)
def test_a_brace_is_taken_by_an_end_by_all_of_it_or_drawn_anew(x: float, grip: Grip) -> None:
    assert BraceDrag.begin(BRACE_SCALE, LOOP, x).grip is grip


def test_without_a_loop_one_is_drawn_wherever_the_drag_begins() -> None:
    assert BraceDrag.begin(BRACE_SCALE, None, 300).grip is Grip.NEW


@given(st.sampled_from(Grip), TICKS, TICKS)
def test_no_drag_of_a_brace_leaves_an_empty_or_a_turned_loop(
    grip: Grip, pressed: int, tick: int
) -> None:
    snap = Snap(BRACE_SCALE, Grid(1, Tick(BAR)))
    loop = BraceDrag(grip, Tick(pressed), LOOP).loop_at(Tick(tick), snap)
    assert loop is not None
    assert loop.start % BAR == loop.end % BAR == 0
    if grip is Grip.WHOLE:
        assert loop.end - loop.start == LOOP.end - LOOP.start
    if grip is Grip.START:
        assert loop.end == LOOP.end
    if grip is Grip.END:
        assert loop.start == LOOP.start


@given(TICKS, TICKS)
def test_a_new_loop_does_not_care_in_which_direction_it_is_drawn(one: int, other: int) -> None:
    snap = Snap(BRACE_SCALE, Grid(1, Tick(BAR)))
    there = BraceDrag(Grip.NEW, Tick(one), None).loop_at(Tick(other), snap)
    back = BraceDrag(Grip.NEW, Tick(other), None).loop_at(Tick(one), snap)
    assert there == back


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0:00"),
        (9, "0:09"),
        (65, "1:05"),
        (3_599, "59:59"),
        (3_600, "1:00:00"),
        (7_389, "2:03:09"),
    ],
)
def test_the_ruler_writes_seconds_as_a_clock_does(seconds: int, shown: str) -> None:
    assert clock(seconds) == shown


@given(
    st.lists(st.tuples(st.sampled_from(["zoom", "by", "to", "size", "fit"]), st.floats(-2e3, 2e3)))
)
def test_no_way_of_scrolling_shows_what_is_before_the_start(
    moves: list[tuple[str, float]],
) -> None:
    view = Viewport(song())
    for kind, amount in moves:
        if kind == "zoom":
            view.zoom(amount / 100, abs(amount))
        elif kind == "by":
            view.scroll_by(amount)
        elif kind == "to":
            view.scroll_to(amount * SECOND)
        elif kind == "size":
            view.resize(round(amount), round(amount))
        else:
            view.fit()
        assert view.scale.origin >= 0
        assert 0 <= view.top <= view.most_top
        assert view.scale.origin + view.visible_frames <= view.end + view.scale.frames_per_pixel


@given(st.integers(0, 58), st.integers(0, 1))
def test_revealing_a_clip_brings_it_into_sight(second: int, row: int) -> None:
    view = Viewport(song())
    view.resize(500, ROW_HEIGHT)
    view.reveal(second * SAMPLE_RATE, (second + 1) * SAMPLE_RATE, row)
    view.reveal(second * SAMPLE_RATE, (second + 1) * SAMPLE_RATE, row)
    assert 0 <= view.scale.x_of_frame(second * SAMPLE_RATE) < 500
    assert view.top <= row * ROW_HEIGHT
    assert (row + 1) * ROW_HEIGHT <= view.top + view.height


def test_markers_the_playhead_and_visible_ends_pull_but_not_what_is_dragged() -> None:
    view = Viewport(song())
    view.playhead = Frame(3 * SECOND)
    quarter = Tick(6 * TICKS_PER_QUARTER)
    assert view.magnets() == (0, BAR, quarter, 2 * BAR, 3 * BAR)
    assert view.magnets(frozenset({KICK, PAD})) == (quarter, 2 * BAR, 3 * BAR)


def test_clips_of_tracks_out_of_sight_do_not_pull() -> None:
    view = Viewport(song())
    view.resize(800, ROW_HEIGHT - 1)
    view.scroll_to_top(ROW_HEIGHT)
    assert view.top == ROW_HEIGHT
    assert 2 * BAR not in view.magnets()


def test_an_empty_project_can_be_seen_and_scrolled() -> None:
    view = Viewport(Project())
    view.fit()
    assert view.scale.frames_per_pixel * view.width == pytest.approx(4 * SECOND * 1.04)
    assert view.most_top == 0
