"""The first start on any machine: find Python, install everything, run the program or its tests.

    python3 packaging/bootstrap.py run [-- ARGUMENTS OF THE PROGRAM]
    python3 packaging/bootstrap.py test [-- ARGUMENTS OF PYTEST]

Any Python since 3.6 can start it. The virtual environment is .venv in the checkout; ACESTEP_VENV
names another. What it says goes to standard error; standard output is the program's.
"""

import os
import platform
import subprocess
import sys
from typing import Dict, List, Sequence, Tuple

from boot import desk, installation, system_packages
from boot.folder import python_in
from boot.words import Halt, say

USAGE = (
    "Usage: python3 packaging/bootstrap.py run [-- ARGUMENTS]\n"
    "       python3 packaging/bootstrap.py test [-- PYTEST ARGUMENTS]"
)
CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

CHECKS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",))
"""What `test` runs before pytest, as modules."""

PYTEST = ("pytest", "-n", "2", "--dist", "loadfile")
"""Two tests at a time: more would take the time from those that measure it."""


def read_arguments(arguments: Sequence[str]) -> Tuple[str, List[str]]:
    """Return the command and what it passes on; raise Halt with the usage for anything else."""
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if command not in ("run", "test"):
        raise Halt(USAGE)
    return command, rest[1:] if rest[:1] == ["--"] else rest


def environment_folder() -> str:
    """Return the absolute path of the virtual environment."""
    return os.path.abspath(os.environ.get("ACESTEP_VENV") or os.path.join(CHECKOUT, ".venv"))


def clean_environment() -> Dict[str, str]:
    """Return the environment variables without those that mislead one Python to another's files."""
    misleading = ("PYTHONHOME", "__PYVENV_LAUNCHER__")
    return {key: value for key, value in os.environ.items() if key not in misleading}


def provide_from_system(needs: Sequence[system_packages.Need], purpose: str) -> None:
    """Have the system provide `needs`; on Windows and macOS the libraries bring what they need."""
    if platform.system() == "Linux":
        manager = system_packages.manager_here()
        may = system_packages.may_install(manager)
        system_packages.provide(needs, purpose, manager, may)


def hand_over(command: List[str]) -> int:
    """Become `command`, so that signals and the exit status are its own.

    Windows cannot do that: there it waits for the command and returns its exit status.
    """
    if os.name != "nt":
        os.execve(command[0], command, clean_environment())
    child = subprocess.Popen(command, env=clean_environment())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # The program got it too, and ends in its own way.


def run(arguments: List[str]) -> int:
    """Install what is missing and become the program; return its exit status."""
    folder = environment_folder()
    installed = installation.prepare(CHECKOUT, folder, ())
    window = desk.opens_window(arguments)
    system = platform.system()
    if installed or window:
        provide_from_system(system_packages.RUN_NEEDS, "sound and the window")
    if window:
        desk.demand_screen(system, os.environ)
        if not desk.has_sound(system, os.environ, desk.sound_cards()):
            say(desk.NO_SOUND)
    # -P: a file of the folder we are in, called like a library, must not stand in for it.
    return hand_over([python_in(folder), "-P", "-m", "acestep_desktop", *arguments])


def test(arguments: List[str]) -> int:
    """Install the program, its test tools and peers, run all tests; return the exit status."""
    folder = environment_folder()
    installation.prepare(CHECKOUT, folder, ("test",))
    provide_from_system(system_packages.RUN_NEEDS + system_packages.TEST_NEEDS, "all tests")
    variables = clean_environment()
    if platform.system() == "Linux":
        variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    worst = 0
    for check in (*CHECKS, (*PYTEST, *arguments)):
        print("== " + " ".join(check), flush=True)
        status = subprocess.call([python_in(folder), "-m", *check], cwd=CHECKOUT, env=variables)
        worst = worst or status
    return worst


def main() -> int:
    """Do what the command line says; return the exit status."""
    try:
        command, arguments = read_arguments(sys.argv[1:])
        return test(arguments) if command == "test" else run(arguments)
    except Halt as reason:
        say(str(reason))
        return 2 if str(reason) == USAGE else 1
    except KeyboardInterrupt:
        say("Stopped; the next start goes on where this one ended.")
        return 130
    except OSError as error:
        say(
            "The installation stopped ({}): set ACESTEP_VENV to a folder you can write to, "
            "and start again.".format(error)
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
