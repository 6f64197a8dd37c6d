"""The take library: what was made is kept at once, found again, and never lost.

A verb that returns has been done for good: the files are whole under their
names and the journal is on the disk. A file that is a take is never moved,
rewritten or deleted, not even when its take is in the trash.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.atomic import Draft, draft_in, make_folder, work_folder
from acestep_desktop.audiofile.errors import NameTakenError
from acestep_desktop.audiofile.raw import check_raw, map_raw
from acestep_desktop.audiofile.samples import Blocks, Samples, blocks_of
from acestep_desktop.audiofile.wav import WavWriter
from acestep_desktop.domain.codec import Json
from acestep_desktop.domain.recipe import Measured, Music, Recipe, Take, TakeId
from acestep_desktop.library.catalogue import Catalogue, Change, stored_take
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.folders import Folders
from acestep_desktop.library.importing import Import
from acestep_desktop.library.journal import Event
from acestep_desktop.library.keeping import (
    SoundDraft,
    StemsDraft,
    adopting,
    disk_workers,
    stem_metadata,
    stems_draft,
    sweep,
)
from acestep_desktop.library.listening import Listening, SoundFacts, facts_of
from acestep_desktop.library.lookup import Reference, find_take, take_of_path
from acestep_desktop.library.names import checked_bars, free_stem, names_in, same_name, title_of
from acestep_desktop.library.schema import kept_event
from acestep_desktop.library.stored import HandedOut, StoredStem, StoredTake, TakeQuery
from acestep_desktop.library.verify import Problem, problems_of, read_take

MAX_TITLE: Final = 200
MAX_TAGS: Final = 32
MAX_TAG: Final = 60

EVERY_TAKE: Final = TakeQuery()

Describe = Callable[[SoundDraft], Take]
"""Returns the take of a sound that was written."""

Told = Callable[[float, str], None]
"""Takes how much is done, 0..1, and what is being done."""


def measured(sound: Samples | Blocks) -> Measured:
    """Return the facts of a take's sound, whole or in blocks: its peaks and its loudness."""
    from acestep_desktop.dsp.loudness import measure_levels

    return measure_levels(sound).measured()


