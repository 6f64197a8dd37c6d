"""Tuned drums: on the tones of the key's chord, not far from where they were."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.key import Key
from acestep_desktop.sketch.sound.metals import BlockPiece
from acestep_desktop.sketch.sound.patches import Kit, kit_named, kit_table
from acestep_desktop.sketch.sound.skins import KickPiece, SkinPiece, SnarePiece
from acestep_desktop.sketch.sound.tuning import nearest_hz, tuned_kit

KEYS = (Key("C"), Key("Eb", "minor"), Key("F#"), Key("A", "minor"))


def pitch_of(hz: float) -> float:
    """The MIDI pitch of a frequency."""
    return 69 + 12 * math.log2(hz / 440)


def pitches_of(kit: Kit) -> list[float]:
    """The pitches of all of a kit's drums that have one."""
    found: list[float] = []
    for piece in kit.pieces.values():
        match piece.voice:
            case KickPiece(hz=hz, knock=knock):
                found += [hz, *(partial[0] for partial in knock)]
            case SnarePiece(tones=tones):
                found += [partial[0] for partial in tones]
            case SkinPiece(hz=hz):
                found.append(hz)
            case BlockPiece(partials=partials):
                found += [partial[0] for partial in partials]
            case _:
                pass
    return [pitch_of(hz) for hz in found]


@given(st.floats(30, 5000), st.integers(0, 11), st.sampled_from((3, 4)))
def test_a_tone_moves_to_the_chord_and_not_far(hz: float, root: int, third: int) -> None:
    triad = (root, (root + third) % 12, (root + 7) % 12)
    pitch = pitch_of(nearest_hz(hz, triad))
    assert abs(pitch - round(pitch)) < 1e-6
    assert round(pitch) % 12 in triad
    assert abs(pitch - pitch_of(hz)) <= 4.0 + 1e-9


def test_the_root_is_preferred_where_two_tones_are_about_as_near() -> None:
    triad = (0, 4, 7)
    above_root = 440.0 * 2.0 ** ((62.2 - 69) / 12)
    assert round(pitch_of(nearest_hz(above_root, triad))) == 60
    above_fifth = 440.0 * 2.0 ** ((68.4 - 69) / 12)
    assert round(pitch_of(nearest_hz(above_fifth, triad))) == 72
    fifth = 440.0 * 2.0 ** ((67.1 - 69) / 12)
    assert round(pitch_of(nearest_hz(fifth, triad))) == 67


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", sorted(kit_table()))
def test_every_drum_with_a_pitch_is_on_the_chord_of_the_key(name: str, key: Key) -> None:
    triad = {key.scale[0], key.scale[2], key.scale[4]}
    before, after = pitches_of(kit_named(name)), pitches_of(tuned_kit(name, key))
    assert len(before) == len(after) > 8
    assert {round(pitch) % 12 for pitch in after} <= triad
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 4.0 + 1e-9


def test_cymbals_and_claps_and_all_levels_stay_as_they_are() -> None:
    plain, moved = kit_named("kit_house"), tuned_kit("kit_house", Key("Ab"))
    for key in (39, 42, 46, 49):
        assert moved.piece(key) == plain.piece(key)
    assert [piece.level_db for piece in moved.pieces.values()] == [
        piece.level_db for piece in plain.pieces.values()
    ]


def test_an_unknown_kit_is_an_error() -> None:
    with pytest.raises(InvalidValueError):
        tuned_kit("kit_bones", Key("C"))
