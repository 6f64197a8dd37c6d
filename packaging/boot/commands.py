"""Running other programs unheard, and reading what they answer."""

import os
import subprocess
from typing import Optional, Sequence


def answer(command: Sequence[str], timeout_s: float = 60) -> Optional[str]:
    """Return what `command` prints; None when it is not there, fails or takes too long."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout_s,
            env=environment,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def succeeds(command: Sequence[str], timeout_s: float = 600) -> bool:
    """Return whether `command` is there and ends well within `timeout_s`."""
    return answer(command, timeout_s) is not None
