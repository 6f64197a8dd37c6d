"""MIDI files: a sketch's notes as any DAW reads them."""

import io
import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from acestep_desktop.audiofile.atomic import write_atomically
from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker, Part
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.tempo import exact_bpm
from acestep_desktop.domain.time import PPQN, TICKS_PER_QUARTER, Meter

if TYPE_CHECKING:
    from mido import MidiFile, MidiTrack
    from mido.messages.messages import BaseMessage

    Event = tuple[int, int, BaseMessage]
    """A message, its tick in the file, and its rank among messages of the same tick."""

DRUM_CHANNEL: Final = 9
"""General MIDI's percussion channel, counted from 0 (channel 10 to people)."""

_TICK: Final = TICKS_PER_QUARTER // PPQN
_CHANNELS: Final = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_DEFAULT_BPM: Final = 120.0
_MOST_DRIFT_US: Final = 1_000
# A tempo is a whole number of microseconds; beyond this drift bars get tempos of their own.

_MAJOR_KEYS: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MINOR_KEYS: Final = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")
_MOST_SIGNS: Final = 7
_FIFTHS: Final = "FCGDAEB"
_ORDER_OFF, _ORDER_SETUP, _ORDER_ON = range(3)


def midi_bytes(
    parts: Sequence[Part], music: Music, markers: Sequence[Marker] = (), *, title: str = ""
) -> bytes:
    """Return a Standard MIDI File of type 1 with 960 ticks to the quarter.

    The first track holds title, tempo, meter, key and markers; each part is a
    track with its name, its General MIDI program and a channel of its own, drums
    on channel 10. Onsets are within 2 ms of the parts' over the whole piece:
    where one whole number of microseconds is not exact enough, the tempo is
    written again from time to time. Beyond 15 pitched parts channels are shared.
    """
    from mido import MidiFile

    end = _end(parts, music)
    file = MidiFile(type=1, ticks_per_beat=PPQN, charset="utf-8")
    file.tracks.append(_conductor(music, markers, title, end))
    channels = itertools.cycle(_CHANNELS)
    for part in parts:
        channel = DRUM_CHANNEL if part.drums else next(channels)
        file.tracks.append(_track(part, channel, end))
    return _written(file)


def write_midi(
    path: Path, parts: Sequence[Part], music: Music, markers: Sequence[Marker] = ()
) -> None:
    """Write the MIDI file `path` anew, titled like the file; see `midi_bytes`."""
    data = midi_bytes(parts, music, markers, title=path.stem)
    with write_atomically(path) as draft:
        draft.write(data)


def _written(file: "MidiFile") -> bytes:
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _end(parts: Sequence[Part], music: Music) -> int:
    """Return the tick, of the file, at which the piece ends."""
    last = max((note.start + note.length for part in parts for note in part.notes), default=0)
    if music.bars is not None:
        last = max(last, music.bars * (music.meter or Meter()).ticks_per_bar)
    return _file_tick(last)


def _file_tick(tick: int) -> int:
    return (tick + _TICK // 2) // _TICK


def _conductor(music: Music, markers: Sequence[Marker], title: str, end: int) -> "MidiTrack":
    from mido import MetaMessage

    meter = music.meter or Meter()
    events: list[Event] = [
        (0, _ORDER_SETUP, MetaMessage("track_name", name=title or "Sketch")),
        (
            0,
            _ORDER_SETUP,
            MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator),
        ),
    ]
    if music.key is not None:
        events.append((0, _ORDER_SETUP, MetaMessage("key_signature", key=key_text(music.key))))
    for tick, tempo in tempo_events(music.bpm or _DEFAULT_BPM, meter, end):
        events.append((tick, _ORDER_SETUP, MetaMessage("set_tempo", tempo=tempo)))
    for marker in markers:
        events.append((_file_tick(marker.at), _ORDER_ON, MetaMessage("marker", text=marker.name)))
    return _in_deltas(events, end)


def key_text(key: Key) -> str:
    """Return the key as a MIDI file can say it, spelled otherwise where it has too many signs."""
    minor = key.mode == "minor"
    accidental = {"#": 7, "b": -7, "": 0}[key.tonic[1:]]
    signs = _FIFTHS.index(key.tonic[0]) - 1 + accidental - (3 if minor else 0)
    if abs(signs) <= _MOST_SIGNS:
        return key.tonic + ("m" if minor else "")
    return (_MINOR_KEYS if minor else _MAJOR_KEYS)[key.pitch_class]


def tempo_events(bpm: float, meter: Meter, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ticks and tempos, in microseconds a quarter, that keep the file in time.

    One where it drifts by at most a millisecond until `end`. Otherwise a new one
    at bar lines whenever the drift would pass that, so that it never does.
    """
    exact = 60_000_000 / exact_bpm(bpm)
    nearest = round(exact)
    bar = max(1, _file_tick(meter.ticks_per_bar))
    drift_a_bar = (nearest - exact) * Fraction(bar, PPQN)
    bars = -(-end // bar)
    yield 0, nearest
    if abs(drift_a_bar) * bars <= _MOST_DRIFT_US or not drift_a_bar:
        return
    other = nearest - 1 if drift_a_bar > 0 else nearest + 1
    gain = (other - exact) * Fraction(bar, PPQN)
    drift, tempo = Fraction(0), nearest
    for number in range(bars):
        wanted = tempo
        if abs(drift + drift_a_bar) > _MOST_DRIFT_US and drift * drift_a_bar > 0:
            wanted = other
        elif tempo == other and drift * drift_a_bar <= 0:
            wanted = nearest
        if wanted != tempo:
            tempo = wanted
            yield number * bar, tempo
        drift += gain if tempo == other else drift_a_bar


def _track(part: Part, channel: int, end: int) -> "MidiTrack":
    from mido import Message, MetaMessage

    events: list[Event] = [(0, _ORDER_SETUP, MetaMessage("track_name", name=part.name))]
    program = Message("program_change", channel=channel, program=0 if part.drums else part.program)
    events.append((0, _ORDER_SETUP, program))
    for start, stop, pitch, velocity in _notes(part):
        on = Message("note_on", channel=channel, note=pitch, velocity=velocity)
        off = Message("note_off", channel=channel, note=pitch, velocity=0)
        events += [(start, _ORDER_ON, on), (stop, _ORDER_OFF, off)]
    return _in_deltas(events, max(end, max((at for at, _, _ in events), default=0)))


def _notes(part: Part) -> list[tuple[int, int, int, int]]:
    """Return start, end, pitch and velocity of each note, none within another of its pitch."""
    following: dict[int, int] = {}
    found = []
    for note in sorted(part.notes, key=lambda note: (note.start, note.pitch), reverse=True):
        start = _file_tick(note.start)
        stop = max(start + 1, _file_tick(note.start + note.length))
        stop = min(stop, following.get(note.pitch, stop))
        if stop > start:
            found.append((start, stop, note.pitch, note.velocity))
            following[note.pitch] = start
    return found[::-1]


def _in_deltas(events: "list[Event]", end: int) -> "MidiTrack":
    from mido import MetaMessage, MidiTrack

    track = MidiTrack()
    now = 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=at - now))
        now = at
    track.append(MetaMessage("end_of_track", time=max(0, end - now)))
    return track
