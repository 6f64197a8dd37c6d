"""The notes of a take, as a MIDI file that stays where it is."""

from contextlib import suppress
from pathlib import Path

from acestep_desktop.audiofile.atomic import make_folder, write_new
from acestep_desktop.audiofile.errors import NameTakenError
from acestep_desktop.exchange.midi import midi_bytes
from acestep_desktop.library.stored import StoredTake
from acestep_desktop.library.takes import TakeLibrary


def notes_path(library: TakeLibrary, take: StoredTake) -> Path:
    """Return where the MIDI file of a take is, or would be."""
    return library.folders.notes / f"{take.path.stem}.mid"


def notes_file(library: TakeLibrary, take: StoredTake) -> Path | None:
    """Return the MIDI file of a take, written the first time; None where it has no notes.

    A take's name is never used again, so neither is that of its notes: what stands
    under it is never written over, whoever asks at the same time. Any thread.
    """
    path = notes_path(library, take)
    if path.is_file():
        return path
    recipe = library.full_take(take).recipe
    if recipe is None or not recipe.parts:
        return None
    make_folder(path.parent)
    data = midi_bytes(recipe.parts, recipe.music, recipe.markers, title=path.stem)
    with suppress(NameTakenError), write_new(path) as draft:
        draft.write(data)
    return path
