"""`doctor`: what this machine offers, what is missing, and what to do about it."""

import argparse
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from acestep_desktop import __version__
from acestep_desktop.audiofile.quiet import quiet_libraries
from acestep_desktop.cli.output import EXIT_FAILED, Printer
from acestep_desktop.domain.errors import UserError
from acestep_desktop.generation.client import EngineClient
from acestep_desktop.library.folders import standard_folders
from acestep_desktop.library.takes import TakeLibrary
from acestep_desktop.models.folder import models_folder
from acestep_desktop.models.machine import find_machine
from acestep_desktop.models.placing import in_words
from acestep_desktop.models.store import ModelStore
from acestep_desktop.realtime.client import find_devices_now
from acestep_desktop.realtime.clock_client import clock_ports

LIBRARIES: Final = (
    "numpy",
    "scipy",
    "soundfile",
    "soxr",
    "sounddevice",
    "mido",
    "python-rtmidi",
    "PySide6-Essentials",
)
"""Without one of these no music can be made, or no window opened."""

NEURAL_LIBRARIES: Final = ("torch", "diffusers", "transformers", "peft", "safetensors")
"""ACE-Step's own; Sketch needs none of them."""

_INSTALL: Final = "run: python3 packaging/bootstrap.py run"
_NO_TORCH: Final = "ACE-Step does not run on Intel Macs, for which there is no PyTorch; Sketch does"

_SCARCE_BYTES: Final = 2 * 2**30
"""A free disk below this is said: an hour of takes with stems needs more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `advice` says what to do where it is not well.

    `vital` things keep the program from making music; the others take a part of it away.
    """

    name: str
    well: bool
    what: str
    advice: str = ""
    vital: bool = False


def run(args: argparse.Namespace, printer: Printer) -> int:
    """Print every finding; fail only where no music can be made."""
    findings: list[Finding] = []
    for finding in examine():
        findings.append(finding)
        mark = "ok  " if finding.well else ("FAIL" if finding.vital else "note")
        advice = f"  → {finding.advice}" if finding.advice else ""
        printer.result(
            {
                "kind": "finding",
                "name": finding.name,
                "ok": finding.well,
                "vital": finding.vital,
                "what": finding.what,
                "advice": finding.advice,
            },
            [f"{mark}  {finding.name}: {finding.what}{advice}"],
        )
    return EXIT_FAILED if any(f.vital and not f.well for f in findings) else 0


def examine() -> Iterator[Finding]:
    """Yield all findings, in the order in which a person wants them."""
    yield from (_program(), _libraries(), _neural_libraries(), _engine(), _models())
    yield from (_library(), _sound(), _midi(), _display(), _graphics())


def _program() -> Finding:
    system = f"{platform.system()} {platform.machine()}"
    what = f"ACE-Step Desktop {__version__}, Python {platform.python_version()}, {system}"
    fits = (3, 11) <= sys.version_info[:2] < (3, 13)
    return Finding("program", fits, what, "" if fits else "use Python 3.11 or 3.12", vital=True)


def _libraries() -> Finding:
    whole, what = _versions(LIBRARIES)
    return Finding("libraries", whole, what, "" if whole else _INSTALL, vital=not whole)


def _neural_libraries() -> Finding:
    whole, what = _versions(NEURAL_LIBRARIES)
    advice = _NO_TORCH if _is_intel_mac() else f"Sketch needs none; for ACE-Step, {_INSTALL}"
    return Finding("ACE-Step libraries", whole, what, "" if whole else advice)


def _versions(names: tuple[str, ...]) -> tuple[bool, str]:
    """Return whether all are installed, and their versions, or which are missing."""
    found, missing = [], []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    return not missing, f"missing {', '.join(missing)}" if missing else ", ".join(found)


def _is_intel_mac() -> bool:
    return sys.platform == "darwin" and platform.machine() != "arm64"


def _engine() -> Finding:
    began = time.monotonic()
    try:
        with EngineClient("sketch") as client:
            identity = client.identity()
    except UserError as error:
        return Finding("Sketch engine", False, str(error), "run doctor again", vital=True)
    took = time.monotonic() - began
    return Finding("Sketch engine", True, f"{identity.name} {identity.version}, up in {took:.1f} s")


def _models() -> Finding:
    installed = ModelStore(models_folder()).installed()
    if installed:
        return Finding("models", True, ", ".join(f"{m.name} ({m.label})" for m in installed))
    get_one = "Sketch needs none; for ACE-Step, get one: acestep-desktop models download"
    return Finding("models", False, "none", _NO_TORCH if _is_intel_mac() else get_one)


def _library() -> Finding:
    folders = standard_folders()
    try:
        with closing(TakeLibrary(folders)) as library:
            count = len(library.search())
        free = shutil.disk_usage(_existing(folders.root)).free
    except (UserError, OSError) as error:
        return Finding("library", False, str(error), "set ACESTEP_HOME to another folder", True)
    what = f"{count} takes in {folders.root}, {free / 2**30:.0f} GB free"
    place = _existing(folders.root)
    if not (place.is_dir() and os.access(place, os.W_OK)):
        return Finding(
            "library", False, what, "make the folder writable, or set ACESTEP_HOME", True
        )
    if free < _SCARCE_BYTES:
        return Finding("library", False, what, "free some space on this disk")
    return Finding("library", True, what)


def _sound() -> Finding:
    devices = find_devices_now()
    if not devices:
        return Finding("sound", False, "no output device", _no_sound_advice())
    default = next((device for device in devices if device.is_default), devices[0])
    return Finding(
        "sound", True, f"{default.name} at {default.sample_rate} Hz ({len(devices)} outputs)"
    )


def _no_sound_advice() -> str:
    ways = {
        "linux": "install PortAudio (Debian, Ubuntu: sudo apt install libportaudio2), or connect "
        "a device; takes are made and written without one",
        "darwin": "connect an output device; takes are made and written without one",
    }
    return ways.get(
        sys.platform, "connect an output device; takes are made and written without one"
    )


def _midi() -> Finding:
    with quiet_libraries():
        ports = clock_ports()
    if ports:
        return Finding("MIDI", True, ", ".join(ports))
    advice = "only needed to send MIDI clock; virtual ports exist on macOS, and on Linux with ALSA"
    return Finding("MIDI", False, "no output ports", advice)


def _display() -> Finding:
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return Finding("display", True, os.environ.get("QT_QPA_PLATFORM") or platform.system())
    name = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if name:
        return Finding("display", True, name)
    advice = 'without one, use the command line: acestep-desktop generate "slow house"'
    return Finding("display", False, "none", advice)


def _graphics() -> Finding:
    machine = find_machine()
    if machine.card is not None:
        memory = f", {in_words(machine.vram_bytes)} for it" if machine.vram_bytes else ""
        return Finding("graphics card", True, f"{machine.card}{memory}")
    slowly = "Sketch needs none; ACE-Step would run on the processor, slowly"
    advice = _NO_TORCH if _is_intel_mac() else slowly
    return Finding("graphics card", False, "none that ACE-Step can use", advice)


def _existing(path: Path) -> Path:
    return path if path.exists() or path == path.parent else _existing(path.parent)
