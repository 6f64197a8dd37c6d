"""Voicing: registers, economy of movement, no mud."""

import itertools

import pytest

from acestep_desktop.domain.key import Key
from acestep_desktop.sketch.harmony import bars_of, chord_of
from acestep_desktop.sketch.tables import genres
from acestep_desktop.sketch.voicing import Manner, voice, voice_all

KEY = Key("C")
MANNER = Manner(4, 50, 74)
TURNAROUND = [chord_of(numeral, KEY) for numeral in ("Imaj7", "vi7", "ii9", "V13")]


def every_progression() -> list[tuple[str, str, str]]:
    return [
        (genre, mode, text)
        for genre, table in sorted(genres().items())
        for mode in ("major", "minor")
        for text, _ in table.progressions[mode]
    ]


def test_a_turnaround_moves_by_steps() -> None:
    for before, after in itertools.pairwise(voice_all(TURNAROUND * 2, MANNER)):
        moves = [abs(a - b) for a, b in zip(before, after, strict=True)]
        assert max(moves) <= 5
        assert sum(moves) / len(moves) <= 3


def test_voices_move_less_than_three_semitones_on_average_over_all_genres() -> None:
    moves = []
    for _, mode, text in every_progression():
        key = Key("D", mode)  # type: ignore[arg-type]
        chords = [chord_of(numeral, key) for bar in bars_of(text) for numeral in bar]
        for before, after in itertools.pairwise(voice_all(chords * 2, MANNER)):
            if len(before) == len(after):
                moves += [abs(a - b) for a, b in zip(before, after, strict=True)]

    assert sum(moves) / len(moves) < 3.0
    assert sum(move > 7 for move in moves) / len(moves) < 0.02


def test_the_top_voice_seldom_leaps() -> None:
    leaps = []
    for _, mode, text in every_progression():
        chords = [
            chord_of(numeral, Key("G", mode))  # type: ignore[arg-type]
            for bar in bars_of(text)
            for numeral in bar
        ]
        voicings = voice_all(chords * 2, MANNER)
        leaps += [abs(a[-1] - b[-1]) > 5 for a, b in itertools.pairwise(voicings)]

    assert sum(leaps) / len(leaps) < 0.04


@pytest.mark.parametrize(
    "manner", [MANNER, Manner(4, 50, 72, rootless=True), Manner(5, 42, 72, open=True)]
)
def test_every_voicing_rises_and_stays_in_its_register(manner: Manner) -> None:
    for _, mode, text in every_progression():
        for bar in bars_of(text):
            for numeral in bar:
                chord = chord_of(numeral, Key("Eb", mode))  # type: ignore[arg-type]
                voicing = voice(chord, None, manner)
                assert list(voicing) == sorted(set(voicing))
                assert manner.low <= voicing[0]
                assert voicing[-1] <= manner.high
                assert {pitch % 12 for pitch in voicing} <= set(chord.whole.pitch_classes)


def test_the_third_and_the_seventh_are_never_left_out() -> None:
    for numeral in ("ii9", "V13", "Imaj9", "iv9", "V7b9"):
        chord = chord_of(numeral, KEY)
        tones = {pitch % 12 for pitch in voice(chord, None, MANNER)}
        assert {chord.tone(3), chord.tone(7)} <= tones


def test_rootless_voicings_leave_the_root_to_the_bass() -> None:
    chord = chord_of("V13", KEY)
    voicing = voice(chord, None, Manner(4, 50, 72, rootless=True))

    assert chord.root not in {pitch % 12 for pitch in voicing}


def test_triads_are_doubled_to_fill_the_voices() -> None:
    assert len(voice(chord_of("I", KEY), None, MANNER)) == 4


def test_without_colour_nothing_lies_above_the_seventh() -> None:
    chord = chord_of("ii9", KEY)
    voicing = voice(chord, None, Manner(4, 48, 76, colour=False))

    assert chord.tone(9) not in {pitch % 12 for pitch in voicing}


def test_a_power_chord_is_root_fifth_and_octave() -> None:
    assert voice(chord_of("i5", Key("E", "minor")), None, Manner(3, 40, 64, power=True)) == (
        40,
        47,
        52,
    )


def test_low_seconds_and_thirds_are_avoided() -> None:
    for numeral in ("I", "ii7", "V7", "IVmaj7"):
        voicing = voice(chord_of(numeral, KEY), None, Manner(4, 40, 70))
        assert not (voicing[0] < 48 and voicing[1] - voicing[0] < 4)


def test_no_minor_ninth_rubs_between_voices() -> None:
    rubs, count = 0, 0
    for _, mode, text in every_progression():
        for bar in bars_of(text):
            for numeral in bar:
                chord = chord_of(numeral, Key("F", mode))  # type: ignore[arg-type]
                voicing = voice(chord, None, MANNER)
                count += 1
                rubs += any(b - a == 13 for a, b in itertools.combinations(voicing, 2))

    assert rubs / count < 0.03
