"""Random projects of at most four seconds, and the few takes that they show."""

import numpy as np
from hypothesis import strategies as st

from acestep_desktop.domain.clip import Clip, ClipId, Fade
from acestep_desktop.domain.project import Master, Media, Project, Track, TrackId
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoChange, TempoMap
from acestep_desktop.domain.time import Frame, Tick
from acestep_desktop.dsp.samples import Samples

FOUR_SECONDS = 4 * 48_000


def _takes() -> dict[TakeId, Samples]:
    noise = np.random.default_rng(2024)
    spoilt = noise.uniform(-1.0, 1.0, (30_000, 2)).astype(np.float32)
    spoilt[100:200] = np.nan
    spoilt[5_000] = np.inf
    spoilt[6_000] = -np.inf
    spoilt[7_000] = 1e30
    wave = np.sin(np.arange(90_000) * 0.03)[:, None]
    return {
        TakeId("stereo"): noise.uniform(-0.5, 0.5, (FOUR_SECONDS, 2)).astype(np.float32),
        TakeId("mono"): (0.7 * wave).astype(np.float32),
        TakeId("spoilt"): spoilt,
        TakeId("short"): np.ones((300, 2), np.float32),
    }


SOURCES = _takes()
MEDIA = tuple(
    Media(take_id, f"{take_id}.wav", Frame(len(audio)), audio.shape[1])
    for take_id, audio in SOURCES.items()
)

gains_db = st.sampled_from((0.0, 0.0, -3.5, 5.1, 24.0, -119.0, -120.0))
fades = st.sampled_from(
    [
        Fade(Frame(length), shape, Frame(begun))
        for length in (0, 1, 7, 480, 3_001, 20_000)
        for begun in (0, length // 3, length)
        for shape in ("linear", "equal_power")
    ]
)


@st.composite
def tempos(draw: st.DrawFn) -> TempoMap:
    """Draw a tempo map with one or two tempos."""
    bpms = draw(
        st.lists(st.sampled_from((20.0, 97.3, 120.0, 174.3, 999.0)), min_size=1, max_size=2)
    )
    return TempoMap(tuple(TempoChange(Tick(index * 1_234_567), b) for index, b in enumerate(bpms)))


@st.composite
def clips(draw: st.DrawFn, tempo: TempoMap, name: str) -> Clip:
    """Draw a clip that ends within the four seconds."""
    media = draw(st.sampled_from(MEDIA))
    offset = draw(st.integers(0, media.frames - 1))
    length = draw(st.integers(1, media.frames - offset))
    start = tempo.tick_at(draw(st.integers(0, FOUR_SECONDS - 1)))
    length = max(1, min(length, FOUR_SECONDS - tempo.frame_at(start)))
    return Clip(
        ClipId(name),
        media.take_id,
        start,
        Frame(offset),
        Frame(length),
        gain_db=draw(gains_db),
        fade_in=draw(fades),
        fade_out=draw(fades),
        muted=draw(st.integers(0, 5)) == 0,
    )


@st.composite
def projects(draw: st.DrawFn, min_clips: int = 0) -> Project:
    """Draw a project of one to three tracks, with overlaps, mutes, solos, gains and pans."""
    tempo = draw(tempos())
    tracks = []
    for index in range(draw(st.integers(1, 3))):
        count = draw(st.integers(min_clips, 5))
        tracks.append(
            Track(
                TrackId(f"track {index}"),
                f"Track {index}",
                gain_db=draw(gains_db),
                pan=draw(st.sampled_from((0.0, -1.0, 1.0, 0.3, -0.25))),
                muted=draw(st.integers(0, 7)) == 0,
                soloed=draw(st.integers(0, 7)) == 0,
                clips=tuple(draw(clips(tempo, f"{index}-{number}")) for number in range(count)),
            )
        )
    master = Master(draw(st.sampled_from((0.0, -6.0, 3.3, 24.0))), draw(st.booleans()))
    return Project("Random", tempo, tracks=tuple(tracks), media=MEDIA, master=master)
