"""Draw what Sketch plays: the notes above the spectrum, two seeds of each genre on one sheet.

Run as `python tests/bench/pictures_sketch.py [--seeds N] [--bars N] [--to FILE] [GENRE ...]`.
"""

import argparse
import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter

from acestep_desktop.domain.recipe import Recipe
from acestep_desktop.domain.request import Prompt, Request
from acestep_desktop.domain.tempo import TempoMap
from acestep_desktop.dsp.samples import Samples, as_mono
from acestep_desktop.dsp.spectrum import magnitudes
from acestep_desktop.sketch.engine import SketchEngine, create
from acestep_desktop.sketch.tables import genres
from tests.sketch.judging import take_of

WIDE: Final = 420
TITLE: Final = 14
ROLL: Final = 128
SPECTRUM: Final = 100
LOWEST_HZ: Final = 30.0
HIGHEST_HZ: Final = 18_000.0
FLOOR_DB: Final = -75.0
COLUMNS: Final = 4
COLOURS: Final = (
    "#bbbbbb", "#ff9f43", "#54a0ff", "#1dd1a1", "#ff6b6b", "#feca57", "#c56cf0", "#7bed9f",
)  # fmt: skip


def spectrogram(mix: Samples) -> npt.NDArray[np.uint8]:
    """Return grey levels, low frequencies at the bottom, each row the same share of an octave."""
    window = 4096
    hop = max(256, len(mix) // WIDE)
    rows = np.concatenate(list(magnitudes(as_mono(mix), window, hop)))[:WIDE]
    hertz = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (np.arange(SPECTRUM + 1) / SPECTRUM)
    edges = np.maximum(1, np.round(hertz * window / 48_000).astype(int))
    bands = [rows[:, a : max(a + 1, b)].max(axis=1) for a, b in pairwise(edges)]
    level_db = 20.0 * np.log10(np.array(bands[::-1]) + 1e-9)
    grey = np.zeros((SPECTRUM, WIDE), np.uint8)
    shown = np.clip((level_db - FLOOR_DB) / -FLOOR_DB, 0.0, 1.0) * 255.0
    grey[:, : shown.shape[1]] = shown.astype(np.uint8)
    return grey


def draw(painter: QPainter, title: str, mix: Samples, recipe: Recipe) -> None:
    """Draw one take at the painter's origin: a title, bar lines, notes, and the spectrum."""
    painter.fillRect(0, 0, WIDE, TITLE + ROLL + SPECTRUM, QColor("#16181d"))
    grey = spectrogram(mix)
    painter.drawImage(
        0,
        TITLE + ROLL,
        QImage(grey.tobytes(), WIDE, SPECTRUM, WIDE, QImage.Format.Format_Grayscale8),
    )
    music = recipe.music
    assert music.bpm is not None
    assert music.meter is not None
    assert music.bars is not None
    for bar in range(music.bars):
        painter.fillRect(bar * WIDE // music.bars, TITLE, 1, ROLL, QColor("#444444"))
    tempo = TempoMap.steady(music.bpm, music.meter)
    per_frame = WIDE / len(mix)
    for part, colour in zip(recipe.parts, COLOURS, strict=False):
        for note in part.notes:
            left = tempo.frame_at(note.start) * per_frame
            right = tempo.frame_at(note.start + note.length) * per_frame
            top = TITLE + ROLL - 1 - note.pitch
            painter.fillRect(int(left), top, max(1, int(right - left)), 2, QColor(colour))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(3, TITLE - 3, title)
    at = 3
    for part, colour in zip(recipe.parts, COLOURS, strict=False):
        painter.setPen(QColor(colour))
        painter.drawText(at, TITLE + 10, part.name)
        at += painter.fontMetrics().horizontalAdvance(part.name) + 6


def sheet(engine: SketchEngine, names: list[str], seeds: int, bars: int) -> QImage:
    """Return the pictures of `seeds` takes of each genre, side by side."""
    high = TITLE + ROLL + SPECTRUM + 6
    rows = -(-len(names) * seeds // COLUMNS)
    image = QImage(COLUMNS * (WIDE + 6), rows * high, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    font = painter.font()
    font.setPixelSize(10)
    painter.setFont(font)
    for index, (name, seed) in enumerate((n, s) for n in names for s in range(1, seeds + 1)):
        request = Request(Prompt(name.replace("_", " ")), bars=bars, seed=seed)
        mix, take = take_of(engine, request)
        painter.save()
        painter.translate(index % COLUMNS * (WIDE + 6), index // COLUMNS * high)
        music = take.recipe.music
        title = f"{name} {seed}   {music.bpm:g} bpm" if music.bpm else name
        draw(painter, title, mix, take.recipe)
        painter.restore()
        sys.stdout.write(f"{title}\n")
        sys.stdout.flush()
    painter.end()
    return image


def main() -> int:
    """Draw the sheet of the genres named, or of all; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("genres", nargs="*")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--bars", type=int, default=8)
    parser.add_argument("--to", type=Path, default=Path("sketches.png"))
    chosen = parser.parse_args()
    application = QGuiApplication([])
    image = sheet(create(), chosen.genres or list(genres()), chosen.seeds, chosen.bars)
    written = image.save(str(chosen.to))
    application.quit()
    return 0 if written else 1


if __name__ == "__main__":
    sys.exit(main())
