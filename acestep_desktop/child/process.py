"""A child process: start it, talk to it, end it."""

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from multiprocessing.connection import Pipe
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from acestep_desktop.child.channel import Channel, Wire
from acestep_desktop.child.death import cause_of_death, last_words
from acestep_desktop.child.errors import ChildError, ChildGoneError, ChildStartError
from acestep_desktop.child.mailbox import Mailbox
from acestep_desktop.child.messages import Message, Payload
from acestep_desktop.child.outbox import Outbox
from acestep_desktop.child.roles import find_role
from acestep_desktop.child.tail import PrintedTail
from acestep_desktop.domain.codec import Json

log = logging.getLogger(__name__)

GRACE_S: Final = 2.0
"""How long a child that was asked to quit may take."""

_TERMINATE_S: Final = 0.5
_KILL_S: Final = 5.0


def start_child(role: str, *, environment: Mapping[str, str] | None = None) -> "Child":
    """Start a child for `role` (a name of `ROLES`, or "module:function"); do not wait for it.

    `environment` is added to this process's own. Raises ChildStartError.
    """
    title = find_role(role).title
    try:
        here, there = Pipe()
    except OSError as error:
        raise _not_started(title, error) from error
    try:
        process = _spawn(role, there, _environment(environment or {}))
    except OSError as error:
        here.close()
        raise _not_started(title, error) from error
    finally:
        there.close()
    log.debug("started %s, process %d", role, process.pid)
    return Child(role, title, process, here)


class Child:
    """A running child process; a context manager that ends it. Usable from any thread."""

    def __init__(
        self, role: str, title: str, process: "subprocess.Popen[bytes]", wire: Wire
    ) -> None:
        assert process.stdout is not None
        self.role = role
        self.title = title
        self._process = process
        self._channel = Channel(wire)
        self._outbox = Outbox(self._channel)
        self._mailbox = Mailbox(self._channel, first_look=lambda message: message.kind == "pong")
        self._printed = PrintedTail(process.stdout, log.getChild(role.replace(":", ".")))
        self._ending = threading.Lock()
        self._made_to_end = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    @property
    def heard_at(self) -> float:
        """When the child last said anything, in seconds of `time.monotonic`."""
        return self._mailbox.heard_at

    @property
    def printed(self) -> str:
        """The last 64 KiB of what the child printed, to stdout and stderr."""
        return self._printed.text()

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.poll() is None

    @property
    def was_made_to_end(self) -> bool:
        """Whether this program ended the child by force, so that its death needs no reason."""
        return self._made_to_end

    def poll(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        return self._process.poll()

    def send(
        self, kind: str, fields: Mapping[str, Json] | None = None, payload: Payload = b""
    ) -> None:
        """Say something to the child without waiting for it to listen.

        Raises ChildGoneError, with the reason, if the child is known to have ended.
        """
        try:
            self._outbox.post(Message(kind, fields or {}, payload))
        except ChildGoneError as error:
            raise self._gone() from error

    def receive(self, timeout_s: float | None = None) -> Message | None:
        """Return the child's next message, or None when none comes within `timeout_s`.

        Raises ChildGoneError, with the reason, once the child has ended and all it
        said was received; ChildProtocolError if it cannot be understood.
        """
        try:
            return self._mailbox.receive(timeout_s)
        except ChildGoneError as error:
            raise self._gone() from error

    def ping(self) -> None:
        """Ask for a sign of life; `heard_at` tells whether it came."""
        self.send("ping")

    def death(self) -> str:
        """Return why the child died as a sentence, with its last words; empty while it lives."""
        returncode = self.poll()
        if returncode is None:
            return ""
        if self._made_to_end:
            return f"{self.title} was ended by the program."
        self._printed.join(_TERMINATE_S)
        words = last_words(self.printed) if returncode else ""
        said = f' It last said: "{words}"' if words else ""
        return f"{self.title} {cause_of_death(returncode, self.printed)}.{said}"

    def end(self, grace_s: float = GRACE_S) -> int:
        """Ask the child to quit, wait `grace_s`, then make it; return its exit code."""
        with self._ending:
            if self.poll() is None:
                with contextlib.suppress(ChildError):
                    self._outbox.post(Message("quit"))
                if not self._ended_within(grace_s):
                    log.warning("%s did not quit when asked and is made to", self.title)
                    self._made_to_end = True
                    self._process.terminate()
                    if not self._ended_within(_TERMINATE_S):
                        self._process.kill()
            return self._clean_up()

    def kill(self) -> int:
        """End the child at once, without asking; return its exit code."""
        with self._ending:
            self._made_to_end = self._made_to_end or self.is_alive
            self._process.kill()
            return self._clean_up()

    def _ended_within(self, timeout_s: float) -> bool:
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _clean_up(self) -> int:
        if not self._ended_within(_KILL_S):
            raise ChildError(f"{self.title} cannot be ended: restart the computer.")
        self._printed.join(_TERMINATE_S)
        if self._outbox.close() and self._mailbox.close():
            self._channel.close()
        return self._process.returncode

    def _gone(self) -> ChildGoneError:
        """Return the error for a channel that has ended, once its process has as well."""
        if not self._ended_within(_TERMINATE_S):
            self._made_to_end = True
            self._process.kill()
            self._ended_within(_KILL_S)
        return ChildGoneError(self.death())


def _not_started(title: str, error: OSError) -> ChildStartError:
    return ChildStartError(
        f"{title} could not be started ({error}): close other programs and try again."
    )


def _spawn(role: str, wire: Wire, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start the interpreter, or the frozen program, with its end of the pipe and nothing else."""
    handle = wire.fileno()
    start = [sys.executable]
    if not getattr(sys, "frozen", False):
        # -P: a file random.py in the current folder must not be taken for Python's own.
        start += ["-P", "-X", "utf8", "-m", "acestep_desktop"]
    command = [*start, "--child", role, str(handle)]
    if sys.platform == "win32":
        os.set_handle_inheritable(handle, True)
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            startupinfo=subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]}),
            creationflags=subprocess.CREATE_NO_WINDOW,
        )
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[handle],
    )


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment, in which it finds this package though not installed."""
    environment = {**os.environ, **extra}
    root = Path(__file__).resolve().parents[2]
    if not getattr(sys, "frozen", False) and root.name not in ("site-packages", "dist-packages"):
        known = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{known}{os.pathsep}{root}" if known else str(root)
    return environment
