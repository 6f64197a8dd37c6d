"""The opening: what is heard ahead of the rest is what will be there, and as loud."""

import numpy as np
import pytest

from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.dsp.loudness import loudness_lufs
from acestep_desktop.generation.generator import AudioChunk
from acestep_desktop.sketch.blueprint import plan
from acestep_desktop.sketch.compose import compose
from acestep_desktop.sketch.engine import create
from acestep_desktop.sketch.sound.level import WINDOW
from acestep_desktop.sketch.sound.opening import outlook_of, render_opening
from acestep_desktop.sketch.sound.outlook import expected_energies, rise_db
from acestep_desktop.sketch.sound.patches import kit_named, patch_named
from acestep_desktop.sketch.sound.player import Hit, SoundStore
from acestep_desktop.sketch.sound.render import render_parts
from acestep_desktop.sketch.wish import Wish

STORE = SoundStore()


def test_an_opening_begins_as_the_piece_does_but_for_what_comes_round() -> None:
    blueprint = plan(Wish(genres=("house",), bars=8), 3)
    parts = compose(blueprint, 3)
    opening = np.sum(render_opening(parts, 4, blueprint, STORE)[0], axis=0)
    whole = np.sum([stem for _, stem in render_parts(parts, blueprint, STORE)], axis=0)
    end = frames_of_bars(4, blueprint.meter, blueprint.bpm)
    assert opening.shape == (2, end)
    # What rings on from the last bar fades away in the first.
    later = slice(end // 2, end)
    likeness = np.corrcoef(opening[0, later], whole[0, later])[0, 1]
    assert likeness > 0.9
    levels = [float(np.sqrt(np.mean(np.square(sound[:, later])))) for sound in (opening, whole)]
    assert 0.7 < levels[0] / levels[1] < 1.4


def test_an_opening_leaves_out_who_enters_later() -> None:
    blueprint = plan(Wish(genres=("house",), bars=32), 3)
    parts = compose(blueprint, 3)
    end = 4 * blueprint.grid.bar
    early = [part for part in parts if any(note.start < end for note in part.notes)]
    assert len(render_opening(parts, 4, blueprint, STORE)[0]) == len(early) < len(parts)


@pytest.mark.parametrize("genre", ["pop", "folk"])
def test_the_whole_take_is_as_loud_as_the_opening_it_replaces(genre: str) -> None:
    request = Request(Prompt(genre), bars=16, seed=3)
    outputs = create().generate(request, lambda: False)
    chunks = [output for output in outputs if isinstance(output, AudioChunk)]
    again = next(index for index, chunk in enumerate(chunks) if index and chunk.start == 0)
    opening = np.concatenate([chunk.samples for chunk in chunks[:again]])
    whole = np.concatenate([chunk.samples for chunk in chunks[again:]])[: len(opening)]
    before, after = loudness_lufs(opening), loudness_lufs(whole)
    assert before is not None
    assert after is not None
    assert abs(after - before) < 0.5


def test_a_part_that_plays_harder_later_is_softer_in_the_opening() -> None:
    soft = [Hit(start * WINDOW, WINDOW, 60, 50) for start in range(4)]
    hard = [Hit(start * WINDOW, WINDOW, 60, 100) for start in range(4, 8)]
    for device in (patch_named("saw_lead"), kit_named("kit_house")):
        energies = expected_energies([*soft, *hard], device, 8 * WINDOW)
        assert -8.0 < rise_db(energies, 4) < -3.0
        assert rise_db(expected_energies(hard, device, 8 * WINDOW), 4) == 0.0


def test_an_even_piece_has_an_opening_without_trims() -> None:
    blueprint = plan(Wish(genres=("techno",), bars=8, instruments=("grand_piano",)), 1)
    parts = compose(blueprint, 1)
    outlook = outlook_of(parts, blueprint, blueprint.frames)
    assert set(outlook.trims_db) == {part.name for part in parts}
    assert all(abs(trim) < 0.1 for trim in outlook.trims_db.values())
    assert abs(outlook.mix_db) < 0.1
