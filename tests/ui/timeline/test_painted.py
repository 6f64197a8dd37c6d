"""What is on the screen, pixel by pixel, in the dark and in the light theme."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from acestep_desktop.domain.clip import Fade
from acestep_desktop.domain.clip_edits import change_clips, set_fade
from acestep_desktop.domain.project import TRACK_COLOURS, TickRange
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.song_edits import add_marker, set_loop
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.ui.theme import Theme, contrast_ratio, load_theme
from acestep_desktop.ui.timeline import canvas, view
from acestep_desktop.ui.timeline.columns import clip_columns, envelope, level_at
from acestep_desktop.ui.timeline.grid import Grid
from acestep_desktop.ui.timeline.hits import NAME_HEIGHT
from acestep_desktop.ui.timeline.lanes import ROW_HEIGHT, Lane, Span
from acestep_desktop.ui.timeline.tiles import TILE_WIDTH, LaneTiles, Look, mixed
from tests.ui.timeline.conftest import BAR, KICK, LONG, PAD, SECOND, SNARE, TAKE, Stage, song

THEMES = ("dark", "light")
Picture = npt.NDArray[np.int16]


class FakeSource:
    """Every take is a steady tone of one level."""

    def __init__(self, level: float = 0.5) -> None:
        self.level = level
        self.missing: set[str] = set()
        self.unknown: set[str] = set()

    def extremes(
        self, take_id: TakeId, first: float, frames_per_column: float, columns: int
    ) -> npt.NDArray[np.float32] | None:
        if take_id in self.unknown:
            return None
        return np.repeat(np.float32([[-self.level], [self.level]]), columns, axis=1)

    def is_missing(self, take_id: TakeId) -> bool:
        return take_id in self.missing


def pixels(image: QImage) -> Picture:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return raw[:, : image.width(), 2::-1].astype(np.int16)


def colour(name: str) -> Picture:
    shade = QColor(name)
    return np.array([shade.red(), shade.green(), shade.blue()], np.int16)


def is_near(picture: Picture, name: str, within: int = 24) -> npt.NDArray[np.bool_]:
    return np.abs(picture - colour(name)).max(axis=-1) <= within


def shown(widget: QWidget) -> Picture:
    """Paint until nothing is a draft any more, and look."""
    QApplication.processEvents()
    widget.grab()
    for _ in range(15):
        widget.grab()
    return pixels(widget.grab().toImage())


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return load_theme(request.param)


@pytest.fixture
def painted(stage: Stage, theme: Theme) -> Callable[[], Picture]:
    """Return how the canvas looks now: a clip of 2 s is 200 pixels wide."""
    stage.view.canvas._tiles._source = FakeSource()
    stage.view.show_theme(theme)
    stage.view.canvas.clearFocus()
    return partial(shown, stage.view.canvas)


def body(picture: Picture, first: int, last: int, row: int = 0) -> Picture:
    """Return what is painted between two pixels below the names of a row."""
    return picture[row * ROW_HEIGHT + 20 : (row + 1) * ROW_HEIGHT - 5, first:last]


def test_clips_lie_where_their_time_is_and_nothing_is_between_them(
    painted: Callable[[], Picture], theme: Theme
) -> None:
    picture = painted()
    gap = is_near(body(picture, 205, 395), theme.background, 60)
    assert gap.mean() > 0.95
    for first, last, row in ((5, 195, 0), (405, 595, 0), (205, 595, 1)):
        assert is_near(body(picture, first, last, row), theme.background, 12).mean() < 0.05


def wave_colour(theme: Theme, track: str) -> str:
    """Return how a track's waves stand out: lighter in the dark, darker in the light."""
    colour = QColor(track)
    bright = QColor(theme.surface).lightness() > 127
    return (colour.darker(170) if bright else colour.lighter(150)).name()


def test_the_waves_of_every_track_can_be_seen_on_its_clips(theme: Theme) -> None:
    for track in TRACK_COLOURS:
        clip = mixed(track, theme.surface, 0.3).name()
        assert contrast_ratio(wave_colour(theme, track), clip) >= 2.2, track


def test_a_clip_has_the_colour_of_its_track(painted: Callable[[], Picture], theme: Theme) -> None:
    picture = painted()
    drums, keys = song().tracks
    for row, track, first in ((0, drums, 10), (1, keys, 210)):
        middle = body(picture, first, first + 150, row)[10:25]
        wave = wave_colour(theme, track.colour)
        assert is_near(middle, wave, 6).mean() > 0.9