class TakeLibrary:
    """All takes below `folders`. Any number of libraries, in any process, may share them."""

    def __init__(self, folders: Folders, measure: Callable[[Blocks], Measured] = measured) -> None:
        self.folders = folders
        self._catalogue = Catalogue(folders)
        self._measure = measure
        self._together = disk_workers()
        self._swept = False

    def commit(
        self,
        mix: Samples,
        stems: Sequence[tuple[str, Samples]] = (),
        recipe: Recipe | None = None,
        *,
        title: str | None = None,
        levels: Measured | None = None,
    ) -> StoredTake:
        """Keep a take: mix and stems (arrays, or maps of raw files), and how it was made.

        Without `levels`, the mix is measured. The same sound is kept once: a second time
        the take that is there is returned, and its notes say so.
        """
        parts = [(stem, blocks_of(samples)) for stem, samples in stems]
        return self._keep(blocks_of(mix), parts, self._describing(recipe, levels, title or ""))

    def commit_raw(
        self,
        mix: Path,
        stems: Sequence[tuple[str, Path]],
        *,
        frames: int,
        channels: int,
        recipe: Recipe,
        levels: Measured | None = None,
        heard: Listening | None = None,
    ) -> StoredTake:
        """Keep a take whose mix and stems are raw files of one shape, as engines leave them.

        They lie on the disk of the library, best in its `workplace`, and become the take's
        files. UnreadableAudioError where one has another size.

        Args:
            levels: of the mix; else they are measured now.
            heard: has heard exactly the sound of the mix; else it is read now.
        """
        facts = None if heard is None else heard.facts(frames, channels)
        facts = facts or facts_of(map_raw(mix, frames, channels))
        if facts is None:
            # Copied, because samples that are no sound are to become silence.
            parts = [(stem, map_raw(path, frames, channels)) for stem, path in stems]
            return self.commit(map_raw(mix, frames, channels), parts, recipe)
        for _, path in (("", mix), *stems):
            check_raw(path, frames, channels)
        return self._adopt(mix, stems, facts, self._describing(recipe, levels, ""))

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """Give a folder for the raw files of takes in the making; it is removed at the end."""
        make_folder(self.folders.takes)
        with work_folder(self.folders.takes, "job") as folder:
            yield folder

    def import_file(self, path: Path, *, title: str | None = None) -> StoredTake:
        """Keep the sound of any audio file as a take: 48 kHz, mono or stereo, 32-bit float.

        Title, tempo, key and bars come from what the file says and from its name.
        A take that another library wrote keeps its recipe.
        """
        source = Import(path, _line(title or "", MAX_TITLE))

        def describe(sound: SoundDraft) -> Take:
            return source.take(sound, self._measure(sound.sound()), utc_now())

        stored = self._keep(source.blocks(), (), describe)
        return replace(stored, notes=(*source.notes, *stored.notes))

    def search(self, query: TakeQuery = EVERY_TAKE) -> tuple[StoredTake, ...]:
        """Return the takes that `query` asks for, in its order."""
        return self._catalogue.ask(lambda index: index.select(query))

    def get(self, reference: Reference) -> StoredTake:
        """Return the one take that goes by this number, id, beginning of an id, file or title."""
        return self._catalogue.ask(lambda index: find_take(index, reference))

    def full_take(self, stored: StoredTake) -> Take:
        """Return everything about a take, its recipe and parts too, from the record in its file."""
        return replace(read_take(stored.path), title=stored.title)

    def star(self, reference: Reference) -> StoredTake:
        """Mark a take as one of the good ones."""
        return self._set(reference, "starred", {"on": True})

    def unstar(self, reference: Reference) -> StoredTake:
        """Take the mark of `star` away."""
        return self._set(reference, "starred", {"on": False})

    def trash(self, reference: Reference) -> StoredTake:
        """Hide a take from lists; its files stay where they are, for a DAW may use them."""
        return self._set(reference, "trashed", {"on": True})

    def restore(self, reference: Reference) -> StoredTake:
        """Bring a take back from the trash."""
        return self._set(reference, "trashed", {"on": False})

    def set_title(self, reference: Reference, title: str) -> StoredTake:
        """Call a take something else; its file keeps its name."""
        line = _line(title, MAX_TITLE)
        if not line:
            raise LibraryError("A title needs at least one letter. Type another.")
        return self._set(reference, "titled", {"title": line})

    def set_tags(self, reference: Reference, tags: Iterable[str]) -> StoredTake:
        """Give a take exactly these tags; each is kept once, in this order."""
        return self._set(reference, "tagged", {"tags": _clean_tags(tags)})

    def star_all(self, references: Iterable[Reference], on: bool) -> None:
        """Star takes, or take their stars away: all of them in one go, or none."""
        self._set_all((reference, "starred", {"on": on}) for reference in references)

    def trash_all(self, references: Iterable[Reference], on: bool) -> None:
        """Trash takes, or bring them back: all of them in one go, or none."""
        self._set_all((reference, "trashed", {"on": on}) for reference in references)

    def tag_all(self, tags: Mapping[int, Iterable[str]]) -> None:
        """Give takes, by their numbers, exactly these tags: all in one go, or none."""
        self._set_all(
            (number, "tagged", {"tags": _clean_tags(texts)}) for number, texts in tags.items()
        )

    def hand_out(self, paths: Sequence[Path]) -> None:
        """Enter files that leave for a DAW: from now on their names are never used again."""
        with self._catalogue.changing() as change:
            events: list[Event] = []
            for path in paths:
                take = take_of_path(change.index, self.folders, path)
                place = _below(path, self.folders.root)
                events.append({"event": "handed", "path": place, "at": utc_now(), "take": take})
            change.record(*events)

    def handed_out(self) -> tuple[HandedOut, ...]:
        """Return everything that was handed out, oldest first."""
        return self._catalogue.ask(lambda index: index.handed())

    def rebuild(self) -> int:
        """Make the index again from the journal and the files; return how many takes there are."""
        self._catalogue.rebuild()
        return self._catalogue.ask(lambda index: len(index.identities()))

    def verify(self, told: Told = lambda fraction, title: None) -> tuple[Problem, ...]:
        """Read every take's files to the last sample; return what is amiss with them.

        A take in the trash whose file was deleted is not missed.
        """
        takes = self.search(TakeQuery(trashed=None, present=None))
        problems: list[Problem] = []
        for number, take in enumerate(takes):
            told(number / len(takes), take.title)
            if take.present or not take.trashed:
                problems += problems_of(take)
        return tuple(problems)

    def sweep(self) -> int:
        """Remove what programs that died left unfinished; return how many files and folders.

        The first take that a library keeps does so as well.
        """
        self._swept = True
        if not self.folders.root.is_dir():
            return 0
        with self._catalogue.changing():
            return sweep(self.folders)

    def close(self) -> None:
        """Let go of the index; the library can be used again."""
        self._catalogue.close()
        self._together.shutdown()
        self._together = disk_workers()

    def _set(self, reference: Reference, event: str, values: dict[str, Json]) -> StoredTake:
        (take_id,) = self._set_all([(reference, event, values)])
        return self.get(take_id)

    def _set_all(self, changes: Iterable[tuple[Reference, str, dict[str, Json]]]) -> list[TakeId]:
        """Enter what is said of takes in one write of the journal; return their ids."""
        with self._catalogue.changing() as change:
            said = [
                (find_take(change.index, reference).take_id, event, values)
                for reference, event, values in changes
            ]
            now = utc_now()
            change.record(
                *(
                    {"event": event, "take": take, "at": now, **values}
                    for take, event, values in said
                )
            )
        return [take for take, _, _ in said]

    def _keep(
        self, blocks: Blocks, stems: Sequence[tuple[str, Blocks]], describe: Describe
    ) -> StoredTake:
        folders = self.folders
        self._prepare(bool(stems))
        with draft_in(folders.takes, "take.wav") as draft, stems_draft(folders, "take") as parts:
            sound = SoundDraft(draft)
            sound.fill(blocks)
            take = describe(sound)
            sound.finish(take)
            parts.fill(take, stems)
            stored = self._enter(take, draft, parts)
        notes = (f"{sound.repaired:,} samples were no sound; they are silent now.",)
        return replace(stored, notes=notes) if sound.repaired and not stored.notes else stored

    def _adopt(
        self, mix: Path, stems: Sequence[tuple[str, Path]], facts: SoundFacts, describe: Describe
    ) -> StoredTake:
        self._prepare(bool(stems))
        with ExitStack() as undone, stems_draft(self.folders, "take") as parts:
            drafts = []
            for path in (mix, *(file for _, file in stems)):
                drafts.append(Draft(self.folders.takes, path.name, written=path))
                undone.callback(drafts[-1].discard)
            sound = SoundDraft(drafts[0])
            sound.adopt(facts)
            take = describe(sound)
            named = [(name, draft) for (name, _), draft in zip(stems, drafts[1:], strict=True)]
            for name, draft in named:
                stem = WavWriter(draft, channels=facts.channels, frames=facts.frames)
                stem.finish(stem_metadata(take, name))
            with adopting(parts, named, self._together):
                sound.finish(take)
            return self._enter(take, drafts[0], parts)

    def _describing(self, recipe: Recipe | None, levels: Measured | None, title: str) -> Describe:
        """Return what describes a sound that was made; it is measured unless `levels` are known."""
        line = _line(title, MAX_TITLE)

        def describe(sound: SoundDraft) -> Take:
            known = None if sound.repaired else levels  # of what it was before
            return _take_of(sound, known or self._measure(sound.sound()), recipe, line)

        return describe

    def _prepare(self, with_stems: bool) -> None:
        make_folder(self.folders.stems if with_stems else self.folders.takes)
        if not self._swept:
            self.sweep()

    def _enter(self, take: Take, draft: Draft, parts: StemsDraft) -> StoredTake:
        """Give the files of a take their names; return it as it is kept, now or before."""
        with self._catalogue.changing() as change:
            known = _kept_before(change, take)
            if known is None:
                self._publish(change, take, draft.publish, parts)
        return known or self.get(take.take_id)

    def _publish(
        self, change: Change, take: Take, publish: Callable[[Path], None], parts: StemsDraft
    ) -> None:
        folders = self.folders
        taken = change.index.names() | names_in(folders.takes) | names_in(folders.stems)
        while True:
            stem = free_stem(take.title, take.music, taken)
            try:
                with parts.publishing(stem, self._together):
                    publish(folders.takes / f"{stem}.wav")
                break
            except NameTakenError:
                taken.add(same_name(stem))
                parts.withdraw(stem)
        parts.finish(stem)
        stored = stored_take(take, folders, f"{stem}.wav", number=0)
        files = tuple(StoredStem(name, folders.stems / stem / file) for name, file in parts.files)
        change.record(kept_event(replace(stored, stems=files)), *_out_of_trash(change, take))


