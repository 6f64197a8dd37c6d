"""Which build of PyTorch fits this machine: one table, and the facts it is read with.

PyTorch 2.13 is built for CUDA 12.6, 13.0 and 13.2, for the CPU, and for Apple's chips. PyPI has
CUDA 13.0 for Linux, the CPU for Windows and Apple's chips for macOS; the rest is on PyTorch's own
index.
"""

from typing import Callable, List, NamedTuple, Optional, Tuple

from boot.graphics import Nvidia

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
    import http.client  # Here, because these would add 40 ms to every start.
    import urllib.request

    request = urllib.request.Request(address + "torch/", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=INDEX_TIMEOUT_S):
            return True
    except (OSError, http.client.HTTPException):
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
