"""The Python that the environment is made with: found, installed, or asked for."""

import platform
from typing import Callable, Optional

from boot import interpreters, system_packages
from boot.commands import succeeds
from boot.words import Halt


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


def find_or_install() -> interpreters.Interpreter:
    """Return a Python of this machine that can make the environment."""
    system = platform.system()
    native = native_processor(system)
    manager = system_packages.manager_here()
    may = system_packages.may_install(manager)
    return provided(lambda: interpreters.find(system, native), system, manager, may)


def provided(
    find: Callable[[], Optional[interpreters.Interpreter]], system: str, manager: str, may: bool
) -> interpreters.Interpreter:
    """Return the complete Python that `find` finds; where we may, let apt complete or install it.

    Raise Halt with the way on when there is none.
    """
    found = find()
    if found and found.complete:
        return found
    dotted = ""
    if manager == "apt-get":
        if may:
            system_packages.update_lists()
        dotted = found.dotted if found else apt_python()
        names = ["python" + dotted, "python{}-venv".format(dotted)]
        if may and dotted and system_packages.install_with_apt(names):
            found = find()
            if found and found.complete:
                return found
    raise Halt(how_to_install(system, manager, dotted))


def how_to_install(system: str, manager: str, version_id: str = "") -> str:
    """Return the sentence that says which Python to install, and how on this kind of system.

    Args:
        manager: the system's package manager: apt-get, dnf, pacman, brew, winget or nothing.
        version_id: a Python that the package manager is known to have, such as "3.11".
    """
    wanted = "ACE-Step Desktop needs Python 3.12 or 3.11 (64-bit), and none was found"
    ways = {
        "apt-get": "sudo apt-get install python{0} python{0}-venv".format(version_id),
        "dnf": "sudo dnf install python3.12",
        "brew": "brew install python@3.12",
        "winget": "winget install Python.Python.3.12",
    }
    if manager in ways and (manager != "apt-get" or version_id):
        return "{}: run `{}`, then start again.".format(wanted, ways[manager])
    if system == "Windows" or system == "Darwin":
        return "{}: install it from https://www.python.org/downloads/, then start again.".format(
            wanted
        )
    return (
        "{}: install uv (https://docs.astral.sh/uv/), run `uv python install 3.12`, "
        "then start again.".format(wanted)
    )
