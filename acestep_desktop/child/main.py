"""The first function of every child process."""

import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection

from acestep_desktop.child.channel import Channel, Wire
from acestep_desktop.child.parent import Parent
from acestep_desktop.child.roles import run_role


def main(arguments: Sequence[str]) -> int:
    """Run the role and use the pipe that `arguments` name; return the exit code.

    Ctrl+C is for the parent, which then tells its children what to do.
    """
    if len(arguments) != 2 or not arguments[1].isdigit():
        print("--child is for the program itself: start it without.", file=sys.stderr)
        return 2
    role, handle = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.stderr is not None:
        faulthandler.enable()
        sys.stdout = sys.stderr
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    run_role(role, Parent(Channel(_wire(int(handle)))))
    return 0


def _wire(handle: int) -> Wire:
    """Return the pipe, from now on hidden from processes that this one starts."""
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        os.set_handle_inheritable(handle, False)
        return PipeConnection(handle)
    os.set_inheritable(handle, False)
    return Connection(handle)