def _take_of(sound: SoundDraft, facts: Measured, recipe: Recipe | None, title: str = "") -> Take:
    caption = "" if recipe is None else recipe.request.prompt.caption
    return Take(
        take_id=sound.take_id,
        title=title or title_of(caption),
        created=utc_now(),
        frames=sound.frames,
        channels=sound.channels,
        music=checked_bars(Music() if recipe is None else recipe.music, sound.frames),
        measured=facts,
        recipe=recipe,
    )


def _kept_before(change: Change, take: Take) -> StoredTake | None:
    """Return the take with exactly this sound if its file is there, out of the trash."""
    for known in change.index.find("take_id", take.take_id):
        if not known.present:
            return None
        if known.channels != take.channels:
            raise LibraryError(
                f'The samples of this sound are kept already, as "{known.title}", with '
                f"{known.channels} channels: it is silence. Use that take."
            )
        note = f'This sound is in the library already, as "{known.title}"; it was kept once.'
        if known.trashed:
            change.record(*_out_of_trash(change, take))
            note = f'This sound was in the trash as "{known.title}"; it was brought back.'
        return replace(known, trashed=False, notes=(note,))
    return None


def _out_of_trash(change: Change, take: Take) -> list[Event]:
    """Return what brings a take back that is in the trash, with its file or without."""
    trashed = any(known.trashed for known in change.index.find("take_id", take.take_id))
    event: Event = {"event": "trashed", "take": take.take_id, "at": utc_now(), "on": False}
    return [event] if trashed else []


def _below(path: Path, root: Path) -> str:
    whole = path.absolute()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(whole)


def _clean_tags(tags: Iterable[str]) -> list[Json]:
    clean: list[Json] = list(dict.fromkeys(t for text in tags if (t := _line(text, MAX_TAG))))
    if len(clean) > MAX_TAGS:
        raise LibraryError(f"A take can have {MAX_TAGS} tags, not {len(clean)}. Remove some.")
    return clean


def _line(text: str, most: int) -> str:
    """Return `text` as one line of printable characters, at most so many."""
    shown = "".join(c if c.isprintable() or c == "\u200d" else " " for c in text)
    return " ".join(shown.split())[:most].strip()


def utc_now() -> str:
    """Return the date and time, to the second (ISO 8601)."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
