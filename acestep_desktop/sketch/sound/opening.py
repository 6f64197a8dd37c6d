"""The opening: the first bars ahead of the rest, as loud as they are going to be in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from acestep_desktop.domain.notes import Part
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.domain.time import Tick
from acestep_desktop.sketch.blueprint import Blueprint
from acestep_desktop.sketch.sound.balance import balance_of
from acestep_desktop.sketch.sound.level import WINDOW, gated_db
from acestep_desktop.sketch.sound.outlook import expected_energies, rise_db
from acestep_desktop.sketch.sound.player import SoundStore, hits_of
from acestep_desktop.sketch.sound.render import device_of, family_of, render_parts
from acestep_desktop.sketch.sound.signal import Stereo


@dataclass(frozen=True, slots=True)
class Outlook:
    """How much louder the first bars are than the whole: each part, by name, and all together."""

    trims_db: dict[str, float]
    mix_db: float


def render_opening(
    parts: Sequence[Part], bars: int, blueprint: Blueprint, store: SoundStore
) -> tuple[list[Stereo], float]:
    """Return the stems, (2, frames), of the first `bars`, and how much louder they are to be.

    They are played as if they were a loop of their own. Who is silent there has no stem.
    """
    end = Tick(bars * blueprint.grid.bar)
    frames = TempoMap.steady(blueprint.bpm, blueprint.meter).frame_at(end)
    outlook = outlook_of(parts, blueprint, frames)
    opening = [part for part in parts if any(note.start < end for note in part.notes)]
    rendered = render_parts(opening, blueprint, store, frames=frames, trims_db=outlook.trims_db)
    return [stem for _, stem in rendered], outlook.mix_db


def outlook_of(parts: Sequence[Part], blueprint: Blueprint, frames: int) -> Outlook:
    """Return what the notes promise of the first `frames`."""
    tempo = TempoMap.steady(blueprint.bpm, blueprint.meter)
    balance = balance_of(blueprint.genre)
    windows = max(1, frames // WINDOW)
    trims, mix = {}, np.zeros(-(-blueprint.frames // WINDOW))
    for part in parts:
        device = device_of(part, blueprint.key)
        hits = hits_of(part, tempo, blueprint.frames)
        energies = expected_energies(hits, device, blueprint.frames)
        trims[part.name] = rise_db(energies, windows)
        level_db = balance.level_db(family_of(part, device)) - gated_db(energies)
        mix += energies * 10.0 ** (level_db / 10.0)
    return Outlook(trims, rise_db(mix, windows))
