"""What was dropped onto the window: audio files, and a sentence about the rest."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData

SUFFIXES: Final = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".oga", ".opus", ".mp3")
MOST: Final = 200


def dropped_files(data: QMimeData) -> tuple[list[Path], str]:
    """Return the audio files in `data`, and a sentence if there was anything else.

    Whether a file really holds audio shows when it is imported.
    """
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    files = [path for path in paths if path.suffix.lower() in SUFFIXES]
    others = [path for path in paths if path.suffix.lower() not in SUFFIXES]
    if len(files) > MOST:
        sentence = f"Of {len(files)} files the first {MOST} are added: drop the rest next."
        return files[:MOST], sentence
    if files and not others:
        return files, ""
    name = f'"{others[0].name}"' if others else "What was dropped"
    return files, f"{name} is not an audio file: drop WAV, FLAC, AIFF, OGG or MP3 files."
