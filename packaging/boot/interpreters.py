"""Finding a Python that can run the program, wherever this machine keeps its Pythons."""

import glob
import json
import os
import re
import sys
from typing import Iterable, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from boot.commands import answer

FITTING = ((3, 12), (3, 11))
"""The versions that the program runs on, best first."""

PROBE_TIMEOUT_S = 20

QUESTION = """
import json, platform, sys
try:
    import ensurepip, venv
    complete = True
except ImportError:
    complete = False
print(json.dumps([list(sys.version_info[:3]), platform.python_implementation(),
                  sys.maxsize > 2 ** 32, platform.machine(), complete]))
"""
"""Any Python since 2.7 can answer it; a version manager's stand-in for a missing Python cannot."""


class Interpreter(NamedTuple):
    """A Python that answered, and what it said of itself."""

    command: Tuple[str, ...]
    version: Tuple[int, int, int]
    machine: str
    complete: bool
    """Whether it can make a virtual environment with pip inside (Debian splits that off)."""

    @property
    def version_text(self) -> str:
        """The version as people write it, such as 3.11.7."""
        return ".".join(str(part) for part in self.version)

    @property
    def dotted(self) -> str:
        """The version as packages are called, such as 3.11."""
        return "{}.{}".format(*self.version)


def places(
    system: str, home: str, environment: Mapping[str, str], version: Tuple[int, int]
) -> List[str]:
    """Return patterns of the files where `system` may keep Python `version` off the PATH."""
    dotted = "{}.{}".format(*version)
    if system == "Windows":
        folder = "Python{}{}".format(*version)
        local = environment.get("LOCALAPPDATA", home + "\\AppData\\Local")
        roaming = environment.get("APPDATA", home + "\\AppData\\Roaming")
        programs = environment.get("ProgramFiles", "C:\\Program Files")
        uv = environment.get("UV_PYTHON_INSTALL_DIR", roaming + "\\uv\\python")
        return [
            "{}\\Programs\\Python\\{}\\python.exe".format(local, folder),
            "{}\\{}\\python.exe".format(programs, folder),
            "{}\\.pyenv\\pyenv-win\\versions\\{}.*\\python.exe".format(home, dotted),
            "{}\\cpython-{}.*\\python.exe".format(uv, dotted),
        ]
    pyenv = environment.get("PYENV_ROOT", home + "/.pyenv")
    share = environment.get("XDG_DATA_HOME", home + "/.local/share")
    uv = environment.get("UV_PYTHON_INSTALL_DIR", share + "/uv/python")
    found = [
        "{}/versions/{}.*/bin/python{}".format(pyenv, dotted, dotted),
        "{}/cpython-{}.*/bin/python{}".format(uv, dotted, dotted),
        "{}/.local/bin/python{}".format(home, dotted),
        "{}/.asdf/installs/python/{}.*/bin/python{}".format(home, dotted, dotted),
        "{}/mise/installs/python/{}.*/bin/python{}".format(share, dotted, dotted),
        "/usr/bin/python" + dotted,
        "/usr/local/bin/python" + dotted,
    ]
    if system == "Darwin":
        found += [
            "/opt/homebrew/bin/python" + dotted,
            "/opt/homebrew/opt/python@{}/bin/python{}".format(dotted, dotted),
            "/usr/local/opt/python@{}/bin/python{}".format(dotted, dotted),
            "/Library/Frameworks/Python.framework/Versions/{}/bin/python{}".format(dotted, dotted),
            "/opt/local/bin/python" + dotted,
        ]
    return found


def newest_first(paths: Iterable[str]) -> List[str]:
    """Return `paths` sorted so that 3.12.10 comes before 3.12.9."""
    return sorted(
        paths, key=lambda path: [int(part) for part in re.findall(r"\d+", path)], reverse=True
    )


def candidates(system: str, home: str, environment: Mapping[str, str]) -> Iterator[Tuple[str, ...]]:
    """Yield the commands that may be a fitting Python: first this one, then by version."""
    if sys.executable:
        yield (sys.executable,)
    folders = [part for part in environment.get("PATH", "").split(os.pathsep) if part]
    ending = ".exe" if system == "Windows" else ""
    for version in FITTING:
        name = "python{}.{}{}".format(version[0], version[1], ending)
        for folder in folders:
            yield (os.path.join(folder, name),)
        if system == "Windows":
            yield ("py", "-{}.{}".format(*version))
        for pattern in places(system, home, environment, version):
            for path in newest_first(glob.glob(pattern)):
                yield (path,)
    for folder in folders:
        for name in ("python3", "python"):
            yield (os.path.join(folder, name + ending),)


def distinct(commands: Iterable[Tuple[str, ...]]) -> Iterator[Tuple[str, ...]]:
    """Yield each of `commands` once, in their order."""
    seen: Set[Tuple[str, ...]] = set()
    for command in commands:
        if command not in seen:
            seen.add(command)
            yield command


def parse_answer(command: Tuple[str, ...], said: str) -> Optional[Interpreter]:
    """Return the interpreter that `said` this, None unless it is a fitting 64-bit CPython."""
    try:
        version, implementation, is_64_bit, machine, complete = json.loads(said)
    except ValueError:
        return None
    if implementation != "CPython" or not is_64_bit or tuple(version[:2]) not in FITTING:
        return None
    return Interpreter(command, tuple(version), machine, complete)


def probe(command: Tuple[str, ...]) -> Optional[Interpreter]:
    """Ask the Python at `command` what it is; None when it does not run or does not fit."""
    if os.sep in command[0] and not os.path.exists(command[0]):
        return None
    said = answer([*command, "-I", "-c", QUESTION], PROBE_TIMEOUT_S)
    return parse_answer(command, said) if said is not None else None


def choose(found: Iterable[Optional[Interpreter]], native: str = "") -> Optional[Interpreter]:
    """Return the first complete interpreter of `found`, else the first that only lacks venv.

    Args:
        native: the processor an interpreter must be built for, where another runs but slowly.
    """
    incomplete = None
    for interpreter in found:
        if interpreter is None or (native and interpreter.machine != native):
            continue
        if interpreter.complete:
            return interpreter
        incomplete = incomplete or interpreter
    return incomplete


def find(system: str, native: str = "") -> Optional[Interpreter]:
    """Search this machine for a fitting interpreter, asking one after the other."""
    commands = candidates(system, os.path.expanduser("~"), os.environ)
    return choose((probe(command) for command in distinct(commands)), native)
