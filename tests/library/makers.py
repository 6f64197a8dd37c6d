"""Takes, recipes and libraries for the tests of this room."""

from pathlib import Path

import numpy as np

from acestep_desktop.audiofile.samples import Samples
from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker, Note, Part
from acestep_desktop.domain.project import Media, Project, Track, TrackId
from acestep_desktop.domain.raw import RAW_HEAD_BYTES
from acestep_desktop.domain.recipe import EngineIdentity, Measured, Music, Recipe
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Frame, Meter, Tick
from acestep_desktop.library.folders import folders_below
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary

HOUSE = Music(240.0, Key("A", "minor"), Meter(), 1)
"""A bar of one second."""

HOUSE_FRAMES = 48_000


def sound(seed: int = 0, frames: int = HOUSE_FRAMES, channels: int = 2) -> Samples:
    random = np.random.default_rng(seed)
    return (random.standard_normal((frames, channels)) * 0.1).astype(np.float32)


def raw_bytes(samples: Samples) -> bytes:
    """Return what an engine leaves in a file for these samples."""
    return bytes(RAW_HEAD_BYTES) + samples.tobytes()


def recipe(caption: str = "rainy house, 240 bpm in A minor", music: Music = HOUSE) -> Recipe:
    return Recipe(
        request=Request(Prompt(caption), bars=1, seed=7),
        engine=EngineIdentity("sketch", "1"),
        music=music,
        parts=(Part("Bass", "sub_bass", 39, False, (Note(Tick(0), Tick(960), 36, 100),)),),
        markers=(Marker(Tick(0), "loop"),),
    )


def library(home: Path) -> TakeLibrary:
    return TakeLibrary(folders_below(home))


def quick_library(home: Path) -> TakeLibrary:
    """Return a library that measures nothing, for many takes in little time."""
    return TakeLibrary(folders_below(home), lambda sound: Measured())


def project_of(*takes: StoredTake) -> Project:
    media = tuple(Media(t.take_id, f"Takes/{t.path.name}", t.frames, t.channels) for t in takes)
    clips = tuple(
        Clip.of_take(take.take_id, Tick(number * 960_000), Frame(take.frames), name=take.title)
        for number, take in enumerate(takes)
    )
    track = Track(TrackId("11111111-2222-3333-4444-555555555555"), "Drüms", clips=clips)
    return Project("Söng", TempoMap.steady(174.3, Meter(6, 8)), Key("F#"), (track,), media)
