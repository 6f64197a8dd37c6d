"""One message between processes: a JSON header and raw bytes behind it.

4 bytes   length of the header, little-endian
header    {"v": 1, "kind": "...", "fields": {...}}, spaces to a multiple of 16
payload   raw bytes, such as float32 samples; may be empty
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acestep_desktop.child.errors import ChildProtocolError
from acestep_desktop.domain.codec import Json, loads
from acestep_desktop.domain.errors import InvalidValueError

PROTOCOL_VERSION: Final = 1

MAX_MESSAGE_BYTES: Final = 64 * 1024 * 1024
"""A whole message; larger things travel as files, by path."""

MAX_HEADER_BYTES: Final = 16 * 1024 * 1024
"""Room for a recipe with every note of ten minutes of music."""

MAX_KIND: Final = 64
_LENGTH: Final = struct.Struct("<I")
_ALIGNMENT: Final = 16
"""The payload begins at a multiple of this, so that samples can be used where they lie."""

Payload = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Message:
    """What one process says to another: a kind, named fields, and bytes."""

    kind: str
    fields: Mapping[str, Json] = field(default_factory=dict)
    payload: Payload = b""


def encode(message: Message) -> bytearray:
    """Return `message` as bytes; ChildProtocolError if it is too large or no JSON."""
    values = {"v": PROTOCOL_VERSION, "kind": message.kind, "fields": dict(message.fields)}
    try:
        header = json.dumps(values, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ChildProtocolError(
            f'The message "{message.kind}" cannot be sent between processes ({error}).'
        ) from error
    header += b" " * (-(_LENGTH.size + len(header)) % _ALIGNMENT)
    payload = memoryview(message.payload)
    size = _LENGTH.size + len(header) + payload.nbytes
    if len(header) > MAX_HEADER_BYTES or size > MAX_MESSAGE_BYTES:
        raise ChildProtocolError(
            f'The message "{message.kind}" is too large to be sent between processes '
            f"({size:,} bytes)."
        )
    data = bytearray(_LENGTH.pack(len(header)))
    data += header
    data += payload
    return data


def decode(data: bytes) -> Message:
    """Return the message in `data`, its payload a view into it; ChildProtocolError if none is."""
    if not _LENGTH.size <= len(data) <= MAX_MESSAGE_BYTES:
        raise _unreadable(f"{len(data):,} bytes")
    (length,) = _LENGTH.unpack_from(data)
    end = _LENGTH.size + length
    if length > MAX_HEADER_BYTES or end > len(data):
        raise _unreadable(f"a header of {length:,} bytes in {len(data):,}")
    try:
        header = loads(data[_LENGTH.size : end])
    except InvalidValueError as error:
        raise _unreadable("a damaged header") from error
    kind, fields = _checked(header)
    return Message(kind, fields, memoryview(data)[end:])


def _checked(header: Json) -> tuple[str, dict[str, Json]]:
    if not isinstance(header, dict):
        raise _unreadable("a header that is no object")
    version = header.get("v")
    if version != PROTOCOL_VERSION or isinstance(version, bool):
        raise ChildProtocolError(
            f"Two versions of the program are talking to each other "
            f"({str(version)[:20]} and {PROTOCOL_VERSION}): quit the program and start it again."
        )
    kind, fields = header.get("kind"), header.get("fields")
    if not isinstance(kind, str) or not 1 <= len(kind) <= MAX_KIND:
        raise _unreadable("a message without a kind")
    if not isinstance(fields, dict):
        raise _unreadable("a message without fields")
    return kind, fields


def _unreadable(what: str) -> ChildProtocolError:
    return ChildProtocolError(
        f"Another process of the program said something unreadable ({what}): try again."
    )
