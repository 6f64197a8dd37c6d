"""Waiting for processes that are not ours to end."""

import select
import sys

import psutil


def is_gone_within(pid: int, timeout_s: float) -> bool:
    """Return whether the process ends in time; one that nobody has reaped counts as ended."""
    if sys.platform == "linux":
        import os

        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            return bool(poll.poll(timeout_s * 1000))
        finally:
            os.close(descriptor)
    try:
        psutil.Process(pid).wait(timeout_s)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True
