"""The virtual environment: made once, mended after an interruption, left alone when its stamp fits.

A folder is only ever deleted when this program began it, which the mark inside it tells. The mark
is there from the first moment of an installation to its last; the stamp is written when all is
done.
"""

import glob
import os
import platform
import shutil
import subprocess
from typing import NamedTuple, Optional, Sequence

from boot import interpreters, pip, stamp, system_packages, torch_build
from boot.lock import locked
from boot.words import Halt, say

MARK = "acestep-desktop.unfinished"
CONSTRAINTS = "acestep-desktop-constraints.txt"

AUDIT = """
import importlib.metadata, sys
for found in importlib.metadata.distributions():
    files = found.files
    if files is None or not all(file.locate().exists() for file in files):
        sys.exit(1)
"""
"""Exits with 1 when an installed package has lost a file, as after a pip that was killed."""

OTHER_FOLDER = "delete it, or set ACESTEP_VENV to another folder, and start again."


class Folder(NamedTuple):
    """What is known of the place where the virtual environment is or will be."""

    exists: bool
    """There is a folder and it is not empty."""
    ours: bool
    """An installation of ours began or ended in it."""
    finished: bool
    """It is ours, and no installation is under way in it."""
    python: Optional[interpreters.Interpreter]
    """The fitting Python inside, if it runs and has pip."""


def python_in(folder: str) -> str:
    """Return where the virtual environment `folder` has its Python."""
    if os.name == "nt":
        return os.path.join(folder, "Scripts", "python.exe")
    return os.path.join(folder, "bin", "python")


def is_current(checkout: str, folder: str, extras: Sequence[str]) -> bool:
    """Return whether `folder` is up to date; reads a few small files and runs nothing."""
    found = stamp.read(folder)
    hardware = torch_build.hardware_hint()
    return os.path.exists(python_in(folder)) and stamp.covers(
        found, stamp.expected(checkout, folder, hardware, extras)
    )


def succeeds(command: Sequence[str]) -> bool:
    """Return whether `command` runs and exits with 0, unheard."""
    try:
        quiet = subprocess.DEVNULL
        return subprocess.call(list(command), stdin=quiet, stdout=quiet, stderr=quiet) == 0
    except OSError:
        return False