def test_a_wave_is_as_tall_as_it_is_loud(
    stage: Stage, painted: Callable[[], Picture], theme: Theme
) -> None:
    wave = wave_colour(theme, song().tracks[0].colour)

    def tall() -> int:
        return int(is_near(painted()[:ROW_HEIGHT, 100], wave, 6).sum())

    half = tall()
    change = partial(change_clips, clip_ids={KICK}, change=lambda c: replace(c, gain_db=-6.0206))
    stage.document.apply("Softer", change)
    assert half == pytest.approx((ROW_HEIGHT - 2 - NAME_HEIGHT) / 2, abs=3)
    assert tall() == pytest.approx(half / 2, abs=2)


def test_a_fade_bends_the_wave_and_shades_what_it_takes_away(
    stage: Stage, painted: Callable[[], Picture], theme: Theme
) -> None:
    before = painted()
    stage.document.apply("Fade in", partial(set_fade, clip_id=PAD, side="in", length=SECOND))
    after = painted()
    wave = wave_colour(theme, song().tracks[1].colour)
    heights = [int(is_near(body(after, x, x + 1, 1), wave, 6).sum()) for x in (215, 240, 280)]
    assert heights == sorted(heights)
    assert heights[0] < heights[2]
    assert np.array_equal(body(before, 310, 590, 1), body(after, 310, 590, 1))
    assert not np.array_equal(body(before, 205, 290, 1), body(after, 205, 290, 1))


def test_what_is_selected_has_a_frame_in_the_colour_of_text(
    stage: Stage, painted: Callable[[], Picture], theme: Theme
) -> None:
    before = painted()
    stage.view.editor.select([SNARE])
    after = painted()
    edges = is_near(after[5 : ROW_HEIGHT - 6, 400:402], theme.text, 10)
    assert edges.mean() > 0.9
    assert not is_near(before[5 : ROW_HEIGHT - 6, 400:402], theme.text, 10).any()
    assert np.array_equal(after[5 : ROW_HEIGHT - 6, 5:195], before[5 : ROW_HEIGHT - 6, 5:195]), (
        "the other clip is as it was"
    )


def test_the_playhead_is_a_line_over_everything_where_it_stands(
    stage: Stage, painted: Callable[[], Picture], theme: Theme
) -> None:
    before = painted()
    stage.view.show_playhead(round(1.5 * SECOND))
    after = painted()
    assert is_near(after[:, 150], theme.text, 4).all()
    changed = np.flatnonzero((before != after).any(axis=(0, 2)))
    assert set(changed.tolist()) == {0, 150}


def test_a_missing_take_is_hatched_in_the_colour_of_what_is_wrong(
    stage: Stage, painted: Callable[[], Picture], theme: Theme
) -> None:
    before = painted()
    stage.view.canvas._tiles._source.missing = {LONG}
    stage.view._show_missing()
    after = painted()
    assert np.array_equal(before[:ROW_HEIGHT], after[:ROW_HEIGHT])
    row = slice(ROW_HEIGHT + 18, ROW_HEIGHT + 26)
    redder = after[row, 210:590, 0] - after[row, 210:590, 1]
    assert (redder > before[row, 210:590, 0] - before[row, 210:590, 1] + 20).mean() > 0.1
    assert colour(theme.bad)[0] > colour(theme.bad)[1]


def test_a_muted_clip_loses_its_colour_and_says_so(
    stage: Stage, painted: Callable[[], Picture]
) -> None:
    before = painted()
    stage.view.editor.select([KICK])
    stage.view.editor.toggle_mute()
    stage.view.editor.clear()
    after = painted()

    def colourful(picture: Picture) -> float:
        part = body(picture, 10, 190)
        return float((part.max(axis=-1) - part.min(axis=-1)).mean())

    assert colourful(after) < colourful(before) / 2
    assert not np.array_equal(after[2:16, 10:120], before[2:16, 10:120]), "its name says Muted"


def test_the_loop_shades_the_lanes_and_has_a_brace_on_the_ruler(
    stage: Stage, painted: Callable[[], Picture], theme: Theme
) -> None:
    before = painted()
    stage.document.apply("Loop", partial(set_loop, span=TickRange(Tick(3 * BAR), Tick(4 * BAR))))
    after = painted()
    assert (after[300, 610:790] != before[300, 610:790]).any(axis=-1).all()
    assert np.array_equal(after[300, 820:990], before[300, 820:990])
    ruler = shown(stage.view.ruler)
    assert is_near(ruler[1, 601:799], theme.accent, 4).all()
    assert not is_near(ruler[1, 802:990], theme.accent, 4).any()


