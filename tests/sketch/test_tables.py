"""The tables: whole, consistent, and plain about key and beat."""

import pytest

from acestep_desktop.domain.key import Key
from acestep_desktop.domain.notes import Part
from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.casting import EFFECTS, ROLES
from acestep_desktop.sketch.tables import (
    default_genres,
    defaults,
    fills,
    forms,
    genres,
    instruments,
    lanes,
    section_kinds,
    styles,
)
from tests.sketch.sketches import share, sketch

GENRES = (
    "house deep_house techno trance drum_and_bass jungle dubstep uk_garage trap drill boom_bap "
    "lo_fi rnb funk disco soul jazz bossa reggae dub rock metal pop synthwave ambient cinematic "
    "folk classical"
)
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
PARTIALS = ((0, 1.0), (12, 0.75), (19, 0.6), (24, 0.5), (28, 0.42), (31, 0.35), (34, 0.25))


def heard(parts: tuple[Part, ...]) -> list[float]:
    """Return how much of each pitch class the notes and their partials would sound."""
    classes = [0.0] * 12
    for part in parts:
        if part.drums or part.instrument not in instruments():
            continue
        for note in part.notes:
            lasting = min(note.length, 1_900_000) + 150_000
            for above, weight in PARTIALS:
                if 35 <= note.pitch + above <= 96:
                    classes[(note.pitch + above) % 12] += lasting * weight
    return classes


def likeness(profile: tuple[float, ...], tonic: int, classes: list[float]) -> float:
    turned = [profile[(pitch - tonic) % 12] for pitch in range(12)]
    a, b = sum(turned) / 12, sum(classes) / 12
    product = sum((x - a) * (y - b) for x, y in zip(turned, classes, strict=True))
    size = sum((x - a) ** 2 for x in turned) * sum((y - b) ** 2 for y in classes)
    return float(product / size**0.5)


def key_in(parts: tuple[Part, ...]) -> set[int]:
    """Return the scale of the key that Krumhansl's profiles find in the notes."""
    classes = heard(parts)
    _, tonic, mode = max(
        (likeness(profile, tonic, classes), tonic, mode)
        for tonic in range(12)
        for profile, mode in ((MAJOR, "major"), (MINOR, "minor"))
    )
    names = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    return set(Key(names[tonic], mode).scale)  # type: ignore[arg-type]


def test_there_are_28_genres() -> None:
    assert set(genres()) == set(GENRES.split())


@pytest.mark.parametrize("genre", GENRES.split())
def test_every_name_in_a_genre_is_known(genre: str) -> None:
    table = genres()[genre]

    assert table.form in forms()
    assert fills(table.fills)
    assert Meter.parse(table.meter)
    assert all(Key(tonic) for tonic in table.tonics)
    assert all(kit in instruments() for kit, _ in table.kits)
    for role, row in table.roles.items():
        assert role in ROLES
        known = EFFECTS if role == "fx" else instruments()
        assert all(instrument in known for instrument, _ in row.instruments), role
        kind = {"pad": "chords"}.get(role, role)
        if kind in ("bass", "chords", "arp", "melody"):
            assert all(style in styles(kind) for style, _ in row.styles), role


@pytest.mark.parametrize("genre", GENRES.split())
def test_grooves_are_whole_bars_of_known_drums(genre: str) -> None:
    table = genres()[genre]
    for groove in (*table.grooves.values(), *table.percussion.values()):
        for lane, pattern in groove:
            assert lane in lanes()
            assert len(pattern) % 16 == 0
            assert set(pattern) <= set("Xxogr?.-")


def test_every_genre_has_three_grooves_or_is_quiet() -> None:
    few = [name for name, table in genres().items() if len(table.grooves) < 3]

    assert set(few) <= {"ambient", "classical"}


@pytest.mark.parametrize("kind", ["bass", "chords", "arp", "melody"])
def test_styles_are_whole_bars_of_known_signs(kind: str) -> None:
    signs = {
        "bass": "Rr8537fa.-",
        "chords": "XxosPLH12345678.-",
        "arp": "12345678LHX.-",
        "melody": "xX.-",
    }[kind]
    for name, style in styles(kind).items():
        assert style.patterns, name
        for pattern in style.patterns:
            assert len(pattern) % 16 == 0, name
            assert set(pattern) <= set(signs), name


def test_instruments_have_a_range_and_a_role_and_names_of_their_own() -> None:
    for key, instrument in instruments().items():
        assert instrument.low < instrument.high, key
        assert set(instrument.roles) <= set(ROLES), key
        assert 0 <= instrument.program <= 127, key
    pitched = [row.name for row in instruments().values() if row.family != "drums"]
    assert len(set(pitched)) == len(pitched)


def test_defaults_name_known_genres() -> None:
    for kind in ("moods", "eras", "instruments", "families"):
        for names in defaults(kind).values():
            assert set(names) <= set(genres())
    assert set(default_genres()) <= set(genres())


def test_forms_name_known_sections_and_roles() -> None:
    for form in forms().values():
        assert set(form.enter) == set(ROLES)
        assert set(form.leave) | set(form.join) <= set(section_kinds())
        for _, names in form.layouts:
            assert set(names) <= set(section_kinds())


def test_the_notes_say_their_key_in_nine_of_ten_sketches() -> None:
    plain = []
    for genre in genres():
        for seed in range(20, 23):
            blueprint, parts = sketch(genre, seed)
            plain.append(key_in(parts) == set(blueprint.key.scale))

    assert share(plain) >= 0.9


@pytest.mark.parametrize("genre", GENRES.split())
def test_something_sounds_in_every_beat_or_two_of_every_genre(genre: str) -> None:
    for seed in range(3):
        blueprint, parts = sketch(genre, seed)
        beats = {round(note.start / 960_000) for part in parts for note in part.notes}
        total = blueprint.total // 960_000
        assert len(beats & set(range(total))) >= 0.9 * total
