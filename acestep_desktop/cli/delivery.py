"""Where the takes of `generate` go: into the library, or to files that the person named."""

from dataclasses import dataclass, replace
from pathlib import Path

from acestep_desktop.audiofile.atomic import make_folder
from acestep_desktop.audiofile.flac import write_flac
from acestep_desktop.audiofile.formats import SUFFIXES
from acestep_desktop.audiofile.raw import map_raw
from acestep_desktop.audiofile.samples import Samples, blocks_of
from acestep_desktop.audiofile.wav import write_wav
from acestep_desktop.cli.parser import CommandLineError
from acestep_desktop.domain.recipe import Take
from acestep_desktop.domain.time import Frame
from acestep_desktop.exchange.midi import write_midi
from acestep_desktop.generation.events import TakeDraft
from acestep_desktop.library.keeping import metadata_of, write_stem
from acestep_desktop.library.names import free_stem, same_name, title_of
from acestep_desktop.library.takes import TakeLibrary, measured, utc_now
from acestep_desktop.library.verify import sound_id


@dataclass(frozen=True, slots=True)
class Delivered:
    """One take at its place: its files and its facts."""

    take: Take
    path: Path
    stems: tuple[tuple[str, Path], ...]
    midi: Path | None
    number: int | None = None
    notes: tuple[str, ...] = ()

    def with_note(self, sentence: str) -> "Delivered":
        """Return the same with one more note."""
        return replace(self, notes=(*self.notes, sentence))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the options said about files. `library` is None where `--out` replaces it."""

    library: TakeLibrary | None
    out: Path | None = None
    stems: Path | None = None
    midi: Path | None = None
    variations: int = 1

    def deliver(self, variation: int, draft: TakeDraft) -> Delivered:
        """Put a finished take where it belongs."""
        mix = map_raw(draft.mix, draft.frames, draft.channels)
        if self.library is not None:
            delivered = _keep(self.library, mix, draft)
        else:
            delivered = self._write(variation, mix, draft)
        return replace(delivered, notes=(*draft.warnings, *delivered.notes))

    def with_stems(self, delivered: Delivered, variation: int, draft: TakeDraft) -> Delivered:
        """Write the stems where `--stems` says; a note tells where the engine made none."""
        if self.stems is None:
            return delivered
        if not draft.stems:
            return delivered.with_note("This engine makes no stems: none were written.")
        folder = self._stems_folder(variation)
        make_folder(folder)
        stems = tuple(
            (name, write_stem(folder, number, name, blocks_of(samples), delivered.take))
            for number, (name, samples) in enumerate(_stems_of(draft), 1)
        )
        return replace(delivered, stems=stems)

    def with_midi(self, delivered: Delivered, variation: int, draft: TakeDraft) -> Delivered:
        """Write the notes where `--midi` says; a note tells where the engine played none."""
        if self.midi is None:
            return delivered
        recipe = draft.recipe
        if not recipe.parts:
            return delivered.with_note("This engine plays no notes: no MIDI file was written.")
        path = self._numbered(self.midi, variation)
        make_folder(path.parent)
        write_midi(path, recipe.parts, recipe.music, recipe.markers)
        return replace(delivered, midi=path)

    def _write(self, variation: int, mix: Samples, draft: TakeDraft) -> Delivered:
        take = _take_of(mix, draft)
        path = self._path(variation, take)
        make_folder(path.parent)
        if path.suffix.lower() == ".flac":
            write_flac(path, mix)
        else:
            write_wav(path, mix, metadata=metadata_of(take))
        return Delivered(take, path, (), None)

    def _path(self, variation: int, take: Take) -> Path:
        assert self.out is not None
        if self.out.suffix.lower() in SUFFIXES:
            return self._numbered(self.out, variation)
        make_folder(self.out)
        taken = {same_name(file.stem) for file in self.out.iterdir()}
        return self.out / f"{free_stem(take.title, take.music, taken)}.wav"

    def _stems_folder(self, variation: int) -> Path:
        assert self.stems is not None
        return self.stems / f"v{variation + 1}" if self.variations > 1 else self.stems

    def _numbered(self, path: Path, variation: int) -> Path:
        if self.variations == 1:
            return path
        return path.with_stem(f"{path.stem}_v{variation + 1}")


def check_out(out: str | None) -> Path | None:
    """Return the place that `--out` names; CommandLineError for a format we do not write."""
    if out is None:
        return None
    path = Path(out)
    suffix = path.suffix.lower()
    if suffix and suffix not in SUFFIXES and not path.is_dir():
        raise CommandLineError(f'--out writes .wav, .flac, or into a folder, not "{path.suffix}"')
    return path


def _stems_of(draft: TakeDraft) -> list[tuple[str, Samples]]:
    return [(name, map_raw(path, draft.frames, draft.channels)) for name, path in draft.stems]


def _keep(library: TakeLibrary, mix: Samples, draft: TakeDraft) -> Delivered:
    stored = library.commit(mix, _stems_of(draft), draft.recipe, levels=draft.measured)
    take = Take(
        take_id=stored.take_id,
        title=stored.title,
        created=stored.created,
        frames=stored.frames,
        channels=stored.channels,
        music=stored.music,
        measured=stored.measured,
        recipe=draft.recipe,
    )
    files = tuple((stem.name, stem.path) for stem in stored.stems)
    return Delivered(take, stored.path, files, None, stored.number, stored.notes)


def _take_of(mix: Samples, draft: TakeDraft) -> Take:
    recipe = draft.recipe
    return Take(
        take_id=sound_id(mix),
        title=title_of(recipe.request.prompt.caption),
        created=utc_now(),
        frames=Frame(len(mix)),
        channels=mix.shape[1],
        music=recipe.music,
        measured=draft.measured or measured(mix),
        recipe=recipe,
    )
