"""The rules of the architecture, each a function that returns its violations as sentences."""

import ast
import re
import sys
from collections.abc import Callable

from tests.house import PACKAGE, House, Import, Module

MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "domain": (),
    "dsp": ("domain",),
    "audiofile": ("domain",),
    "child": ("domain",),
    "models": ("domain", "audiofile"),
    "generation": ("domain", "child"),
    "sketch": ("domain", "dsp", "audiofile", "generation"),
    "acestep": ("domain", "dsp", "audiofile", "child", "generation", "models"),
    "realtime": ("domain", "dsp", "audiofile", "child"),
    "library": ("domain", "dsp", "audiofile"),
    "exchange": ("domain", "dsp", "audiofile", "library"),
    "session": (
        *("domain", "dsp", "child", "generation", "models"),
        *("realtime", "library", "exchange"),
    ),
    "ui": ("domain", "session"),
}
"""Which rooms a room may import, besides itself."""

MAY_IMPORT |= {
    "cli": tuple(room for room in MAY_IMPORT if room not in ("session", "ui")),
    "app": (*MAY_IMPORT, "cli"),
    "__main__": ("cli", "app", "child"),
    "": (),
}

QT_ROOMS = {
    "PySide6.QtCore": ("ui", "app", "session"),
    "PySide6": ("ui", "app"),
    "shiboken6": ("ui", "app"),
}
"""Who may import Qt; the first entry that fits counts."""

OWNERS = {
    "torch": ("acestep",),
    "diffusers": ("acestep",),
    "transformers": ("acestep",),
    "peft": ("acestep",),
    "huggingface_hub": ("models",),
    "soundfile": ("audiofile",),
    "soxr": ("audiofile",),
    "sounddevice": ("realtime",),
    "rtmidi": ("realtime",),
    "jack": ("realtime",),
    "mido": ("exchange",),
}
"""Libraries that one room alone may import."""

HEAVY = ("soundfile", "scipy", "soxr", "mido", "librosa", "python_stretch", "pyloudnorm")
"""Libraries that cost start-up time: imported inside functions only."""

PLAIN_ROOMS = ("domain", "child", "")
"""Rooms that know nothing but Python's own library."""

LIBRARIES = frozenset(
    (
        *("PySide6", "shiboken6", "numpy", "scipy", "soundfile", "soxr", "sounddevice", "rtmidi"),
        *("jack", "mido", "python_stretch", "pyloudnorm", "platformdirs", "torch", "diffusers"),
        *("psutil",),
        *("transformers", "peft", "safetensors", "huggingface_hub", "aalink"),
    )
)
"""What pyproject.toml declares, by the name that is imported."""

_ENTRY = re.compile(rf"{PACKAGE}(\.\w+)+:\w+")

Rule = Callable[[House], list[str]]


def foreign_rooms(house: House) -> list[str]:
    """No room imports one that the table does not allow it, not even inside a function."""
    found = []
    for module, imported in _all_imports(house):
        if imported.library != PACKAGE:
            continue
        room = house.room_of(imported.target, known=MAY_IMPORT)
        allowed = (module.room, "", *MAY_IMPORT.get(module.room, ()))
        if module.room not in MAY_IMPORT:
            found.append(f"{module.name}: the table has no room {module.room!r}")
        elif room not in allowed:
            found.append(_at(module, imported, f"{module.room} may not import {room}"))
    return found


def qt_outside_its_rooms(house: House) -> list[str]:
    """Widgets stay in ui and app; of Qt, the session has QtCore alone."""
    found = []
    for module, imported in _all_imports(house):
        rooms = next(
            (rooms for name, rooms in QT_ROOMS.items() if _is_or_is_in(imported.target, name)), None
        )
        if rooms is not None and module.room not in rooms:
            found.append(_at(module, imported, f"{module.room} may not import {imported.target}"))
    return found


def owned_libraries(house: House) -> list[str]:
    """A library that one room wraps is imported nowhere else."""
    return [
        _at(module, imported, f"only {OWNERS[imported.library][0]} may import {imported.library}")
        for module, imported in _all_imports(house)
        if module.room not in OWNERS.get(imported.library, (module.room,))
    ]


def eager_heavy_libraries(house: House) -> list[str]:
    """Heavy libraries are imported inside functions, or for types alone."""
    return [
        _at(module, imported, f"import {imported.library} inside a function")
        for module, imported in _all_imports(house)
        if imported.library in HEAVY and not (imported.deferred or imported.for_types)
    ]


def undeclared_libraries(house: House) -> list[str]:
    """Everything imported is Python's own, ours, or declared; plain rooms use nothing declared."""
    found = []
    for module, imported in _all_imports(house):
        library = imported.library
        if library == PACKAGE or library in sys.stdlib_module_names:
            continue
        if library not in LIBRARIES:
            found.append(_at(module, imported, f"{library} is not a library of ours"))
        elif module.room in PLAIN_ROOMS:
            found.append(
                _at(module, imported, f"{module.room or 'the root'} may not use {library}")
            )
    return found


def import_cycles(house: House) -> list[str]:
    """No module imports itself by way of others, wherever the imports stand."""
    graph = {
        module.name: sorted(
            target
            for imported in module.imports
            if (target := house.imported_module(imported.target)) in house.names
            and target != module.name
        )
        for module in house.modules
    }
    return [" -> ".join((*cycle, cycle[0])) for cycle in _strong_components(graph)]


def broken_entries(house: House) -> list[str]:
    """Every function that is named in a string, "package.module:function", is there."""
    found = []
    for module in house.modules:
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            if _ENTRY.fullmatch(node.value) and not _entry_exists(house, node.value):
                found.append(f"{module.name}:{node.lineno}: there is no {node.value}")
    return found


RULES: tuple[Rule, ...] = (
    foreign_rooms,
    qt_outside_its_rooms,
    owned_libraries,
    eager_heavy_libraries,
    undeclared_libraries,
    import_cycles,
    broken_entries,
)


def _all_imports(house: House) -> list[tuple[Module, Import]]:
    return [(module, imported) for module in house.modules for imported in module.imports]


def _is_or_is_in(target: str, package: str) -> bool:
    return target == package or target.startswith(f"{package}.")


def _at(module: Module, imported: Import, sentence: str) -> str:
    return f"{module.name}:{imported.line}: {sentence}"


def _entry_exists(house: House, entry: str) -> bool:
    name, _, function = entry.partition(":")
    module = house.module(name)
    return module is not None and any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == function
        for node in module.tree.body
    )


def _strong_components(graph: dict[str, list[str]]) -> list[list[str]]:
    """Return the strongly connected components of two and more modules (Tarjan, 1972)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    components: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in graph[name]:
            if target not in order:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], order[target])
        if low[name] == order[name]:
            at = stack.index(name)
            component = stack[at:]
            del stack[at:]
            if len(component) > 1:
                components.append(component)

    for name in graph:
        if name not in order:
            visit(name)
    return components
