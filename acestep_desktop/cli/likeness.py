"""`generate --like TAKE`: from a take made by Sketch to the request for another."""

import argparse
import secrets
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from acestep_desktop.cli.parser import CommandLineError, build_parser
from acestep_desktop.domain.recipe import Recipe
from acestep_desktop.domain.request import Request
from acestep_desktop.library.folders import standard_folders
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.library.verify import read_take

SEED_BITS: Final = 31
"""New seeds are short enough to be read aloud and typed again."""

_SKETCH: Final = "sketch"
_ACTING: Final = frozenset(
    ("command", "json", "engine", "like", "lock", "reroll", "mute", "seed", "variations")
) | {"out", "stems", "midi"}
"""What the command line may say; everything else the take says."""

_OPTIONS: Final = {"prompt": "the prompt", "from_s": "--from", "to_s": "--to"}
"""Arguments that go by another name on the command line."""


def request_like(args: argparse.Namespace) -> Request:
    """Return the request that --like, --lock, --reroll and --mute describe."""
    if args.engine != _SKETCH:
        raise CommandLineError(f"--like is played by Sketch: leave out --engine {args.engine}")
    if idle := _idle_options(args):
        raise CommandLineError(f"--like takes all but the seed from the take: leave out {idle}")
    if args.lock and args.reroll:
        raise CommandLineError("--lock keeps parts and --reroll changes them: say one of the two")
    recipe = _recipe_of(args.like)
    for name in (*args.lock, *args.reroll, *args.mute):
        _check_part(name, recipe)
    seed = secrets.randbits(SEED_BITS) if args.seed is None else args.seed
    if args.reroll or (args.mute and not args.lock):
        if args.variations != 1:
            raise CommandLineError("--reroll and --mute change one take: leave out --variations")
        return _with_parts(recipe.request, args.reroll, seed, args.mute)
    request = _with_parts(recipe.request.like(seed, locked=args.lock), (), seed, args.mute)
    return replace(request, variations=args.variations)


def _idle_options(args: argparse.Namespace) -> str:
    """Return the options given that would do nothing, as a person typed them."""
    untouched = vars(build_parser().parse_args(["generate"]))
    idle = [
        _OPTIONS.get(name, f"--{name}")
        for name, value in untouched.items()
        if name not in _ACTING and getattr(args, name) != value
    ]
    return ", ".join(idle)


def _with_parts(
    request: Request, rerolled: Iterable[str], seed: int, muted: Iterable[str]
) -> Request:
    likeness = request.likeness.with_muted(*muted)
    for name in rerolled:
        likeness = likeness.with_part(name, seed)
    return replace(request, likeness=likeness)


def _recipe_of(name: str) -> Recipe:
    path = Path(name)
    with closing(TakeLibrary(standard_folders())) as library:
        take = read_take(path) if path.is_file() else library.full_take(library.get(name))
    if take.recipe is None or take.recipe.engine.name != _SKETCH:
        raise CommandLineError(f'--like: "{take.title}" was not made by Sketch')
    return take.recipe


def _check_part(name: str, recipe: Recipe) -> None:
    known = [part.name for part in recipe.parts]
    if name not in (*known, *recipe.request.likeness.muted):
        raise CommandLineError(f'the take has no part "{name[:40]}"; it has {", ".join(known)}')
