"""MIDI files: what a DAW finds in them, read back by mido and by pretty_midi."""

import io
import itertools
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Marker, Note, Part
from acestep_desktop.domain.recipe import Music
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import SAMPLE_RATE, Meter, Tick
from acestep_desktop.exchange.midi import key_text, midi_bytes, tempo_events, write_midi

BAR = Meter(4, 4).ticks_per_bar
MUSIC = Music(bpm=121.7, key=Key("F#", "minor"), meter=Meter(4, 4), bars=64)
MARKERS = (Marker(Tick(0), "Intro"), Marker(Tick(32 * BAR), "Drop"))


def notes(pitch: int, step: int) -> tuple[Note, ...]:
    return tuple(
        Note(
            Tick(at + at // 7 % 5003), Tick(step // 2), pitch + at // step % 3, 40 + at // step % 80
        )
        for at in range(0, 64 * BAR - step, step)
    )


PARTS = (
    Part("Drums", "kit_house", 0, True, notes(36, 240_000)),
    Part("Walking bass", "upright_bass", 32, False, notes(30, 960_000)),
    Part("Rhodes", "electric_piano", 4, False, notes(60, 700_001)),
)


def read(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(data), charset="utf-8")


def heard(data: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pretty_midi

        return pretty_midi.PrettyMIDI(io.BytesIO(data))


def seconds(tick: int, music: Music) -> float:
    assert music.bpm is not None
    return float(TempoMap.steady(music.bpm, music.meter).exact_frame_at(tick) / SAMPLE_RATE)


def test_the_file_is_type_1_with_960_ticks_a_quarter_and_a_track_for_each_part() -> None:
    file = read(midi_bytes(PARTS, MUSIC, MARKERS, title="Night drive"))

    assert (file.type, file.ticks_per_beat) == (1, 960)
    assert [track.name for track in file.tracks] == [
        "Night drive",
        "Drums",
        "Walking bass",
        "Rhodes",
    ]


def test_tempo_meter_key_and_markers_stand_in_the_first_track() -> None:
    conductor = read(midi_bytes(PARTS, MUSIC, MARKERS)).tracks[0]
    said = {message.type: message for message in conductor}

    assert mido.tempo2bpm(said["set_tempo"].tempo) == pytest.approx(121.7, abs=0.001)
    assert (said["time_signature"].numerator, said["time_signature"].denominator) == (4, 4)
    assert said["key_signature"].key == "F#m"
    assert [message.text for message in conductor if message.type == "marker"] == ["Intro", "Drop"]
    marker_ticks, now = [], 0
    for message in conductor:
        now += message.time
        if message.type == "marker":
            marker_ticks.append(now)
    assert marker_ticks == [0, 32 * 4 * 960]


def test_drums_are_on_channel_10_and_every_other_part_has_a_channel_of_its_own() -> None:
    file = read(midi_bytes(PARTS, MUSIC))
    channels = [
        {message.channel for message in track if message.type == "note_on"}
        for track in file.tracks[1:]
    ]

    assert channels == [{9}, {0}, {1}]


def test_programs_are_those_of_the_parts() -> None:
    file = read(midi_bytes(PARTS, MUSIC))
    programs = [
        message.program
        for track in file.tracks
        for message in track
        if message.type == "program_change"
    ]

    assert programs == [0, 32, 4]


def test_pretty_midi_hears_every_onset_within_5_ms_with_its_pitch_and_velocity() -> None:
    midi = heard(midi_bytes(PARTS, MUSIC, MARKERS))

    for part, instrument in zip(PARTS, midi.instruments, strict=True):
        assert instrument.is_drum == part.drums
        assert instrument.name == part.name
        found = sorted(instrument.notes, key=lambda note: (note.start, note.pitch))
        assert len(found) == len(part.notes)
        for note, other in zip(part.notes, found, strict=True):
            assert abs(other.start - seconds(note.start, MUSIC)) < 0.005
            assert (other.pitch, other.velocity) == (note.pitch, note.velocity)


def test_the_file_lasts_as_long_as_the_bars() -> None:
    file = read(midi_bytes(PARTS, MUSIC))
    lengths = {sum(message.time for message in track) for track in file.tracks}

    assert lengths == {64 * 4 * 960}


@given(
    bpm=st.decimals(30, 300, places=2).map(float),
    meter=st.sampled_from([Meter(4, 4), Meter(7, 8), Meter(32, 1), Meter(3, 4)]),
    bars=st.integers(1, 512),
)
def test_the_written_tempos_never_drift_by_more_than_2_ms(
    bpm: float, meter: Meter, bars: int
) -> None:
    end = bars * meter.ticks_per_bar // 1000
    events = [*tempo_events(bpm, meter, end), (end, 0)]
    exact = Fraction(60_000_000) / Fraction(repr(bpm))
    drift = Fraction(0)
    for (at, tempo), (following, _) in itertools.pairwise(events):
        drift += (tempo - exact) * Fraction(following - at, 960)
        assert abs(drift) <= 2_000


def test_a_tempo_that_microseconds_can_say_is_written_once() -> None:
    assert list(tempo_events(120.0, Meter(4, 4), 10**7)) == [(0, 500_000)]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (Key("C"), "C"),
        (Key("A", "minor"), "Am"),
        (Key("G#", "major"), "Ab"),
        (Key("D#", "major"), "Eb"),
        (Key("Db", "minor"), "C#m"),
        (Key("Gb", "minor"), "F#m"),
        (Key("B#", "major"), "C"),
        (Key("Fb", "major"), "E"),
    ],
)
def test_keys_with_too_many_signs_are_spelled_otherwise(key: Key, text: str) -> None:
    assert key_text(key) == text


