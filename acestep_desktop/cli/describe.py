"""Takes in words for a person, and as the JSON objects that README documents."""

from collections.abc import Sequence
from pathlib import Path

from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.recipe import Measured, Music, Recipe
from acestep_desktop.domain.time import seconds_from_frames
from acestep_desktop.library.stored import StoredTake


def music_fields(music: Music) -> dict[str, Json]:
    """Return tempo, key, meter and bars; null where nobody knows."""
    return {
        "bpm": music.bpm,
        "key": None if music.key is None else str(music.key),
        "meter": None if music.meter is None else str(music.meter),
        "bars": music.bars,
    }


def sound_fields(frames: int, channels: int, measured: Measured) -> dict[str, Json]:
    """Return length and levels."""
    return {
        "frames": frames,
        "seconds": round(seconds_from_frames(frames), 6),
        "channels": channels,
        "loudness_lufs": measured.loudness_lufs,
        "true_peak_db": measured.true_peak_db,
    }


def recipe_fields(recipe: Recipe | None) -> dict[str, Json]:
    """Return how it was made, or nothing for imported audio."""
    if recipe is None:
        return {}
    return {
        "prompt": recipe.request.prompt.caption,
        "engine": recipe.engine.name,
        "model": recipe.engine.model,
        "seed": recipe.request.seed,
        "understood": list(recipe.understood),
        "ignored": list(recipe.ignored),
        "parts": [part.name for part in recipe.parts],
    }


def files_fields(
    path: Path, stems: Sequence[tuple[str, Path]], midi: Path | None
) -> dict[str, Json]:
    """Return where the files lie, as absolute paths."""
    return {
        "path": str(path.absolute()),
        "stems": [{"name": name, "path": str(stem.absolute())} for name, stem in stems],
        "midi": None if midi is None else str(midi.absolute()),
    }


def stored_fields(take: StoredTake, recipe: Recipe | None = None) -> dict[str, Json]:
    """Return everything about a take of the library."""
    stems = [(stem.name, stem.path) for stem in take.stems]
    return {
        "kind": "take",
        "id": take.take_id,
        "number": take.number,
        "title": take.title,
        "created": take.created,
        **files_fields(take.path, stems, None),
        **sound_fields(take.frames, take.channels, take.measured),
        **music_fields(take.music),
        **recipe_fields(recipe),
        "starred": take.starred,
        "tags": list(take.tags),
        "trashed": take.trashed,
        "present": take.present,
        "notes": list(take.notes),
    }


def music_words(music: Music) -> str:
    """Return `8 bars, 124 bpm, A minor, 4/4`, without what nobody knows."""
    bars = None if music.bars is None else f"{music.bars} bar{'s' if music.bars != 1 else ''}"
    bpm = None if music.bpm is None else f"{music.bpm:.3f}".rstrip("0").rstrip(".") + " bpm"
    words = (bars, bpm, music.key, music.meter)
    return ", ".join(str(word) for word in words if word is not None)


def length_words(frames: int) -> str:
    """Return the length as `0:15.5`, rounded to a tenth of a second."""
    tenths = round(seconds_from_frames(frames) * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def level_words(measured: Measured) -> str:
    """Return `-14.0 LUFS, -1.2 dBTP`, or that it is silent."""
    if measured.loudness_lufs is None or measured.true_peak_db is None:
        return "no loudness measured"
    return f"{measured.loudness_lufs:.1f} LUFS, {measured.true_peak_db:.1f} dBTP"


def stored_line(take: StoredTake) -> str:
    """Return a take as one line of a list."""
    marks = ("*" if take.starred else " ") + ("x" if take.trashed else " ")
    missing = "" if take.present else "  (file is gone)"
    facts = music_words(take.music)
    return (
        f"{take.number:5d} {marks} {length_words(take.frames):>8}  {take.title}  {facts}{missing}"
    )