def look_at(folder: str) -> Folder:
    """Find out what `folder` holds now."""
    python = interpreters.probe((python_in(folder),))
    if python and not succeeds([*python.command, "-m", "pip", "--version"]):
        python = None
    marked = os.path.exists(os.path.join(folder, MARK))
    stamped = os.path.exists(os.path.join(folder, stamp.NAME))
    return Folder(
        exists=os.path.isdir(folder) and bool(os.listdir(folder)),
        ours=marked or stamped,
        finished=stamped and not marked,
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
    if found.python is None and os.path.exists(os.path.join(path, "pyvenv.cfg")):
        raise Halt(
            "The virtual environment {} has no working Python 3.12 or 3.11 with pip: {}".format(
                path, OTHER_FOLDER
            )
        )
    raise Halt("The folder {} is not a virtual environment: {}".format(path, OTHER_FOLDER))


def native_processor(system: str) -> str:
    """Return the processor that an interpreter must be built for; nothing where any will do.

    On a Mac with Apple's chip a Python for Intel runs too, but there is no PyTorch for it.
    """
    if system == "Darwin" and (
        platform.machine() == "arm64" or succeeds(["/usr/sbin/sysctl", "-q", "hw.optional.arm64"])
    ):
        return "arm64"
    return ""


def apt_python() -> str:
    """Return the version of a fitting Python that apt could install, or nothing."""
    for version in interpreters.FITTING:
        dotted = "{}.{}".format(*version)
        if system_packages.apt_knows("python{}-venv".format(dotted)):
            return dotted
    return ""


def fitting_interpreter() -> interpreters.Interpreter:
    """Return a Python that can make the environment; as root, let apt complete or install it."""
    system = platform.system()
    native = native_processor(system)
    found = interpreters.find(system, native)
    if found and found.complete:
        return found
    manager = system_packages.manager_here()
    dotted = found.version_text.rpartition(".")[0] if found else ""
    if system_packages.may_install(manager):
        system_packages.update_lists()
        dotted = dotted or apt_python()
        names = ["python" + dotted, "python{}-venv".format(dotted)]
        if dotted and system_packages.install_with_apt(names):
            found = interpreters.find(system, native)
            if found and found.complete:
                return found
    if manager == "apt-get":
        dotted = dotted or apt_python()
    raise Halt(interpreters.how_to_install(system, manager, dotted))


def make(folder: str) -> interpreters.Interpreter:
    """Make a virtual environment in `folder` and return its Python."""
    base = fitting_interpreter()
    say("Making a virtual environment with Python {} in {} …".format(base.version_text, folder))
    os.makedirs(folder, exist_ok=True)
    put_mark(folder)
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


def put_mark(folder: str) -> None:
    """Mark `folder` as being installed."""
    with open(os.path.join(folder, MARK), "w"):
        pass


def remove_mark(folder: str) -> None:
    """Say that the installation in `folder` is done."""
    path = os.path.join(folder, MARK)
    if os.path.exists(path):
        os.remove(path)


def torch_version(folder: str) -> str:
    """Return the version of PyTorch in `folder`, such as 2.13.0+cpu; nothing without one."""
    for pattern in ("lib/python*/site-packages", "Lib/site-packages"):
        for path in glob.glob(os.path.join(glob.escape(folder), pattern, "torch-*.dist-info")):
            return os.path.basename(path)[len("torch-") : -len(".dist-info")]
    return ""


def constraint(version: str, build: str) -> str:
    """Return the text of the constraints file that keeps this PyTorch, and remembers its build."""
    return "torch=={}  # build: {}\n".format(version, build) if version else ""


def install_torch(folder: str, plan: torch_build.Plan, lock: int) -> str:
    """Install the planned PyTorch unless it is there; return the path of the constraints."""
    path = os.path.join(folder, CONSTRAINTS)
    version = torch_version(folder)
    kept = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            kept = file.read()
    if plan.build != "none" and (not version or kept != constraint(version, plan.build)):
        arguments, sentence = torch_build.pip_arguments(plan)
        if sentence:
            say(sentence)
        if version:
            arguments.append("--force-reinstall")
        say("Installing PyTorch (the largest part; minutes on a slow line) …")
        pip.install(python_in(folder), arguments, "Installing PyTorch", lock)
        version = torch_version(folder)
    with open(path, "w", encoding="utf-8") as file:
        file.write(constraint(version, plan.build))
    return path


def fill(
    checkout: str, folder: str, extras: Sequence[str], plan: torch_build.Plan, lock: int
) -> None:
    """Install PyTorch, then the program with `extras`, into the virtual environment `folder`."""
    constraints = install_torch(folder, plan, lock)
    say("Installing the other libraries …")
    project = "{}[{}]".format(checkout, ",".join(extras)) if extras else checkout
    pip.install(
        python_in(folder),
        ["--editable", project, "--constraint", constraints],
        "Installing the libraries",
        lock,
    )


def install(
    checkout: str,
    folder: str,
    extras: Sequence[str],
    python: interpreters.Interpreter,
    lock: int,
) -> None:
    """Bring the environment `folder` up to date and stamp it; extras once installed stay."""
    system = platform.system()
    plan = torch_build.plan_for(
        torch_build.Machine(
            system,
            python.machine,
            torch_build.read_nvidia(),
            torch_build.card_vendors(system),
        )
    )
    before = stamp.read(folder)
    extras = sorted(set(extras).union(before.extras if before else ()))
    wanted = stamp.expected(checkout, folder, torch_build.hardware_hint(), extras)
    wanted = wanted._replace(build=plan.build)
    if before is None or before._replace(hardware=wanted.hardware) != wanted:
        put_mark(folder)
        stamp.remove(folder)
        say(plan.sentence)
        fill(checkout, folder, extras, plan, lock)
    stamp.write(folder, wanted)
    remove_mark(folder)


def prepare(checkout: str, folder: str, extras: Sequence[str]) -> bool:
    """Make `folder` hold an up-to-date installation; return whether anything had to be done."""
    if is_current(checkout, folder, extras):
        return False
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with locked(folder + ".lock") as lock:
        if is_current(checkout, folder, extras):
            return True
        found = look_at(folder)
        healthy = found.finished or (
            found.python is not None and succeeds([*found.python.command, "-c", AUDIT])
        )
        decision = decide(found, folder, healthy)
        if decision == "again":
            say("The last installation was interrupted and left damage: making it anew …")
            shutil.rmtree(folder)
        python = found.python if decision == "keep" and found.python else make(folder)
        install(checkout, folder, extras, python, lock)
    return True
