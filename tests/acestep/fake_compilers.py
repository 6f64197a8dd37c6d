"""Roles that stand for the process that compiles; "tests.acestep.fake_compilers:function"."""

import os
import subprocess
import sys
from pathlib import Path

from acestep_desktop.child.parent import Parent


def obeys(parent: Parent) -> None:
    """Write what it was asked to where it was asked to."""
    for message in parent.messages():
        path = Path(str(message.fields["path"]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(message.fields["shape"]), "utf-8")
        parent.send("compiled")


def fails(parent: Parent) -> None:
    """Say that there is no compiler."""
    for _ in parent.messages():
        parent.send("failed", {"reason": "InvalidCxxCompiler: none was found", "detail": "all"})


def hangs(parent: Parent) -> None:
    """Start a program, tell the number of both in a file, and never answer."""
    os.setpgid(0, 0)
    for message in parent.messages():
        program = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        path = Path(str(message.fields["path"]))
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(f"{os.getpid()} {program.pid}", "utf-8")
        part.replace(path)
        program.wait()


def dies(parent: Parent) -> None:
    """End without a word as soon as it is asked."""
    for _ in parent.messages():
        os._exit(3)
