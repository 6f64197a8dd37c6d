"""The folder of the virtual environment: made, kept, or deleted and made again.

Two marks stand inside: one says that this program made the folder, because nothing else may be
deleted; the other is there from the first moment of an installation to its last.
"""

import os
import shutil
from typing import NamedTuple, Optional

from boot import base_python, interpreters
from boot.commands import succeeds
from boot.words import Halt, say

OURS = "acestep-desktop.made"
UNFINISHED = "acestep-desktop.unfinished"

AUDIT = """
import importlib.metadata, sys
for found in importlib.metadata.distributions():
    files = found.files
    if files is None or not all(file.locate().exists() for file in files):
        sys.exit(1)
"""
"""Exits with 1 when an installed package has lost a file, as after a pip that was killed."""

OTHER_FOLDER = "set ACESTEP_VENV to another folder, and start again."


class Folder(NamedTuple):
    """What is known of the place where the virtual environment is or will be."""

    exists: bool
    """There is a folder and it is not empty."""
    ours: bool
    """This program made it, and may delete it."""
    unfinished: bool
    """An installation was interrupted in it."""
    python: Optional[interpreters.Interpreter]
    """The fitting Python inside, if it runs and has pip."""


def python_in(folder: str) -> str:
    """Return where the virtual environment `folder` has its Python."""
    if os.name == "nt":
        return os.path.join(folder, "Scripts", "python.exe")
    return os.path.join(folder, "bin", "python")


def look_at(folder: str) -> Folder:
    """Find out what `folder` holds now."""
    python = interpreters.probe((python_in(folder),))
    if python and not succeeds([*python.command, "-m", "pip", "--version"]):
        python = None
    return Folder(
        exists=os.path.isdir(folder) and bool(os.listdir(folder)),
        ours=os.path.exists(os.path.join(folder, OURS)),
        unfinished=os.path.exists(os.path.join(folder, UNFINISHED)),
        python=python,
    )


def decide(found: Folder, path: str, healthy: bool) -> str:
    """Return what to do with the folder: "make" it, "keep" it, or delete it and make it "again".

    Args:
        healthy: whether no installed package has lost a file.
    """
    if not found.exists:
        return "make"
    if found.python and (healthy or not found.ours):
        return "keep"
    if found.ours:
        return "again"
    raise Halt(
        "The virtual environment {} has no working Python 3.12 or 3.11 with pip: delete it, or "
        "{}".format(path, OTHER_FOLDER)
    )


def refuse_foreign(path: str) -> None:
    """Raise Halt when the folder `path` holds something else than a virtual environment."""
    if not os.path.isdir(path):
        return
    names = os.listdir(path)
    if names and not {"pyvenv.cfg", OURS} & set(names):
        raise Halt("{} is not a virtual environment: {}".format(path, OTHER_FOLDER))


def make(folder: str) -> interpreters.Interpreter:
    """Make a virtual environment in `folder` and return its Python."""
    base = base_python.find_or_install()
    say("Making a virtual environment with Python {} in {} …".format(base.version_text, folder))
    os.makedirs(folder, exist_ok=True)
    put_mark(folder, OURS)
    put_mark(folder, UNFINISHED)
    if not succeeds([*base.command, "-m", "venv", folder]):
        raise Halt(
            "No virtual environment could be made in {}: check that the folder can be written "
            "and the disk has room, then start again.".format(folder)
        )
    python = interpreters.probe((python_in(folder),))
    if python is None:
        raise Halt(
            "The Python in {} does not run: delete the folder and start again.".format(folder)
        )
    return python


def put_mark(folder: str, mark: str) -> None:
    """Put `mark` into `folder`."""
    with open(os.path.join(folder, mark), "w"):
        pass


def remove_mark(folder: str, mark: str) -> None:
    """Take `mark` out of `folder`."""
    path = os.path.join(folder, mark)
    if os.path.exists(path):
        os.remove(path)


def ready(folder: str) -> interpreters.Interpreter:
    """Make `folder` a virtual environment that can be installed into, and return its Python."""
    found = look_at(folder)
    healthy = not found.unfinished or (
        found.python is not None and succeeds([*found.python.command, "-c", AUDIT])
    )
    decision = decide(found, folder, healthy)
    if decision == "keep" and found.python:
        return found.python
    if decision == "again":
        say("The virtual environment is damaged (by an interruption?): making it anew …")
        shutil.rmtree(folder)
    return make(folder)