@pytest.mark.parametrize("tonic", [a + b for a in "ABCDEFG" for b in ("", "#", "b")])
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_every_key_can_be_written_and_sounds_the_same(tonic: str, mode: Any) -> None:
    key = Key(tonic, mode)
    data = midi_bytes((), Music(bpm=100, key=key, meter=Meter(), bars=1))
    said = next(m for m in read(data).tracks[0] if m.type == "key_signature").key

    assert Key.parse(said).pitch_class == key.pitch_class
    assert Key.parse(said).mode == mode


def test_overlapping_notes_of_one_pitch_do_not_cut_each_other_off() -> None:
    part = Part(
        "Lead",
        "saw_lead",
        81,
        False,
        (Note(Tick(0), Tick(2_000_000), 60, 90), Note(Tick(960_000), Tick(960_000), 60, 80)),
    )
    found = heard(midi_bytes((part,), MUSIC)).instruments[0].notes

    assert [note.velocity for note in found] == [90, 80]
    assert found[0].end == pytest.approx(found[1].start)
    assert found[1].end == pytest.approx(seconds(1_920_000, MUSIC), abs=0.002)


def test_more_than_fifteen_pitched_parts_are_still_written() -> None:
    parts = tuple(
        Part(f"Part {k}", "saw_lead", 81, False, (Note(Tick(0), Tick(1000), 60, 90),))
        for k in range(20)
    )

    assert len(read(midi_bytes(parts, MUSIC)).tracks) == 21


def test_music_that_knows_nothing_is_written_at_120_in_four_four() -> None:
    conductor = read(midi_bytes(PARTS, Music())).tracks[0]
    said = {message.type: message for message in conductor}

    assert said["set_tempo"].tempo == 500_000
    assert "key_signature" not in said


def test_a_name_in_any_script_survives() -> None:
    part = Part("ピアノ ❤", "grand_piano", 0, False, (Note(Tick(0), Tick(1000), 60, 90),))

    assert read(midi_bytes((part,), MUSIC)).tracks[1].name == "ピアノ ❤"


def test_a_file_is_written_whole_in_place_of_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "Night drive.mid"
    path.write_bytes(b"old")

    write_midi(path, PARTS, MUSIC, MARKERS)

    assert path.read_bytes() == midi_bytes(PARTS, MUSIC, MARKERS, title="Night drive")
    assert list(tmp_path.iterdir()) == [path]
