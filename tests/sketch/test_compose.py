"""Composition as a whole: parts, determinism, lengths."""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from acestep_desktop.domain.time import Meter
from acestep_desktop.sketch.blueprint import Wish, plan
from acestep_desktop.sketch.compose import compose, compose_part
from acestep_desktop.sketch.tables import genres, instruments

METERS = [Meter(4, 4), Meter(3, 4), Meter(2, 4), Meter(6, 8), Meter(5, 4), Meter(7, 8)]

DIGEST = """
import hashlib
from acestep_desktop.sketch.blueprint import Wish, plan
from acestep_desktop.sketch.compose import compose
print(hashlib.sha256(repr([compose(plan(Wish(genres=(g,)), 7), 7)
    for g in ("jazz", "house", "funk")]).encode()).hexdigest())
"""


@pytest.mark.parametrize("genre", sorted(genres()))
@pytest.mark.parametrize("meter", METERS, ids=str)
def test_every_genre_fills_every_meter_from_beat_one_to_the_end(genre: str, meter: Meter) -> None:
    blueprint = plan(Wish(genres=(genre,), meter=meter, bars=8), 3)

    parts = compose(blueprint, 3)

    assert 3 <= len(parts) <= 7
    assert min(note.start for part in parts for note in part.notes) == 0
    assert all(note.start + note.length <= blueprint.total for part in parts for note in part.notes)


@pytest.mark.parametrize("genre", sorted(genres()))
def test_no_part_is_empty_and_every_note_is_in_its_instruments_range(genre: str) -> None:
    for seed in range(6):
        blueprint = plan(Wish(genres=(genre,)), seed)
        for part in compose(blueprint, seed):
            assert part.notes, (part.name, seed)
            if part.instrument in instruments():
                instrument = instruments()[part.instrument]
                pitches = [note.pitch for note in part.notes]
                assert instrument.low <= min(pitches), (part.name, seed)
                assert max(pitches) <= instrument.high, (part.name, seed)


def test_part_names_are_unique() -> None:
    for seed in range(20):
        for genre in genres():
            names = [player.name for player in plan(Wish(genres=(genre,)), seed).players]
            assert len(set(names)) == len(names)


def test_a_part_composed_alone_is_the_part_composed_with_the_others() -> None:
    blueprint = plan(Wish(genres=("jazz",)), 11)

    alone = tuple(compose_part(blueprint, player, 5) for player in blueprint.players)

    assert alone == compose(blueprint, 5)


def test_the_same_seed_gives_the_same_notes_in_processes_with_other_hash_seeds() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }

    assert len(digests) == 1


def test_an_arpeggio_of_plucks_lies_above_the_melody() -> None:
    clear = []
    for genre in ("synthwave", "trance", "ambient", "rnb"):
        for seed in range(20):
            blueprint = plan(Wish(genres=(genre,)), seed)
            middle = {
                player.role: median(note.pitch for note in part.notes)
                for player, part in zip(blueprint.players, compose(blueprint, seed), strict=True)
                if player.role == "melody" or instruments()[player.instrument].family == "pluck"
            }
            if {"arp", "melody"} <= set(middle):
                clear.append(middle["arp"] >= middle["melody"] + 3)
    assert len(clear) > 10
    assert sum(clear) >= 0.9 * len(clear)
