"""`takes list|show|star|trash|restore|import|verify|rebuild`: the library."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import AudioFileError
from acestep_desktop.cli.describe import (
    length_words,
    level_words,
    music_words,
    stored_fields,
    stored_line,
)
from acestep_desktop.cli.output import EXIT_FAILED, Printer
from acestep_desktop.domain.errors import UserError
from acestep_desktop.domain.recipe import Recipe
from acestep_desktop.library.errors import LibraryError
from acestep_desktop.library.folders import standard_folders
from acestep_desktop.library.stored import StoredTake, TakeQuery
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.library.verify import read_take


def run(args: argparse.Namespace, printer: Printer) -> int:
    """Do the verb that was asked for."""
    return _VERBS[args.verb](TakeLibrary(standard_folders()), args, printer)


def _list(library: TakeLibrary, args: argparse.Namespace, printer: Printer) -> int:
    query = TakeQuery(
        text=" ".join(args.search),
        starred=True if args.starred else None,
        trashed=bool(args.trashed),
        present=None,
    )
    takes = library.search(query)
    for take in takes:
        printer.result(stored_fields(take), [stored_line(take)])
    if not takes and not printer.as_json:
        printer.note('no takes here; make one: acestep-desktop generate "slow house, warm bass"')
    return 0


def _show(library: TakeLibrary, args: argparse.Namespace, printer: Printer) -> int:
    def show(reference: str) -> None:
        take = library.get(reference)
        recipe = _recipe_of(take)
        printer.result(stored_fields(take, recipe), _show_lines(take, recipe))

    return _each(args.takes, show, printer)


def _star(library: TakeLibrary, args: argparse.Namespace, printer: Printer) -> int:
    verb = library.unstar if args.off else library.star
    return _each(args.takes, lambda take: _print(verb(take), printer), printer)


def _trash(library: TakeLibrary, args: argparse.Namespace, printer: Printer) -> int:
    return _each(args.takes, lambda take: _print(library.trash(take), printer), printer)


def _restore(library: TakeLibrary, args: argparse.Namespace, printer: Printer) -> int:
    return _each(args.takes, lambda take: _print(library.restore(take), printer), printer)


def _import(library: TakeLibrary, args: argparse.Namespace, printer: Printer) -> int:
    def keep(name: str) -> None:
        _print(library.import_file(Path(name)), printer)

    return _each(args.files, keep, printer)


def _verify(library: TakeLibrary, args: argparse.Namespace, printer: Printer) -> int:
    problems = library.verify(printer.progress)
    for problem in problems:
        printer.result(
            {
                "kind": "problem",
                "id": problem.take_id,
                "path": str(problem.path),
                "what": problem.reason,
            },
            [f"{problem.path}", f"  {problem.reason}"],
        )
    if problems:
        printer.note("put the files back from a copy, or trash the take and make it again")
        return EXIT_FAILED
    printer.note("every take is whole")
    return 0


def _rebuild(library: TakeLibrary, args: argparse.Namespace, printer: Printer) -> int:
    count = library.rebuild()
    printer.result({"kind": "rebuilt", "takes": count}, [f"the index lists {count} takes"])
    return 0


_VERBS: Final[dict[str, Callable[[TakeLibrary, argparse.Namespace, Printer], int]]] = {
    "list": _list,
    "show": _show,
    "star": _star,
    "trash": _trash,
    "restore": _restore,
    "import": _import,
    "verify": _verify,
    "rebuild": _rebuild,
}


def _each(names: list[str], do: Callable[[str], None], printer: Printer) -> int:
    """Do it for every name; one that fails is said, and does not keep the others from it."""
    failed = 0
    for name in names:
        try:
            do(name)
        except UserError as error:
            printer.error(str(error))
            failed += 1
    return EXIT_FAILED if failed else 0


def _print(take: StoredTake, printer: Printer) -> None:
    printer.result(
        stored_fields(take), [stored_line(take), *(f"  note: {note}" for note in take.notes)]
    )


def _recipe_of(take: StoredTake) -> Recipe | None:
    try:
        return read_take(take.path).recipe
    except (AudioFileError, LibraryError):
        return None


def _show_lines(take: StoredTake, recipe: Recipe | None) -> list[str]:
    lines = [
        take.title,
        f"  file: {take.path}",
        f"  {music_words(take.music)}; {length_words(take.frames)}, {level_words(take.measured)}",
        f"  made: {take.created}; id {take.take_id}",
    ]
    if recipe is not None:
        lines.append(f'  prompt: "{recipe.request.prompt.caption}"')
        lines.append(f"  engine: {recipe.engine.name} {recipe.engine.version}")
        lines.append(f"  seed: {recipe.request.seed}")
        if recipe.understood:
            lines.append(f"  understood: {', '.join(recipe.understood)}")
        if recipe.ignored:
            lines.append(f"  not understood: {', '.join(recipe.ignored)}")
    marks = [name for name in ("starred", "trashed", "handed_out") if getattr(take, name)]
    if marks:
        lines.append(f"  {', '.join(marks).replace('_', ' ')}")
    return [*lines, *(f"  stem: {stem.path}" for stem in take.stems)]
