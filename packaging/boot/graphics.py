"""The graphics cards of this machine, and the driver of NVIDIA's."""

import glob
import os
import re
import shutil
import sys
from typing import NamedTuple, Optional, Set, Tuple

from boot.commands import answer

VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
"""PCI vendors of graphics cards, as Linux writes them."""

LINUX_CARDS = "/sys/class/drm/card*/device/vendor"
LINUX_DRIVER = "/proc/driver/nvidia/version"
"""Where Linux tells the vendors of its cards, and the version of NVIDIA's driver."""


class Nvidia(NamedTuple):
    """An NVIDIA card whose driver answers."""

    driver: int
    """The driver's major version."""
    capability: Tuple[int, int]
    """The card's CUDA compute capability."""


def parse_nvidia(said: str) -> Optional[Nvidia]:
    """Return the best card in what nvidia-smi said: a line each of driver, capability."""
    lines = re.findall(r"^(\d+)\.[\d.]*\s*,\s*(\d+)\.(\d+)\s*$", said, re.MULTILINE)
    cards = [Nvidia(int(driver), (int(major), int(minor))) for driver, major, minor in lines]
    return max(cards, key=lambda card: card.capability) if cards else None


def nvidia_smi() -> str:
    """Return the path of the tool that comes with NVIDIA's driver; nothing when it is not here."""
    for path in (
        shutil.which("nvidia-smi") or "",
        "/usr/lib/wsl/lib/nvidia-smi",
        os.path.join(os.environ.get("SYSTEMROOT", "C:\\Windows"), "System32", "nvidia-smi.exe"),
    ):
        if path and os.path.exists(path):
            return path
    return ""


def read_nvidia() -> Optional[Nvidia]:
    """Ask NVIDIA's tool for the card; None when there is none or its driver does not answer."""
    tool = nvidia_smi()
    query = [tool, "--query-gpu=driver_version,compute_cap", "--format=csv,noheader"]
    return parse_nvidia(answer(query, timeout_s=30) or "") if tool else None


def card_vendors(system: str) -> Tuple[str, ...]:
    """Return the vendors of this machine's graphics cards, as far as they are cheap to know."""
    if system == "Linux":
        return linux_card_vendors()
    if system == "Windows":
        return windows_card_vendors()
    return ()


def linux_card_vendors(pattern: str = LINUX_CARDS) -> Tuple[str, ...]:
    """Return the vendors of the cards that Linux's kernel lists in the files of `pattern`."""
    found = set()
    for path in glob.glob(pattern):
        with open(path) as file:
            found.add(VENDORS.get(file.read().strip(), "another"))
    return tuple(sorted(found))


def windows_card_vendors() -> Tuple[str, ...]:
    """Return the vendors of the display adapters that Windows has drivers for."""
    found: Set[str] = set()
    if sys.platform == "win32":
        import winreg

        adapters = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
        for number in range(16):
            try:
                with winreg.OpenKey(
                    winreg.HKEY_LOCAL_MACHINE, "{}\\{:04d}".format(adapters, number)
                ) as key:
                    name = str(winreg.QueryValueEx(key, "DriverDesc")[0])
            except OSError:
                continue
            found.update(v for v in VENDORS.values() if v.lower() in name.lower())
            if "radeon" in name.lower():
                found.add("AMD")
    return tuple(sorted(found))


def hardware_hint(driver: str = LINUX_DRIVER) -> str:
    """Return a word that changes when the fitting build may have changed; reads one small file.

    nvidia-smi takes up to a second to answer, so a second start does not ask it.
    """
    try:
        with open(driver) as file:
            return file.readline().strip()
    except OSError:
        return "nvidia-smi" if nvidia_smi() else ""
