"""Roles for real children of tests; named in tests as "fake_roles:function"."""

import ctypes
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from acestep_desktop.child.parent import Parent

FOLDER = Path(__file__).parent
ENVIRONMENT = {"PYTHONPATH": str(FOLDER)}


def echo(parent: Parent) -> None:
    parent.send("ready", {"pid": os.getpid()})
    for message in parent.messages():
        parent.send("echo", {"kind": message.kind, "fields": dict(message.fields)}, message.payload)


def chatter(parent: Parent) -> None:
    print("a library says hello on stdout", flush=True)
    os.write(1, b"and its C code as well \xff\n")
    os.write(2, b"stderr too\n")
    os.system("echo and a program it starts")
    parent.send("ready")
    for _ in parent.messages():
        pass


def flood(parent: Parent) -> None:
    for number in range(20_000):
        print(f"line {number} of many")
    print("the last line", flush=True)
    parent.send("ready")
    for _ in parent.messages():
        pass


def raise_error(parent: Parent) -> None:
    raise RuntimeError("the strings have come off")


def run_out_of_memory(parent: Parent) -> None:
    raise MemoryError


def crash(parent: Parent) -> None:
    ctypes.string_at(0)


def kill_itself(parent: Parent) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave(parent: Parent) -> None:
    parent.send("bye")


def busy(parent: Parent) -> None:
    parent.send("ready")
    while True:
        pass


def stubborn(parent: Parent) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent.send("ready")
    threading.Event().wait()


def deaf(parent: Parent) -> None:
    """Stop this whole process, as a hang would."""
    parent.send("ready")
    os.kill(os.getpid(), signal.SIGSTOP)


def talkative(parent: Parent) -> None:
    for number in range(100):
        parent.send("chunk", {"number": number}, bytes(2 * 1024 * 1024))
    parent.send("done")
    for _ in parent.messages():
        pass


def speak_gibberish(parent: Parent) -> None:
    parent._channel.write(bytearray(b"\x04\x00\x00\x00nope"))
    threading.Event().wait()


def count_modules(parent: Parent) -> None:
    parent.send("modules", {"names": sorted(sys.modules)})


def interrupt_itself(parent: Parent) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    parent.send("survived")


def handle_at_once(parent: Parent) -> None:
    cancelled = threading.Event()
    parent.at_once("cancel", lambda message: cancelled.set())
    parent.send("ready")
    cancelled.wait()
    parent.send("cancelled", {"quitting": parent.quitting})


def log_lines(parent: Parent) -> None:
    logging.getLogger("engine").info("tuned")
    logging.getLogger("engine").warning("a string is old")
    logging.shutdown()
    parent.send("ready")


NOT_A_FUNCTION = 1
