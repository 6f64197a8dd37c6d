"""The command line: every verb of the program without a window."""

from acestep_desktop.cli.program import main

__all__ = ["main"]
