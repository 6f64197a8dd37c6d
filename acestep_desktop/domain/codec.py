"""Values of the domain as JSON, and back, checked against their types.

A dataclass becomes an object of its fields; a member of a union of dataclasses
also says its `kind`. Reading raises InvalidValueError, which names the field.
"""

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final, TypeVar

from acestep_desktop.domain.errors import InvalidValueError

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

T = TypeVar("T")

_PLAIN: Final = {bool, int, str, type(None)}
"""Types of values that are JSON as they are; of numbers with a fraction, some are none."""

MAX_DEPTH: Final = 40
"""Deeper JSON is refused: no value of ours comes near it."""


def to_json(value: object) -> Json:
    """Return `value` (a dataclass, tuple, or plain JSON value) as plain JSON."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidValueError(f"a file cannot hold the number {value}")
        return value
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else to_json(item) for item in value]
    fields: dict[Any, Any] = value if isinstance(value, dict) else _object(value)
    return {
        str(name): item if type(item) in _PLAIN else to_json(item) for name, item in fields.items()
    }


def from_json(kind: type[T], data: Json, *, where: str = "") -> T:
    """Return the value of type `kind` that `to_json` made `data` from.

    A field that is missing takes its default; an unknown one is refused, as is
    any value of a wrong type. Raises InvalidValueError, never anything else.
    """
    return typing.cast(T, _decode(kind, data, where or kind.__name__.lower(), 0))


def dumps(value: object) -> str:
    """Return `value` as compact JSON text, the same for the same value."""
    try:
        return _text(value)
    except (TypeError, ValueError):
        return _text(to_json(value))  # slower, but it says what has no place in a file


def loads(text: str | bytes) -> Json:
    """Return the JSON in `text`; InvalidValueError if it is none, has NaN or is nested too deep."""
    try:
        return typing.cast(Json, json.loads(text, parse_constant=_refuse_constant))
    except (ValueError, RecursionError) as error:
        raise InvalidValueError(f"this is not the JSON that was expected ({error})") from error


def _text(value: object) -> str:
    return json.dumps(
        value, default=_object, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _object(value: object) -> dict[str, object]:
    """Return the object that a dataclass becomes, its fields as they are; TypeError for others."""
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{type(value).__name__} has no place in a file")
    kind = type(value)
    # Songs have thousands of notes: this is the shortest way through their fields.
    fields: dict[str, object] = {"kind": kind.__name__}
    for name in _public(kind):
        fields[name] = getattr(value, name)
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _decode(kind: Any, data: Json, where: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise InvalidValueError(f"{where} is nested too deep")
    return _reader(kind)(data, where, depth)


@cache
def _reader(kind: Any) -> Callable[[Json, str, int], Any]:
    """Return what reads a value of `kind` from (data, where, depth)."""
    kind = _plain(kind)
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return partial(_decode_union, typing.get_args(kind))
    if origin is tuple:
        return partial(_decode_tuple, typing.get_args(kind))
    if origin is typing.Literal:
        return partial(_decode_literal, typing.get_args(kind))
    if dataclasses.is_dataclass(kind):
        return partial(_decode_dataclass, kind)
    return partial(_decode_scalar, kind)


def _decode_literal(names: tuple[Any, ...], data: Json, where: str, depth: int) -> Json:
    return _require(data in names, data, where, "one of its names")


def _decode_scalar(kind: Any, data: Json, where: str, depth: int) -> Json:
    if kind is type(None):
        return _require(data is None, data, where, "null")
    if kind is bool:
        return _require(isinstance(data, bool), data, where, "true or false")
    if kind is int:
        return _require(
            isinstance(data, int) and not isinstance(data, bool), data, where, "an integer"
        )
    if kind is float:
        number = isinstance(data, int | float) and not isinstance(data, bool)
        checked = _require(number, data, where, "a number")
        try:
            return float(typing.cast(float, checked))
        except OverflowError as error:
            raise InvalidValueError(f"{where} is too large") from error
    if kind is str:
        return _require(isinstance(data, str), data, where, "text")
    raise TypeError(f"{kind} has no place in a file")


def _decode_tuple(args: tuple[Any, ...], data: Json, where: str, depth: int) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise InvalidValueError(f"{where} must be a list")
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(
            _decode(args[0], item, f"{where}[{i}]", depth + 1) for i, item in enumerate(data)
        )
    if len(data) != len(args):
        raise InvalidValueError(f"{where} must have {len(args)} items, got {len(data)}")
    return tuple(
        _decode(kind, item, f"{where}[{i}]", depth + 1)
        for i, (kind, item) in enumerate(zip(args, data, strict=True))
    )


def _decode_union(args: tuple[Any, ...], data: Json, where: str, depth: int) -> Any:
    if data is None and type(None) in args:
        return None
    choices = [arg for arg in args if arg is not type(None)]
    if len(choices) == 1:
        return _decode(choices[0], data, where, depth)
    name = data.get("kind") if isinstance(data, dict) else None
    for choice in choices:
        if dataclasses.is_dataclass(choice) and getattr(choice, "__name__", None) == name:
            return _decode(choice, data, where, depth)
    raise InvalidValueError(f"{where} has an unknown kind")


def _decode_dataclass(kind: Any, data: Json, where: str, depth: int) -> Any:
    if not isinstance(data, dict):
        raise InvalidValueError(f"{where} must be an object")
    hints = _hints(kind)
    names = _names(kind)
    if data.get("kind", kind.__name__) != kind.__name__:
        raise InvalidValueError(f"{where} must be a {kind.__name__}")
    if not data.keys() <= names:
        unknown = sorted(set(data) - names)
        raise InvalidValueError(f'{where} has an unknown field "{unknown[0][:40]}"')
    values = {
        # Most values of most files are plain.
        name: item
        if type(item) is hints[name]
        else _decode(hints[name], item, f"{where}.{name}", depth + 1)
        for name, item in data.items()
        if name in hints
    }
    try:
        return kind(**values)
    except TypeError as error:
        raise InvalidValueError(f"{where} lacks a field ({error})") from error


def _require(holds: bool, data: Json, where: str, what: str) -> Json:
    if not holds:
        raise InvalidValueError(f"{where} must be {what}, got {json.dumps(data)[:40]}")
    return data


@cache
def _plain(kind: Any) -> Any:
    """Return the type behind a NewType."""
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    return kind


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return {name: _plain(hint) for name, hint in typing.get_type_hints(kind).items()}


@cache
def _names(kind: Any) -> frozenset[str]:
    """Return what an object of this kind may name."""
    return frozenset((*_public(kind), "kind"))


@cache
def _public(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields that a file holds."""
    return tuple(f.name for f in dataclasses.fields(kind) if f.init)
