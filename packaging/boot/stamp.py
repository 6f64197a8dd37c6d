"""The stamp: what was installed, written last, so that a second start installs nothing."""

import hashlib
import json
import os
from typing import NamedTuple, Optional, Sequence, Tuple

NAME = "acestep-desktop.json"
"""The stamp's name inside the virtual environment."""


class Stamp(NamedTuple):
    """What a finished installation was made from."""

    checkout: str
    """The folder that the program runs from."""
    pyproject: str
    """SHA-256 of pyproject.toml, which names the libraries."""
    python: str
    """The version of the environment's Python."""
    build: str
    """The build of PyTorch that was planned."""
    hardware: str
    """The word that the build was planned by, see graphics.hardware_hint."""
    extras: Tuple[str, ...]
    """The extras that are installed too."""


def project_hash(checkout: str) -> str:
    """Return the SHA-256 of the checkout's pyproject.toml."""
    with open(os.path.join(checkout, "pyproject.toml"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def environment_version(folder: str) -> str:
    """Return the version of the Python in the environment `folder`; nothing if it has none."""
    try:
        with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8") as file:
            pairs = [line.partition("=") for line in file]
    except OSError:
        return ""
    settings = {key.strip(): value.strip() for key, _, value in pairs}
    return settings.get("version", settings.get("version_info", ""))


def read(folder: str) -> Optional[Stamp]:
    """Return the stamp in the environment `folder`; None when there is none to be read."""
    try:
        with open(os.path.join(folder, NAME), encoding="utf-8") as file:
            fields = json.load(file)
        fields["extras"] = tuple(fields["extras"])
        return Stamp(**fields)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(folder: str, stamp: Stamp) -> None:
    """Put `stamp` into the virtual environment `folder`, whole or not at all."""
    path = os.path.join(folder, NAME)
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(stamp._asdict(), file, indent=1)
    os.replace(path + ".part", path)


def remove(folder: str) -> None:
    """Take the stamp out of the virtual environment `folder`."""
    path = os.path.join(folder, NAME)
    if os.path.exists(path):
        os.remove(path)


def covers(found: Optional[Stamp], wanted: Stamp) -> bool:
    """Return whether an installation stamped `found` is good for `wanted`; more extras do no harm.

    The build is not compared: it follows from the hardware, which is.
    """
    return (
        found is not None
        and set(wanted.extras) <= set(found.extras)
        and found._replace(extras=(), build="") == wanted._replace(extras=(), build="")
    )


def expected(checkout: str, folder: str, hardware: str, extras: Sequence[str]) -> Stamp:
    """Return the stamp of an up-to-date installation in `folder`, its build left open."""
    return Stamp(
        checkout=checkout,
        pyproject=project_hash(checkout),
        python=environment_version(folder),
        build="",
        hardware=hardware,
        extras=tuple(sorted(extras)),
    )
