"""What the machine offers a person: a screen and a sound card, or a sentence without."""

import os
from typing import Mapping, Sequence

from boot.words import Halt

NO_SCREEN = (
    "No display was found, so the window cannot open: make music without it, as in "
    '`python3 packaging/bootstrap.py run -- generate "warm house, 124 bpm"`, '
    "or set QT_QPA_PLATFORM=offscreen to start the program unseen."
)
NO_SOUND = (
    "No sound card was found: music can be made, saved and dragged, but not heard here; "
    "start a sound server (PipeWire, PulseAudio or JACK) or plug in a device to hear it."
)
SOUND_SERVERS = ("PULSE_SERVER", "PIPEWIRE_REMOTE", "JACK_DEFAULT_SERVER")
"""Variables that name a sound server."""


def opens_window(arguments: Sequence[str]) -> bool:
    """Return whether the program, given these arguments, opens its window."""
    if not arguments:
        return True
    return arguments[0] == "gui" and not {"-h", "--help"} & set(arguments)


def has_screen(system: str, environment: Mapping[str, str]) -> bool:
    """Return whether a window can open; only Linux says so beforehand."""
    if system != "Linux":
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(environment.get(name) for name in names)


def has_sound(system: str, environment: Mapping[str, str], cards: str) -> bool:
    """Return whether sound can be heard, as far as it is cheap to know.

    Args:
        cards: the text of /proc/asound/cards.
    """
    if system != "Linux" or any(environment.get(name) for name in SOUND_SERVERS):
        return True
    if cards.strip() and "no soundcards" not in cards:
        return True
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    sockets = [os.path.join(runtime, "pulse", "native"), os.path.join(runtime, "pipewire-0")]
    return bool(runtime) and any(os.path.exists(socket) for socket in sockets)


def sound_cards(path: str = "/proc/asound/cards") -> str:
    """Return Linux's list of sound cards; nothing where there is no such list."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def demand_screen(system: str, environment: Mapping[str, str]) -> None:
    """Raise Halt with the way on when no window can open."""
    if not has_screen(system, environment):
        raise Halt(NO_SCREEN)
