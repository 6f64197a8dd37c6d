"""The audio process: a desk, a player, and the device that pulls from it."""

import gc
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Final

from acestep_desktop.child.messages import Message
from acestep_desktop.child.parent import Parent
from acestep_desktop.domain.time import DEFAULT_BUFFER
from acestep_desktop.realtime.desk import Desk
from acestep_desktop.realtime.errors import DeviceError
from acestep_desktop.realtime.player import Player
from acestep_desktop.realtime.precedence import hasten_threads
from acestep_desktop.realtime.status import StatusBlock
from acestep_desktop.realtime.stream import DeviceOutput, Output, open_output
from acestep_desktop.realtime.wire import text, whole

log = logging.getLogger(__name__)

SWITCH_INTERVAL_S: Final = 0.0005
"""A thread that computes lets the audio thread in after this long."""

_LOOK_EVERY_S: Final = 0.1
_TRY_EVERY_S: Final = 0.25


def serve(parent: Parent) -> None:
    """Play until told to quit: the role "realtime"."""
    hello = parent.receive()
    if hello is None or hello.kind != "hello":
        return
    block = StatusBlock(Path(text(hello.fields, "status")))
    room = _Room(parent, block)
    _take_precedence()
    house = threading.Thread(target=room.keep_house, name="house", daemon=True)
    house.start()
    parent.send("ready")
    for message in parent.messages():
        room.obey(message)
    room.close()
    house.join()
    room.let_go()


class _Room:
    """The process as a whole. `obey` runs on the main thread, `keep_house` on another."""

    def __init__(self, parent: Parent, block: StatusBlock) -> None:
        self._parent = parent
        self._player = Player(block, epoch=block.read().epoch + 1)
        self._desk = Desk(self._player, parent.send)
        self._output: Output | None = None
        self._opening = threading.Lock()
        self._wanted: tuple[str | None, int] | None = None
        self._tried_at = 0.0
        self._closing = threading.Event()

    def obey(self, message: Message) -> None:
        """Do what the app says."""
        if self._desk.obey(message):
            return
        if message.kind == "open":
            device = message.fields.get("device")
            wanted = (device if isinstance(device, str) else None, _block_of(message))
            with self._opening:
                self._open(wanted, waits=message.fields.get("wait") is True)
        else:
            log.warning("nobody knows what %s means", message.kind)

    def close(self) -> None:
        """Let the device go."""
        self._closing.set()
        with self._opening:
            self._shut()

    def let_go(self) -> None:
        """Let go of the files, once no other thread looks ahead in them."""
        self._desk.close()

    def keep_house(self) -> None:
        """Look ahead and after the device, until closed."""
        while not self._closing.wait(_LOOK_EVERY_S):
            try:
                self._desk.look_ahead()
                self._look_after_device()
            except Exception:  # the edge of this thread
                log.exception("housekeeping failed")

    def _open(self, wanted: tuple[str | None, int], *, waits: bool) -> None:
        """Open a device; one that is waited for is tried again and again."""
        self._shut()
        self._wanted = None
        device, block = wanted
        opener = DeviceOutput if waits else open_output
        try:
            self._opened(opener(self._player, device, block))
        except DeviceError as error:
            self._parent.send("unavailable", {"text": str(error), "waits": waits})
            if waits:
                self._wanted, self._tried_at = wanted, time.monotonic()
            else:
                self._opened(open_output(self._player, None, block), wished=False)

    def _opened(self, output: Output, *, wished: bool = True) -> None:
        player = self._player
        self._output, self._wanted = output, None
        self._parent.send(
            "opened",
            {
                "device": output.name,
                "rate": player.device_rate,
                "latency_s": player.latency_s + output.ahead_s,
                "wished": wished,
            },
        )

    def _shut(self) -> None:
        if self._output is not None:
            self._output.close()
            self._output = None

    def _look_after_device(self) -> None:
        with self._opening:
            output = self._output
            if output is not None and output.failure is not None:
                # What plays cannot be trusted any more: a fresh process goes on.
                log.error("the audio thread failed", exc_info=output.failure)
                self._leave(1)
            if output is not None and output.is_lost:
                # PortAudio cannot be trusted after a loss: a fresh process opens what is there.
                self._parent.send("lost", {"device": output.name})
                self._leave(0)
            late = time.monotonic() - self._tried_at >= _TRY_EVERY_S
            if self._wanted is not None and late:
                self._try_again(self._wanted)

    def _leave(self, code: int) -> None:
        logging.shutdown()
        os._exit(code)

    def _try_again(self, wanted: tuple[str | None, int]) -> None:
        self._tried_at = time.monotonic()
        try:
            self._opened(DeviceOutput(self._player, *wanted))
        except DeviceError as error:
            log.debug("still no device: %s", error)


def _block_of(message: Message) -> int:
    block = whole(message.fields, "block") if "block" in message.fields else DEFAULT_BUFFER
    return min(max(block, 0), 8192)


def _take_precedence() -> None:
    """Keep the interpreter from pausing, and ask the system to run this process first."""
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    hasten_threads()