def test_a_marker_is_a_flag_with_its_name(
    stage: Stage, painted: Callable[[], Picture], theme: Theme
) -> None:
    before = shown(stage.view.ruler)
    stage.document.apply("Mark", partial(add_marker, at=Tick(4 * BAR), name="Bridge"))
    after = shown(stage.view.ruler)
    assert is_near(after[28:48, 800], theme.good, 30).mean() > 0.8
    changed = np.flatnonzero((before != after).any(axis=(0, 2)))
    assert changed.min() == pytest.approx(800, abs=1)
    assert changed.max() > 830
    assert is_near(after[28:48, 812:850], theme.text, 90).any()


def test_overlapping_clips_show_where_one_fades_into_the_other(
    stage: Stage, painted: Callable[[], Picture], theme: Theme
) -> None:
    stage.drag(stage.point(1), stage.point(4))
    stage.view.editor.clear()
    picture = body(painted(), 402, 498)
    crossing = is_near(picture, theme.text, 70)
    assert crossing[:, :20].any()
    assert crossing[:, -20:].any()


def test_an_empty_song_says_how_to_begin(stage: Stage, theme: Theme, qtbot: QtBot) -> None:
    stage.view.show_theme(theme)
    written = shown(stage.view.canvas)
    stage.document.open(replace(song(), tracks=()))
    empty = shown(stage.view.canvas)
    hint = is_near(empty[100:300, 200:800], theme.quiet, 40)
    assert 0.002 < hint.mean() < 0.2
    assert not np.array_equal(written, empty)


