"""From the words and options of `generate` to a request."""

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from acestep_desktop.audiofile.errors import disk_error, disk_errors
from acestep_desktop.cli.likeness import SEED_BITS, request_like
from acestep_desktop.cli.parser import CommandLineError
from acestep_desktop.domain.request import (
    MAX_LYRICS,
    Adapter,
    AddLayer,
    Complete,
    Cover,
    Extend,
    Extract,
    Prompt,
    Repaint,
    Request,
    Sampling,
    Task,
    TextToMusic,
    Variation,
)
from acestep_desktop.domain.tempo import frames_of_bars
from acestep_desktop.domain.time import Meter, seconds_from_frames

_TASKS_OF: Final = {
    "--strength": ("strength", ("cover", "variation")),
    "--from": ("from_s", ("repaint", "extend")),
    "--to": ("to_s", ("repaint",)),
    "--track": ("track", ("extract", "addlayer", "complete")),
}
"""What each option is called in the arguments, and the tasks in which it acts."""


def request_from(args: argparse.Namespace) -> Request:
    """Return the request that the options describe; CommandLineError or InvalidValueError else."""
    if args.like is not None:
        return request_like(args)
    if args.prompt is None:
        raise CommandLineError('say what to make, such as "slow house, A minor"; or --like TAKE')
    if args.lock or args.reroll or args.mute:
        raise CommandLineError("--lock, --reroll and --mute need --like TAKE")
    task = _task(args)
    extends = isinstance(task, Extend)
    return Request(
        prompt=Prompt(args.prompt, _lyrics(args.lyrics), args.language),
        task=task,
        bars=None if extends else args.bars,
        seconds=None if extends else args.seconds,
        bpm=args.bpm,
        key=args.key,
        meter=args.meter,
        seed=secrets.randbits(SEED_BITS) if args.seed is None else args.seed,
        variations=args.variations,
        reference=_existing(args.reference, "--reference") if args.reference else None,
        model=args.model,
        sampling=Sampling(args.steps, args.shift, args.guidance),
        adapters=tuple(_adapter(text) for text in args.lora),
    )


def _task(args: argparse.Namespace) -> Task:
    for option, (name, tasks) in _TASKS_OF.items():
        if getattr(args, name) is not None and args.task not in tasks:
            raise CommandLineError(f"{option} needs --task {' or '.join(tasks)}")
    if args.task == "text2music":
        if args.source is not None:
            raise CommandLineError("--source needs a --task that works on audio, such as cover")
        return TextToMusic()
    if args.source is None:
        raise CommandLineError(f"--task {args.task} needs --source FILE")
    source = _existing(args.source, "--source")
    builders: dict[str, Callable[[], Task]] = {
        "cover": lambda: Cover(source, 0.7 if args.strength is None else args.strength),
        "variation": lambda: Variation(source, 0.5 if args.strength is None else args.strength),
        "repaint": lambda: _repaint(source, args),
        "extend": lambda: _extend(source, args),
        "extract": lambda: Extract(source, _track(args)),
        "addlayer": lambda: AddLayer(source, _track(args)),
        "complete": lambda: Complete(source, tuple(t.strip() for t in _track(args).split(","))),
    }
    return builders[args.task]()


def _repaint(source: str, args: argparse.Namespace) -> Repaint:
    if args.from_s is None or args.to_s is None:
        raise CommandLineError("--task repaint needs --from S and --to S, in seconds")
    return Repaint(source, args.from_s, args.to_s)


def _extend(source: str, args: argparse.Namespace) -> Extend:
    before = -args.from_s if args.from_s is not None else 0.0
    after = args.seconds
    if args.bars is not None:
        if args.bpm is None:
            raise CommandLineError("--task extend with --bars needs --bpm; or say --seconds")
        meter = args.meter or Meter()
        after = seconds_from_frames(frames_of_bars(args.bars, meter, args.bpm))
    if after is None and not before:
        raise CommandLineError("--task extend needs --seconds S after the end, or --from -S before")
    return Extend(source, before, after or 0.0)


def _track(args: argparse.Namespace) -> str:
    if not args.track:
        raise CommandLineError(f"--task {args.task} needs --track NAME")
    return str(args.track)


def _existing(path: str, option: str) -> str:
    if not Path(path).is_file():
        raise CommandLineError(f"{option}: there is no file {path}")
    return str(Path(path).resolve())


def _lyrics(text: str | None) -> str:
    if not text:
        return ""
    path = Path(text)
    if not _is_file(path):
        return text
    with disk_errors(path):
        if path.stat().st_size > 4 * MAX_LYRICS:
            raise CommandLineError(f"--lyrics: {text} is too long to be lyrics")
        data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandLineError(f"--lyrics: {text} is not a text file in UTF-8") from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError as error:
        raise disk_error(error, path) from error
    except (OSError, ValueError):
        return False  # no name that a disk takes: these are the words themselves


def _adapter(text: str) -> Adapter:
    path, separator, strength = text.rpartition(":")
    try:
        value = float(strength)
    except ValueError:
        return Adapter(text)
    return Adapter(path, value) if separator else Adapter(text)
