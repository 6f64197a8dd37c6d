"""The installation: nothing when the stamp fits, else PyTorch, the libraries and the program."""

import glob
import os
import platform
import sys
from typing import Sequence

from boot import folder as folders
from boot import graphics, interpreters, pip, stamp, torch_build
from boot.commands import answer, succeeds
from boot.lock import locked
from boot.words import say

CONSTRAINTS = "acestep-desktop-constraints.txt"

LATER = (
    r"[/\\](torch|torchgen|functorch|transformers|diffusers|peft|accelerate|sympy|networkx|pip|"
    r"setuptools)[/\\]"
)
"""Paths of the libraries that only ACE-Step needs, and of the installation's tools."""


def is_current(checkout: str, folder: str, extras: Sequence[str]) -> bool:
    """Return whether `folder` is up to date; reads a few small files and runs nothing."""
    found = stamp.read(folder)
    hardware = graphics.hardware_hint()
    return os.path.exists(folders.python_in(folder)) and stamp.covers(
        found, stamp.expected(checkout, folder, hardware, extras)
    )


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
        pip.install(folders.python_in(folder), arguments, "Installing PyTorch", lock)
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
        folders.python_in(folder),
        ["--editable", project, "--constraint", constraints],
        "Installing the libraries",
        lock,
    )
    compile_all(checkout, folders.python_in(folder))


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
            graphics.read_nvidia(),
            graphics.card_vendors(system),
        )
    )
    before = stamp.read(folder)
    extras = sorted(set(extras).union(before.extras if before else ()))
    wanted = stamp.expected(checkout, folder, graphics.hardware_hint(), extras)
    wanted = wanted._replace(build=plan.build)
    if before is None or before._replace(hardware=wanted.hardware) != wanted:
        folders.put_mark(folder, folders.UNFINISHED)
        stamp.remove(folder)
        say(plan.sentence)
        fill(checkout, folder, extras, plan, lock)
    stamp.write(folder, wanted)
    folders.remove_mark(folder, folders.UNFINISHED)


def compile_all(checkout: str, python: str) -> None:
    """Compile the libraries and the program on all cores.

    pip compiles on one core, which took longer than everything else together (measured: 100 s of
    160 s). What only ACE-Step needs compiles when it is first used, unless Python was told to keep
    no bytecode: then it would do so at every start.
    """
    say("Preparing the libraries …")
    where = 'import sysconfig; print(sysconfig.get_path("purelib"))'
    libraries = (answer([python, "-c", where]) or "").strip()
    command = [python, "-m", "compileall", "-q", "-j", "0"]
    if not sys.dont_write_bytecode:
        command += ["-x", LATER]
    succeeds([*command, libraries, os.path.join(checkout, "acestep_desktop")])


def prepare(checkout: str, folder: str, extras: Sequence[str]) -> bool:
    """Make `folder` hold an up-to-date installation; return whether anything had to be done."""
    if is_current(checkout, folder, extras):
        return False
    folders.refuse_foreign(folder)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with locked(folder + ".lock") as lock:
        if not is_current(checkout, folder, extras):
            install(checkout, folder, extras, folders.ready(folder), lock)
    return True
