"""Running pip inside the virtual environment, and saying in a sentence why it failed."""

import os
import subprocess
import sys
import tempfile
from typing import Sequence

from boot.words import Halt

NETWORK_WORDS = (
    "NewConnectionError",
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Name or service not known",
    "getaddrinfo failed",
    "nodename nor servname",
    "ConnectTimeoutError",
    "Network is unreachable",
    "ProxyError",
    "Read timed out",
    "Max retries exceeded",
)
TAIL_LINES = 12


def why_it_failed(words: str, task: str) -> str:
    """Return the sentence that says why pip, which printed `words`, could not do `task`."""
    if "No space left on device" in words:
        return (
            "{} failed because the disk is full: free about 3 GB (9 GB with CUDA), "
            "then start again.".format(task)
        )
    if "CERTIFICATE_VERIFY_FAILED" in words:
        return (
            "{} failed because the certificate of the package index is not trusted here: set "
            "PIP_CERT to your network's certificate file and start again.".format(task)
        )
    if any(word in words for word in NETWORK_WORDS):
        return (
            "{} failed because the package index cannot be reached: the first start needs the "
            "network; connect and start again.".format(task)
        )
    if "(from versions: none)" in words:
        return (
            "{} failed because the package index cannot be reached, or has nothing for this "
            "machine: connect to the network and start again.".format(task)
        )
    lines = [line for line in words.splitlines() if line.strip()]
    return "{} failed; start again to go on where it ended. pip said:\n{}".format(
        task, "\n".join(lines[-TAIL_LINES:])
    )


def install(python: str, arguments: Sequence[str], task: str, lock: int) -> None:
    """Run `pip install` with the environment's `python`; raise Halt with the reason if it fails.

    pip's progress goes to standard error, because standard output is the program's.

    Args:
        task: what is being done, such as "Installing PyTorch".
        lock: the installation's lock, which pip holds too should this process die before it.
    """
    command = [python, "-m", "pip", "install", "--no-input", "--no-compile"]
    command.append("--disable-pip-version-check")
    if "PIP_RETRIES" not in os.environ:
        command += ["--retries", "2"]
    if not sys.stderr.isatty():
        command.append("--quiet")
    with tempfile.TemporaryFile() as words:
        installing = subprocess.Popen(
            command + list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            stderr=words,
            pass_fds=() if os.name == "nt" else (lock,),
        )
        status = installing.wait()
        words.seek(0)
        text = words.read().decode("utf-8", "replace")
    if status:
        raise Halt(why_it_failed(text, task))
