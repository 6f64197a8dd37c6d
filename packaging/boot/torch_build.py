"""Which build of PyTorch fits this machine: one table, and the facts it is read with.

PyTorch 2.13 is built for CUDA 12.6, 13.0 and 13.2, for the CPU, and for Apple's chips. PyPI has
CUDA 13.0 for Linux, the CPU for Windows and Apple's chips for macOS; the rest is on PyTorch's own
index.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Callable, List, NamedTuple, Optional, Set, Tuple

VERSION = "2.13.0"
"""The pinned version; pyproject.toml names the same."""

INDEX = "https://download.pytorch.org/whl/"
INDEX_TIMEOUT_S = 4
"""PyTorch's index answers in a fraction of this, or it is not to be had here."""

CUDA_13_DRIVER = 580
CUDA_12_DRIVER = 528
"""The oldest NVIDIA drivers that CUDA 13 and CUDA 12 work with."""

CUDA_13_CAPABILITY = (7, 5)
"""Turing. CUDA 13 has nothing for older cards; CUDA 12.6 still has."""

CUDA_12_LAST_CAPABILITY = (9, 0)
"""Hopper. PyTorch's CUDA 12.6 build has nothing for newer cards."""

VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
"""PCI vendors of graphics cards, as Linux writes them."""


class Nvidia(NamedTuple):
    """An NVIDIA card whose driver answers."""

    driver: int
    """The driver's major version."""
    capability: Tuple[int, int]
    """The card's CUDA compute capability."""


class Machine(NamedTuple):
    """What decides the build."""

    system: str
    """Linux, Windows or Darwin."""
    processor: str
    """The processor the interpreter is built for: x86_64, AMD64, arm64, aarch64."""
    nvidia: Optional[Nvidia] = None
    cards: Tuple[str, ...] = ()
    """Vendors of the graphics cards found, with or without a driver."""


class Plan(NamedTuple):
    """A build of PyTorch and where it is."""

    build: str
    """cu130, cu126, cpu, mps or none."""
    own_index: bool
    """Whether it is on PyTorch's own index only."""
    sentence: str
    """Why this build, for a person."""

    @property
    def address(self) -> str:
        """The address of the index that has this build."""
        return INDEX + self.build + "/"


def cuda_build(nvidia: Nvidia) -> str:
    """Return the CUDA build that this card and driver can run, or nothing when there is none."""
    if nvidia.driver >= CUDA_13_DRIVER and nvidia.capability >= CUDA_13_CAPABILITY:
        return "cu130"
    if nvidia.driver >= CUDA_12_DRIVER and nvidia.capability <= CUDA_12_LAST_CAPABILITY:
        return "cu126"
    return ""


def why_cpu(machine: Machine) -> str:
    """Return the sentence that says why ACE-Step will use the processor on this machine."""
    if machine.nvidia:
        return (
            "The NVIDIA driver {} is too old for PyTorch {}: the CPU build is installed; "
            "update the driver to {} or newer and start again.".format(
                machine.nvidia.driver, VERSION, CUDA_13_DRIVER
            )
        )
    if "NVIDIA" in machine.cards:
        return (
            "An NVIDIA card was found but its driver does not answer: the CPU build of PyTorch "
            "is installed; install NVIDIA's driver and start again."
        )
    for vendor, name in (("AMD", "ROCm"), ("Intel", "XPU")):
        if vendor in machine.cards:
            return (
                "{} graphics: ACE-Step will run on the CPU here ({} is not supported yet).".format(
                    vendor, name
                )
            )
    return "No NVIDIA card was found: ACE-Step will run on the CPU here."


def plan_for(machine: Machine) -> Plan:
    """Return the build of PyTorch that fits `machine`."""
    if machine.system == "Darwin":
        if machine.processor == "arm64":
            return Plan("mps", False, "Apple's graphics will run ACE-Step.")
        return Plan(
            "none",
            False,
            "PyTorch {} is not made for Intel Macs: Sketch works here, ACE-Step does not.".format(
                VERSION
            ),
        )
    build = cuda_build(machine.nvidia) if machine.nvidia else ""
    linux_on_pc = machine.system == "Linux" and machine.processor == "x86_64"
    if build:
        on_pypi = linux_on_pc and build == "cu130"
        return Plan(build, not on_pypi, "An NVIDIA card was found: it will run ACE-Step.")
    return Plan("cpu", machine.system == "Linux", why_cpu(machine))


def index_answers(address: str) -> bool:
    """Return whether the package index at `address` has PyTorch and can be reached now."""
    request = urllib.request.Request(address + "torch/", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=INDEX_TIMEOUT_S):
            return True
    except (OSError, urllib.error.URLError, ValueError):
        return False


def pip_arguments(
    plan: Plan, reachable: Callable[[str], bool] = index_answers
) -> Tuple[List[str], str]:
    """Return what pip is to install for `plan`, and a sentence when it is not quite the plan."""
    if not plan.own_index:
        return ["torch==" + VERSION], ""
    if reachable(plan.address):
        return ["torch=={}+{}".format(VERSION, plan.build), "--extra-index-url", plan.address], ""
    instead = (
        "PyTorch's own package index does not answer: the build of the usual index is installed"
    )
    if plan.build == "cpu":
        return ["torch==" + VERSION], instead + " (it works the same but may be larger)."
    return ["torch==" + VERSION], (
        instead
        + ", which may not use the NVIDIA card; to try again, delete the virtual environment "
        "and start again."
    )


def parse_nvidia(answer: str) -> Optional[Nvidia]:
    """Return the best card in nvidia-smi's answer to driver_version,compute_cap, a card a line."""
    lines = re.findall(r"^(\d+)\.[\d.]*\s*,\s*(\d+)\.(\d+)\s*$", answer, re.MULTILINE)
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
    if not tool:
        return None
    try:
        done = subprocess.run(
            [tool, "--query-gpu=driver_version,compute_cap", "--format=csv,noheader"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            universal_newlines=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_nvidia(done.stdout) if done.returncode == 0 else None


def card_vendors(system: str) -> Tuple[str, ...]:
    """Return the vendors of this machine's graphics cards, as far as they are cheap to know."""
    if system == "Linux":
        found = set()
        for path in glob.glob("/sys/class/drm/card*/device/vendor"):
            with open(path) as file:
                found.add(VENDORS.get(file.read().strip(), "another"))
        return tuple(sorted(found))
    if system == "Windows":
        return windows_card_vendors()
    return ()


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


def hardware_hint() -> str:
    """Return a word that changes when the fitting build may have changed; reads one small file.

    nvidia-smi takes up to a second to answer, so a second start does not ask it.
    """
    try:
        with open("/proc/driver/nvidia/version") as file:
            return file.readline().strip()
    except OSError:
        return "nvidia-smi" if nvidia_smi() else ""
