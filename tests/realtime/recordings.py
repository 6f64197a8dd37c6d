"""Big projects to play, recordings of them, and how well those null against the bounce."""

import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import correlate

from acestep_desktop.domain.clip import Clip
from acestep_desktop.domain.edits import change_track
from acestep_desktop.domain.project import Media, Project, Track, new_track_id
from acestep_desktop.domain.recipe import TakeId
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import TICKS_PER_QUARTER, Frame, Tick
from acestep_desktop.dsp.arrangement import compile_project
from acestep_desktop.dsp.bounce import bounce
from acestep_desktop.dsp.samples import Samples
from tests.realtime.studio import written

TAKE_FRAMES = 10 * 48_000
FADE_FRAMES = 480


@dataclass(frozen=True, slots=True)
class Piece:
    """A project with its takes, in memory and on disk."""

    project: Project
    sources: dict[TakeId, Samples]
    paths: dict[TakeId, Path]

    def bounce(self, frames: int) -> Samples:
        """Return the first `frames` of the offline bounce."""
        arrangement = compile_project(self.project)
        return np.concatenate(list(bounce(arrangement, self.sources, 0, frames)))


def piece(folder: Path, tracks: int, clips: int, seconds: float) -> Piece:
    """Return a project of `tracks` times `clips`, all of them within the first `seconds`."""
    dice = np.random.default_rng(11)
    level = 0.3 / np.sqrt(tracks)
    sources = {
        TakeId(f"take-{number}"): dice.normal(0, level, (TAKE_FRAMES, 2)).astype(np.float32)
        for number in range(4)
    }
    paths = {take: written(folder / f"{take}.wav", audio) for take, audio in sources.items()}
    media = tuple(Media(take, f"{take}.wav", Frame(TAKE_FRAMES), 2) for take in sources)
    tempo = TempoMap.steady(120.0)
    step = round(seconds * 48_000 / clips)
    lanes = []
    for lane in range(tracks):
        shown = [
            replace(
                Clip.of_take(
                    TakeId(f"take-{(lane + number) % 4}"),
                    tempo.tick_at(number * step + 37 * lane),
                    Frame(min(TAKE_FRAMES // 2, round(step * (1.05 if number % 3 else 0.9)))),
                ),
                offset=Frame((1_000 * number + 77 * lane) % (TAKE_FRAMES // 2)),
            )
            for number in range(clips)
        ]
        lanes.append(Track(new_track_id(), f"Track {lane}", clips=tuple(shown)))
    return Piece(Project("Big", tempo, tracks=tuple(lanes), media=media), sources, paths)


def beats(folder: Path, tempo: TempoMap, seconds: float) -> Piece:
    """Return a project in which every quarter note is a single loud frame."""
    frames = round(seconds * 48_000)
    audio = np.zeros((frames, 2), np.float32)
    for quarter in range(round(seconds * 999 / 60)):
        at = tempo.frame_at(quarter * TICKS_PER_QUARTER)
        if at >= frames:
            break
        audio[at] = 0.6
    take = TakeId("beats")
    path = written(folder / "beats.wav", audio)
    media = (Media(take, path.name, Frame(frames), 2),)
    clip = Clip.of_take(take, Tick(0), Frame(frames))
    project = Project(
        "Beats", tempo, tracks=(Track(new_track_id(), "Beats", clips=(clip,)),), media=media
    )
    return Piece(project, {take: audio}, {take: path})


def edited_far_away(project: Project, number: int) -> Project:
    """Return `project` with its last clip on some track nudged: far behind what is played."""
    track = project.tracks[random.Random(number).randrange(len(project.tracks))]

    def nudged(lane: Track) -> Track:
        *others, last = lane.clips
        return lane.with_clips((*others, replace(last, gain_db=-float(number % 7))))

    return change_track(project, track.track_id, nudged)


def offset_of(recording: npt.NDArray[np.float64], reference: Samples) -> int:
    """Return the frame of `recording` at which frame 0 of `reference` was heard."""
    probe = reference[48_000:96_000, 0].astype(np.float64)
    found = int(np.argmax(correlate(recording[:, 0], probe, mode="valid", method="fft")))
    return found - 48_000


def null_depth(
    recording: npt.NDArray[np.float64], reference: Samples, edge: int = FADE_FRAMES
) -> tuple[float, int]:
    """Return the largest difference, outside the first and last `edge`, and frames compared."""
    start = offset_of(recording, reference)
    heard = recording[start + edge : start + len(reference) - edge]
    expected = reference[edge : edge + len(heard)]
    return float(np.abs(heard - expected).max()), len(heard)


def windows_that_null(
    recording: npt.NDArray[np.float64], reference: Samples, within: float = 1e-6
) -> tuple[int, int]:
    """Return how many seconds of `reference` null where they were heard, and of how many.

    Each is looked for near where the last one was, and if it is not there, anywhere behind
    that: where the machine stood still, all that follows is late.
    """
    start, heard_to, nulls = offset_of(recording, reference), 0, 0
    count = len(reference) // 48_000 - 1
    for second in range(count):
        at = FADE_FRAMES + second * 48_000
        expected = reference[at : at + 24_000].astype(np.float64)
        near = max(heard_to, start + at - 24_000)
        for first, last in ((near, near + 72_000), (heard_to, len(recording))):
            found = _where_it_nulls(recording[first:last], expected, within)
            if found is not None:
                start = first + found - at
                heard_to = first + found
                nulls += 1
                break
    return nulls, count


def _where_it_nulls(
    heard: npt.NDArray[np.float64], expected: npt.NDArray[np.float64], within: float
) -> int | None:
    """Return the frame of `heard` from which on it equals `expected`; None if it nowhere does."""
    if len(heard) < len(expected):
        return None
    found = int(np.argmax(correlate(heard[:, 0], expected[:, 0], "valid", "fft")))
    difference = np.abs(heard[found : found + len(expected)] - expected).max()
    return found if float(difference) <= within else None
