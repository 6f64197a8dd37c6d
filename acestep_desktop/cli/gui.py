"""`gui [PROJECT]`: the window."""

import argparse
import os
import sys
from pathlib import Path

from acestep_desktop.cli.output import Printer
from acestep_desktop.domain.errors import UserError


class NoDisplayError(UserError):
    """There is no screen to open a window on."""


def run(args: argparse.Namespace, printer: Printer) -> int:
    """Open the window and return its exit code."""
    if not _has_display():
        raise NoDisplayError(
            "there is no display for a window: start from a desktop session, "
            'or make music without one: acestep-desktop generate "slow house, warm bass"'
        )
    if args.open_window is None:
        raise NoDisplayError(
            "this start has no window: run acestep-desktop, or python -m acestep_desktop"
        )
    return int(args.open_window(Path(args.project) if args.project else None))


def _has_display() -> bool:
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