def test_what_is_drawn_stays_between_drafts_on_both_sides(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = shown(stage.view.canvas)
    monkeypatch.setattr(canvas, "_FEW", -1)
    tiles = stage.view._tiles
    for key in [key for key in tiles._tiles if key.number in (0, 3)]:
        del tiles._tiles[key]
    tiles._seen.clear()
    drafted = pixels(stage.view.canvas.grab().toImage())  # before anything is drawn later
    between = slice(TILE_WIDTH, 3 * TILE_WIDTH)
    assert np.array_equal(drafted[:, between], drawn[:, between])
    assert not np.array_equal(drafted[:, :TILE_WIDTH], drawn[:, :TILE_WIDTH])


def runs(there: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where each run of True begins and ends."""
    turns = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])).astype(int)))
    return [(int(first), int(last)) for first, last in turns.reshape(-1, 2)]


def test_the_overview_has_every_clip_as_a_dash_in_its_place(stage: Stage, theme: Theme) -> None:
    stage.view.minimap.show_theme(theme)
    stage.view.show_playhead(9 * SECOND)
    picture = shown(stage.view.minimap)
    (kick, snare), (pad,) = (
        runs(is_near(picture[y, 1:], track.colour, 60))
        for y, track in zip((3, 7), song().tracks, strict=True)
    )
    second = (kick[1] + 1) / 2
    assert snare == pytest.approx((4 * second, 6 * second), abs=2)
    assert pad == pytest.approx((2 * second, 6 * second), abs=2)


def lane(row: int = 0) -> Lane:
    project = song()
    return Lane.of(project.tracks[row], project.tempo)


LOOK = Look(TempoMap.steady(120), 480.0, Grid(1, Tick(BAR)))
CLOSER = replace(LOOK, frames_per_pixel=240.0)


@pytest.fixture
def tiles(qapp: QApplication) -> LaneTiles:
    tiles = LaneTiles(FakeSource(), load_theme("dark"))
    tiles.set_look(1.0, LOOK.tempo)
    return tiles


def test_a_tile_is_drawn_once_and_anew_only_for_what_changed_in_it(tiles: LaneTiles) -> None:
    drums = lane()
    first = tiles.drawn(drums, 0, LOOK, frozenset())
    assert tiles.known(drums, 0, LOOK, frozenset()) is first
    assert tiles.known(drums, 0, LOOK, {SNARE}) is first, "the snare is not in this tile"
    assert tiles.known(drums, 0, LOOK, {KICK}) is None
    assert tiles.known(drums, 1, LOOK, frozenset()) is None
    assert tiles.known(drums, 0, CLOSER, frozenset()) is None
    assert tiles.known(lane(), 0, LOOK, frozenset()) is None, "another lane, however alike"


def test_a_take_that_was_read_draws_only_its_own_tiles_anew(tiles: LaneTiles) -> None:
    drums, keys = lane(0), lane(1)
    tiles.drawn(drums, 0, LOOK, frozenset())
    tiles.drawn(keys, 1, LOOK, frozenset())
    tiles.forget_take(TAKE)
    assert tiles.known(drums, 0, LOOK, frozenset()) is None
    assert tiles.known(keys, 1, LOOK, frozenset()) is not None


@pytest.mark.parametrize("change", ["theme", "ratio", "clear"])
def test_nothing_is_kept_where_everything_looks_different(tiles: LaneTiles, change: str) -> None:
    drums = lane()
    tiles.drawn(drums, 0, LOOK, frozenset())
    {
        "theme": lambda: tiles.set_theme(load_theme("light")),
        "ratio": lambda: tiles.set_look(2.0, LOOK.tempo),
        "clear": tiles.clear,
    }[change]()
    assert tiles.known(drums, 0, LOOK, frozenset()) is None


def test_on_a_fine_screen_a_tile_has_more_pixels_for_the_same_place(tiles: LaneTiles) -> None:
    tiles.set_look(2.0, LOOK.tempo)
    tile = tiles.drawn(lane(), 0, LOOK, frozenset())
    assert (tile.width(), tile.height()) == (2 * TILE_WIDTH, 2 * ROW_HEIGHT)
    assert tile.deviceIndependentSize().width() == TILE_WIDTH


def test_tiles_that_adjoin_show_a_clip_as_one_picture(tiles: LaneTiles) -> None:
    keys = lane(1)
    wide = QPixmap(3 * TILE_WIDTH, ROW_HEIGHT)
    wide.fill(QColor("black"))
    painter = QPainter(wide)
    for number in range(3):
        target = QRectF(number * TILE_WIDTH, 0, TILE_WIDTH, ROW_HEIGHT)
        tile = tiles.drawn(keys, number, LOOK, frozenset())
        painter.drawPixmap(target, tile, QRectF(tile.rect()))
    painter.end()
    picture = pixels(wide.toImage())[24:54, 205:595]
    assert (picture == picture[:, :1]).all(), "no seam in a steady tone"


def span(**fields: object) -> Span:
    clip = replace(song().tracks[1].clips[0], **fields)
    return Span(clip, Frame(SECOND), Frame(SECOND + clip.length))


@pytest.mark.parametrize(
    ("at", "gain"),
    [(0, 0.0), (0.25, 0.5), (0.5, 1.0), (2.0, 1.0), (3.75, 0.5), (4.0, 0.0)],
)
def test_the_envelope_rises_and_falls_with_the_fades(at: float, gain: float) -> None:
    fade = Fade(Frame(SECOND // 2), "linear")
    faded = envelope(span(fade_in=fade, fade_out=fade), np.array([at * SECOND]))
    assert faded[0] == pytest.approx(gain, abs=1e-6)


def test_a_fade_that_began_outside_of_the_clip_goes_on_in_it() -> None:
    begun = Fade(Frame(SECOND), "linear", Frame(SECOND // 2))
    assert envelope(span(fade_in=begun), np.array([0.0]))[0] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("origin", "width", "left", "count"),
    [(0, 1_000, 100, 400), (0, 300, 100, 200), (2 * SECOND, 1_000, 0, 300), (0, 100, None, 0)],
)
def test_only_the_columns_that_are_seen_are_read(
    origin: int, width: int, left: int | None, count: int
) -> None:
    found = clip_columns(FakeSource(), span(), origin, 480.0, width)
    assert (found[0] if found else None) == left
    assert (found[1].shape[1] if found else 0) == count


def test_a_take_that_is_not_read_yet_has_no_columns() -> None:
    source = FakeSource()
    source.unknown = {LONG}
    assert clip_columns(source, span(), 0, 480.0, 1_000) is None


@pytest.mark.parametrize(
    ("second", "fields", "level"),
    [
        (1.0, {}, 0.5),
        (3.0, {}, 0.0),
        (1.0, {"gain_db": -6.0206}, 0.25),
        (1.0, {"muted": True}, 0.0),
        (1.0, {"soloed": True}, 0.5),
        (1.0, {"soloed": True, "muted": True}, 0.0),
    ],
)
def test_a_meter_shows_what_the_clips_of_a_track_hold_at_the_playhead(
    second: float, fields: dict[str, object], level: float
) -> None:
    track = replace(song().tracks[0], **fields)
    heard = level_at(FakeSource(), Lane.of(track, song().tempo), round(second * SECOND))
    assert heard == pytest.approx(level, abs=1e-3)


def test_while_another_track_is_soloed_a_meter_shows_nothing() -> None:
    lane = Lane.of(song().tracks[0], song().tempo)
    assert level_at(FakeSource(), lane, SECOND, solo=True) == 0.0


def test_the_meters_of_all_tracks_follow_a_solo(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, bool] = {}

    def level(source: object, lane: Lane, frame: int, *, solo: bool) -> float:
        asked[lane.track.name] = solo and not lane.track.soloed
        return 0.0

    monkeypatch.setattr(view, "level_at", level)
    stage.view.editor.select([PAD])
    stage.key(Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    stage.view.show_levels(rolling=True)
    assert asked == {"Drums": True, "Keys": False}
