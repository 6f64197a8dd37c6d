"""Why a process died, in words."""

import re
import signal
from typing import Final

_NO_MEMORY: Final = re.compile(
    r"\bMemoryError\b|\bout of memory\b|\bstd::bad_alloc\b|cannot allocate memory|OutOfMemory",
    re.IGNORECASE,
)
_CRASHES: Final = {"SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE", "SIGTRAP"}
_WINDOWS_CRASHES: Final = {
    0xC0000005: "access violation",
    0xC000001D: "illegal instruction",
    0xC00000FD: "stack overflow",
    0xC0000374: "damaged heap",
    0xC0000409: "abort",
}
_WINDOWS_NO_MEMORY: Final = 0xC0000017
_MAX_QUOTE: Final = 300
_FATAL: Final = "Fatal Python error:"


def cause_of_death(returncode: int, printed: str) -> str:
    """Return what became of a process, to follow its name: "was ended by signal 9 (SIGKILL)".

    Args:
        returncode: as `subprocess` gives it; negative for a signal.
        printed: the end of what the process printed.
    """
    if returncode == _WINDOWS_NO_MEMORY or (returncode and _NO_MEMORY.search(_last_lines(printed))):
        return "ran out of memory"
    if returncode < 0:
        return _ended_by_signal(-returncode)
    if returncode in _WINDOWS_CRASHES:
        return f"crashed ({_WINDOWS_CRASHES[returncode]})"
    return "ended by itself" if returncode == 0 else f"stopped with exit code {returncode}"


def last_words(printed: str) -> str:
    """Return the one line of `printed` that says most about a death; empty if there is none."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(_FATAL)]
    return (fatal or lines or [""])[-1][:_MAX_QUOTE]


def _ended_by_signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"was ended by signal {number}"
    if name in _CRASHES:
        return f"crashed (signal {number}, {name})"
    if name == "SIGKILL":
        return f"was ended by signal {number} (SIGKILL), as happens when memory runs out"
    return f"was ended by signal {number} ({name})"


def _last_lines(printed: str) -> str:
    """Return the end of `printed`: an old complaint that was survived is no cause."""
    return "\n".join(printed.splitlines()[-5:])
