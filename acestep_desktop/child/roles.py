"""What a child process can be: its name, what people call it, and the function it runs."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from acestep_desktop.child.errors import ChildStartError

if TYPE_CHECKING:
    from acestep_desktop.child.parent import Parent


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of child.

    `title` begins a sentence ("The music engine"); `entry` is "module:function",
    imported in the child alone and called with its `Parent`.
    """

    title: str
    entry: str


ROLES: Final = {
    "engine": Role("The music engine", "acestep_desktop.generation.host:serve"),
    "realtime": Role("The audio process", "acestep_desktop.realtime.process:serve"),
    "devices": Role("The search for devices", "acestep_desktop.realtime.stream:serve_devices"),
    "compiler": Role("The compiler of ACE-Step", "acestep_desktop.acestep.compiler:serve"),
    "clock": Role("The MIDI clock", "acestep_desktop.realtime.clock:serve"),
}


def find_role(name: str) -> Role:
    """Return the role called `name`, or one for an entry written as "module:function"."""
    if name in ROLES:
        return ROLES[name]
    if ":" in name:
        return Role("The helper process", name)
    raise ChildStartError(f'There is no child process "{name}", only {", ".join(ROLES)}.')


def load_entry(entry: str) -> Callable[..., object]:
    """Import and return the function that `entry` ("module:function") names.

    Raises ChildStartError if there is no such function; what an import itself
    raises is passed on.
    """
    module, _, function = entry.partition(":")
    found = getattr(importlib.import_module(module), function, None)
    if not callable(found):
        raise ChildStartError(f'"{entry}" names no function.')
    return cast("Callable[..., object]", found)


def run_role(name: str, parent: "Parent") -> None:
    """Do the work of the role `name` until it is told to quit."""
    load_entry(find_role(name).entry)(parent)
