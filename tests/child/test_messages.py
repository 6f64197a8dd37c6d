"""Messages: what is said is understood, and nothing else is."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acestep_desktop.child import messages
from acestep_desktop.child.errors import ChildProtocolError
from acestep_desktop.child.messages import PROTOCOL_VERSION, Message, decode, encode
from acestep_desktop.domain.errors import UserError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=5,
)
KINDS = st.text(min_size=1, max_size=64).filter(str.isprintable)
MESSAGES = st.builds(
    Message, KINDS, st.dictionaries(st.text(), JSON, max_size=3), st.binary(max_size=200)
)


def packed(header: bytes, payload: bytes = b"") -> bytes:
    return struct.pack("<I", len(header)) + header + payload


@given(MESSAGES)
def test_a_message_comes_out_as_it_went_in(message: Message) -> None:
    assert decode(bytes(encode(message))) == message


@given(MESSAGES)
def test_samples_behind_a_header_of_any_length_lie_on_16_bytes(message: Message) -> None:
    data = encode(message)

    assert (len(data) - len(message.payload)) % 16 == 0


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(ChildProtocolError, match=r"unreadable \(.+\): try again\.$"):
        decode(data)


@given(MESSAGES, st.data())
def test_a_damaged_message_is_understood_or_refused_but_nothing_else(
    message: Message, data: st.DataObject
) -> None:
    damaged = encode(message)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)))]

    try:
        understood = decode(bytes(damaged))
    except ChildProtocolError:
        return
    assert isinstance(understood, Message)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"null",
        b"7",
        b'"text"',
        b"{}",
        b'{"v":1}',
        b'{"v":1,"kind":"x"}',
        b'{"v":1,"kind":7,"fields":{}}',
        b'{"v":1,"kind":"","fields":{}}',
        b'{"v":1,"kind":"x","fields":[]}',
        b'{"v":1,"kind":"x","fields":{"a":NaN}}',
        b'{"v":1,"kind":"x","fields":{"a":Infinity}}',
        b'{"v":1,"kind":"' + b"x" * 65 + b'","fields":{}}',
        b'{"v":1,"kind":"x","fields":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"v":1,"kind":"x","fields":{"a":' + b"9" * 10_000 + b"}}",
        b'{"v":1,"kind":"\xff","fields":{}}',
    ],
)
def test_a_header_that_is_none_is_refused(header: bytes) -> None:
    with pytest.raises(ChildProtocolError):
        decode(packed(header))


@pytest.mark.parametrize("version", [0, 2, -1, 1.5, "1", None, True, [1]])
def test_another_version_is_refused_with_the_way_on(version: object) -> None:
    header = json.dumps({"v": version, "kind": "x", "fields": {}}).encode()

    with pytest.raises(ChildProtocolError, match="start it again"):
        decode(packed(header))


def test_the_version_is_part_of_every_message() -> None:
    assert f'"v":{PROTOCOL_VERSION}'.encode() in encode(Message("x"))


@pytest.mark.parametrize("claimed", [5, 1000, 2**31, 2**32 - 1])
def test_a_header_longer_than_its_message_is_refused(claimed: int) -> None:
    with pytest.raises(ChildProtocolError, match="unreadable"):
        decode(struct.pack("<I", claimed) + b"{}")


def test_a_message_beyond_the_cap_is_not_sent() -> None:
    with pytest.raises(ChildProtocolError, match='"big" is too large'):
        encode(Message("big", payload=bytes(messages.MAX_MESSAGE_BYTES)))


def test_a_header_beyond_its_cap_is_not_sent() -> None:
    with pytest.raises(ChildProtocolError, match='"big" is too large'):
        encode(Message("big", {"text": "x" * messages.MAX_HEADER_BYTES}))


def test_the_largest_message_is_understood() -> None:
    room = messages.MAX_MESSAGE_BYTES - len(encode(Message("big")))

    assert len(decode(bytes(encode(Message("big", payload=bytes(room))))).payload) == room


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", object()])
def test_a_field_that_is_no_json_is_not_sent(value: object) -> None:
    with pytest.raises(ChildProtocolError, match='"odd" cannot be sent'):
        encode(Message("odd", {"value": value}))  # type: ignore[dict-item]


def test_a_payload_of_samples_is_sent_byte_by_byte() -> None:
    samples = memoryview(bytes(range(32))).cast("f", (4, 2))

    assert decode(bytes(encode(Message("audio", payload=samples)))).payload == bytes(range(32))


def test_an_empty_payload_of_samples_is_sent() -> None:
    import numpy as np

    empty = memoryview(np.zeros((0, 2), np.float32))

    assert decode(bytes(encode(Message("audio", payload=empty)))).payload == b""


def test_what_goes_wrong_is_for_a_person() -> None:
    assert issubclass(ChildProtocolError, UserError)
