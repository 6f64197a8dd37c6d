"""The entry point: one verb is read, done, and answered with an exit code."""

import argparse
import importlib
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from acestep_desktop.cli.output import EXIT_BAD_INPUT, EXIT_CANCELLED, EXIT_FAILED, Printer
from acestep_desktop.cli.parser import CommandLineError, build_parser
from acestep_desktop.domain.errors import InvalidValueError, UserError

OpenWindow = Callable[[Path | None], int]
"""Opens the window, on a project where one is given."""

_VERBS: Final = {
    "generate": "acestep_desktop.cli.generate",
    "takes": "acestep_desktop.cli.takes",
    "models": "acestep_desktop.cli.models",
    "render": "acestep_desktop.cli.render",
    "play": "acestep_desktop.cli.play",
    "info": "acestep_desktop.cli.info",
    "doctor": "acestep_desktop.cli.doctor",
    "gui": "acestep_desktop.cli.gui",
}
"""Each verb's module has `run(args, printer) -> exit code`; only the asked one is imported."""


def main(arguments: Sequence[str] | None = None, *, open_window: OpenWindow | None = None) -> int:
    """Do what the command line says and return the exit code.

    `open_window` shows the window for the verb `gui` and returns its exit code;
    the command line itself knows no window.

    0: done. 1: it failed. 2: the command line or a value in it is wrong. 130: Ctrl+C.
    """
    printer = Printer()
    given = list(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        args = build_parser().parse_args(given) if given else _window_alone()
        args.open_window = open_window
        printer.as_json = getattr(args, "json", False)
        return _verb(args)(args, printer)
    except (CommandLineError, InvalidValueError) as error:
        printer.error(str(error))
        return EXIT_BAD_INPUT
    except UserError as error:
        printer.error(str(error))
        return EXIT_FAILED
    except KeyboardInterrupt:
        printer.error("cancelled")
        return EXIT_CANCELLED
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_FAILED


def _window_alone() -> argparse.Namespace:
    # No words, no grammar: the window is on the screen sooner.
    return argparse.Namespace(command="gui", project=None)


def _verb(args: argparse.Namespace) -> Callable[[argparse.Namespace, Printer], int]:
    if args.command is None:
        raise CommandLineError("say what to do (see acestep-desktop --help)")
    run: Callable[[argparse.Namespace, Printer], int] = importlib.import_module(
        _VERBS[args.command]
    ).run
    return run


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
