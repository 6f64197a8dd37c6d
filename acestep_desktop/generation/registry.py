"""The engines there are, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from acestep_desktop.generation.errors import EngineMissingError, UnknownEngineError


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """One engine: its name in commands, its label for people, and what it needs to run.

    `entry` is "module:function", imported in the engine's own process, where the
    function makes a `Generator`; None where the engine is not part of this version.
    `environment` is added to that of the process.
    """

    name: str
    label: str
    needs: str
    entry: str | None
    environment: Mapping[str, str] = field(default_factory=dict)


_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "VECLIB_MAXIMUM_THREADS": "1"}
"""NumPy's products stay in the thread that asks: Sketch has two of its own, and products so small
that helpers would spend longer waiting than working."""

ENGINES: Final = {
    engine.name: engine
    for engine in (
        EngineEntry(
            name="sketch",
            label="Sketch",
            needs="nothing: it is built in",
            entry="acestep_desktop.sketch.engine:create",
            environment=_ONE_THREAD,
        ),
        EngineEntry(
            name="acestep",
            label="ACE-Step 1.5",
            needs="a model of 5 to 20 GB on the disk, and a graphics card or patience",
            entry="acestep_desktop.acestep.engine:create",
        ),
    )
}

BUILT_IN: Final = "sketch"
"""The engine that every version has."""


def find_engine(name: str) -> EngineEntry:
    """Return the engine called `name`; UnknownEngineError, listing all, if there is none."""
    if name not in ENGINES:
        known = " and ".join(f'"{engine}"' for engine in ENGINES)
        raise UnknownEngineError(f'There is no engine "{name[:40]}": the engines are {known}.')
    return ENGINES[name]


def engine_entry(name: str) -> str:
    """Return where the engine called `name` is to be imported from.

    Raises UnknownEngineError, and EngineMissingError for one that this version lacks.
    """
    engine = find_engine(name)
    if engine.entry is None:
        raise EngineMissingError(
            f"{engine.label} is not part of this version of the program: "
            f"choose {ENGINES[BUILT_IN].label}, the built-in engine."
        )
    return engine.entry
