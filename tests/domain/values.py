"""Hypothesis strategies for the values of the domain, for every room's tests."""

import string

from hypothesis import strategies as st

from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker, Note, Part
from acestep_desktop.domain.project import (
    TRACK_COLOURS,
    Master,
    Media,
    Project,
    TickRange,
    Track,
    TrackId,
)
from acestep_desktop.domain.recipe import EngineIdentity, Measured, Music, Recipe, Take, TakeId
from acestep_desktop.domain.request import (
    TRACK_NAMES,
    Adapter,
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Prompt,
    Repaint,
    Request,
    Sampling,
    Task,
    TextToMusic,
    Variation,
)
from acestep_desktop.domain.tempo import MeterChange, TempoChange, TempoMap
from acestep_desktop.domain.time import DENOMINATORS, TICKS_PER_QUARTER, Frame, Meter, Tick

names = st.text(max_size=12)
ratios = st.floats(0, 1)
gains = st.floats(-120, 24)
ticks = st.integers(0, 64 * TICKS_PER_QUARTER).map(Tick)
meters = st.builds(Meter, st.integers(1, 32), st.sampled_from(DENOMINATORS))
keys = st.builds(
    Key,
    st.sampled_from([letter + sign for letter in "ABCDEFG" for sign in ("", "#", "b")]),
    st.sampled_from(("major", "minor")),
)
paths = st.text(string.ascii_letters + "/. é音", min_size=1, max_size=20)
tasks: st.SearchStrategy[Task] = st.one_of(
    st.builds(TextToMusic),
    st.builds(Cover, paths, ratios),
    st.builds(Repaint, paths, st.floats(0, 10), st.floats(11, 20)),
    st.builds(Extend, paths, st.floats(0, 10), st.floats(0.5, 10)),
    st.builds(Variation, paths, ratios),
    st.builds(Extract, paths, st.sampled_from(TRACK_NAMES)),
    st.builds(AddLayer, paths, st.sampled_from(TRACK_NAMES)),
    st.builds(
        Complete, paths, st.lists(st.sampled_from(TRACK_NAMES), min_size=1, max_size=3).map(tuple)
    ),
)
samplings = st.builds(
    Sampling,
    st.none() | st.integers(1, 1000),
    st.none() | st.floats(0.1, 20),
    st.none() | st.floats(0, 50),
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests with any field said or left out."""
    in_bars = draw(st.booleans())
    return Request(
        Prompt(draw(names), draw(names), draw(st.sampled_from(("unknown", "en", "ja")))),
        draw(tasks),
        bars=draw(st.none() | st.integers(1, 512)) if in_bars else None,
        seconds=None if in_bars else draw(st.none() | st.floats(0.1, 600)),
        bpm=draw(st.none() | st.floats(30, 300)),
        key=draw(st.none() | keys),
        meter=draw(st.none() | meters),
        seed=draw(st.integers(0, 2**62)),
        variations=draw(st.integers(1, 64)),
        reference=draw(st.none() | paths),
        model=draw(st.none() | names),
        sampling=draw(samplings),
        adapters=tuple(draw(st.lists(st.builds(Adapter, paths, st.floats(-10, 10)), max_size=2))),
    )


notes = st.builds(
    Note,
    ticks,
    st.integers(1, TICKS_PER_QUARTER).map(Tick),
    st.integers(0, 127),
    st.integers(1, 127),
)
parts = st.builds(
    Part,
    names,
    names,
    st.integers(0, 127),
    st.booleans(),
    st.lists(notes, max_size=4).map(tuple),
)
markers = st.builds(Marker, ticks, names)
music = st.builds(
    Music,
    st.none() | st.floats(1, 999),
    st.none() | keys,
    st.none() | meters,
    st.none() | st.integers(1, 999),
)
recipes = st.builds(
    Recipe,
    requests(),
    st.builds(EngineIdentity, names, names, names, names, names),
    music,
    st.lists(names, max_size=3).map(tuple),
    st.lists(names, max_size=3).map(tuple),
    st.lists(parts, max_size=3).map(tuple),
    st.lists(markers, max_size=3).map(tuple),
)
levels = st.none() | st.floats(-200, 20)
takes = st.builds(
    Take,
    st.text("0123456789abcdef", min_size=32, max_size=32).map(TakeId),
    names,
    st.just("2026-11-22T10:00:00Z"),
    st.integers(1, 10**9).map(Frame),
    st.integers(1, 2),
    music,
    st.builds(Measured, levels, levels, levels),
    st.none() | recipes,
)


@st.composite
def fades(draw: st.DrawFn) -> Fade:
    """Fades of up to a second, begun anywhere."""
    length = draw(st.integers(0, 48_000))
    begun = draw(st.integers(0, length))
    return Fade(Frame(length), draw(st.sampled_from(("equal_power", "linear"))), Frame(begun))


@st.composite
def tempo_maps(draw: st.DrawFn) -> TempoMap:
    """Maps of one to three tempi and one or two meters."""
    tempos = [TempoChange(Tick(0), draw(st.floats(20, 999)))]
    for _ in range(draw(st.integers(0, 2))):
        at = tempos[-1].at + draw(st.integers(1, 16 * TICKS_PER_QUARTER))
        tempos.append(TempoChange(Tick(at), draw(st.floats(20, 999))))
    first = draw(meters)
    changes = [MeterChange(Tick(0), first)]
    if draw(st.booleans()):
        changes.append(MeterChange(Tick(4 * first.ticks_per_bar), draw(meters)))
    return TempoMap(tuple(tempos), tuple(changes))


@st.composite
def clips_of(draw: st.DrawFn, media: Media, name: str) -> Clip:
    """Clips that show a window of `media`, with an id made from `name`."""
    offset = draw(st.integers(0, media.frames - 1))
    return Clip(
        ClipId(f"clip-{name}"),
        media.take_id,
        draw(ticks),
        Frame(offset),
        Frame(draw(st.integers(1, media.frames - offset))),
        draw(names),
        draw(gains),
        draw(fades()),
        draw(fades()),
        draw(st.booleans()),
    )


@st.composite
def projects(draw: st.DrawFn, *, min_tracks: int = 0, max_clips: int = 3) -> Project:
    """Whole projects: up to three tracks of clips onto up to three takes."""
    media = [
        Media(
            TakeId(f"{index:032x}"),
            draw(paths),
            Frame(draw(st.integers(1, 200_000))),
            draw(st.integers(1, 2)),
        )
        for index in range(draw(st.integers(1, 3)))
    ]
    tracks = []
    for index in range(draw(st.integers(min_tracks, 3))):
        clips = [
            draw(clips_of(draw(st.sampled_from(media)), f"{index}-{number}"))
            for number in range(draw(st.integers(0, max_clips)))
        ]
        tracks.append(
            Track(
                TrackId(f"track-{index}"),
                draw(names),
                draw(st.sampled_from(TRACK_COLOURS)),
                draw(gains),
                draw(st.floats(-1, 1)),
                draw(st.booleans()),
                draw(st.booleans()),
                tuple(clips),
            )
        )
    loop = draw(st.none() | st.tuples(ticks, st.integers(1, 10**7)))
    return Project(
        name=draw(names),
        tempo=draw(tempo_maps()),
        key=draw(st.none() | keys),
        tracks=tuple(tracks),
        media=tuple(media),
        master=Master(draw(gains), draw(st.booleans())),
        markers=tuple(draw(st.lists(markers, max_size=2))),
        loop=TickRange(loop[0], Tick(loop[0] + loop[1])) if loop else None,
    )
