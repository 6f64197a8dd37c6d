"""System packages: what the program and its tests need from the system, and who installs it.

A new peer for the tests is one line in TEST_NEEDS. A need looks for a library (libGL.so.1), a
folder that is not empty (/usr/share/fonts) or a command (jackd). Of names separated by | the first
is taken that the system's package lists have, else the last.
"""

import ctypes
import os
import re
import shutil
import subprocess
from typing import Callable, Iterable, List, NamedTuple, Sequence, Set, Tuple

from boot.commands import answer, succeeds
from boot.words import say


class Need(NamedTuple):
    """Something the system must have, and the packages that bring it."""

    looks_for: str
    apt: str
    dnf: str
    pacman: str


RUN_NEEDS = (
    # sound and MIDI
    Need("libportaudio.so.2", "libportaudio2", "portaudio", "portaudio"),
    Need("libasound.so.2", "libasound2t64|libasound2", "alsa-lib", "alsa-lib"),
    # the window
    Need("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Need("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Need("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Need("libglib-2.0.so.0", "libglib2.0-0t64|libglib2.0-0", "glib2", "glib2"),
    Need("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    Need("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    Need("libX11-xcb.so.1", "libx11-xcb1", "libX11-xcb", "libx11"),
    Need("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Need("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Need("libxcb-image.so.0", "libxcb-image0", "xcb-util-image", "xcb-util-image"),
    Need("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Need(
        "libxcb-render-util.so.0",
        "libxcb-render-util0",
        "xcb-util-renderutil",
        "xcb-util-renderutil",
    ),
    Need("libxcb-randr.so.0", "libxcb-randr0", "libxcb", "libxcb"),
    Need("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    Need("libxcb-sync.so.1", "libxcb-sync1", "libxcb", "libxcb"),
    Need("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb", "libxcb"),
    Need("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb", "libxcb"),
    Need("/usr/share/fonts", "fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu"),
)
"""For sound and the window; making music from the command line needs none of them."""

TEST_NEEDS = (
    Need("jackd", "jackd2", "jack-audio-connection-kit", "jack2"),
    Need(
        "jack_rec",
        "jack-example-tools|jackd2",
        "jack-audio-connection-kit-example-clients",
        "jack-example-tools",
    ),
    Need(
        "jack_lsp",
        "jack-example-tools|jackd2",
        "jack-audio-connection-kit-example-clients",
        "jack-example-tools",
    ),
    Need("jack_midi_clock", "jack-midi-clock", "", ""),
    Need("Xvfb", "xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb"),
    Need("xdotool", "xdotool", "xdotool", "xdotool"),
    Need("openbox", "openbox", "openbox", "openbox"),
    Need("import", "imagemagick", "ImageMagick", "imagemagick"),
    Need("sox", "sox", "sox", "sox"),
    Need("audacity", "audacity", "audacity", "audacity"),
    Need("xprop", "x11-utils", "xprop", "xorg-xprop"),
)
"""Real peers that the tests meet: JACK, a screen, a mouse, an audio editor."""

APT_INSTALL = (
    "apt-get",
    "install",
    "-y",
    "--no-install-recommends",
    "-o",
    "DPkg::Lock::Timeout=60",
)
APT_UPDATE = ("apt-get", "update", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15")


def linker_cache() -> Set[str]:
    """Return the names of the libraries that the dynamic linker knows."""
    for tool in ("/sbin/ldconfig", "/usr/sbin/ldconfig", "ldconfig"):
        said = answer([tool, "-p"])
        if said:
            return set(re.findall(r"^\s*(\S+) \(", said, re.MULTILINE))
    return set()


def loads(library: str) -> bool:
    """Return whether the dynamic linker finds `library`, by loading it."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def is_there(looks_for: str, libraries: Set[str]) -> bool:
    """Return whether the system has what a need looks for."""
    if looks_for.startswith("/"):
        return os.path.isdir(looks_for) and bool(os.listdir(looks_for))
    if ".so" in looks_for:
        return looks_for in libraries or loads(looks_for)
    return shutil.which(looks_for) is not None


def missing(needs: Iterable[Need]) -> List[Need]:
    """Return those of `needs` that this system does not have."""
    libraries = linker_cache()
    return [need for need in needs if not is_there(need.looks_for, libraries)]


def manager_here() -> str:
    """Return the system's package manager, or nothing when it is none we know."""
    for manager in ("apt-get", "dnf", "pacman", "brew", "winget"):
        if shutil.which(manager):
            return manager
    return ""


def names_for(needs: Sequence[Need], manager: str, known: Callable[[str], bool]) -> List[str]:
    """Return the packages of `manager` that bring `needs`, sorted, each once.

    Args:
        known: whether the package lists have this name; asked only between alternatives.
    """
    names = set()
    for need in needs:
        alternatives = {"apt-get": need.apt, "dnf": need.dnf, "pacman": need.pacman}.get(
            manager, ""
        )
        choices = [name for name in alternatives.split("|") if name]
        if choices:
            earlier, last = choices[:-1], choices[-1]
            names.add(next((name for name in earlier if known(name)), last))
    return sorted(names)


def line_to_run(names: Sequence[str], manager: str) -> str:
    """Return the one line that installs packages `names`."""
    start = {
        "apt-get": "sudo apt-get install",
        "dnf": "sudo dnf install",
        "pacman": "sudo pacman -S --needed",
    }[manager]
    return " ".join([start, *names])


def apt_knows(name: str) -> bool:
    """Return whether apt's lists have the package `name`."""
    return succeeds(["apt-cache", "show", "--no-all-versions", name])


def run_apt(command: Sequence[str]) -> Tuple[int, str]:
    """Run an apt command without questions; return its exit status and its last line."""
    done = subprocess.run(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"),
        encoding="utf-8",
        errors="replace",
    )
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return done.returncode, lines[-1] if lines else "no reason given"


def may_install(manager: str) -> bool:
    """Return whether this process may install system packages by itself: root, with apt."""
    return manager == "apt-get" and hasattr(os, "geteuid") and os.geteuid() == 0


def update_lists() -> None:
    """Fetch apt's lists of packages."""
    say("Reading the system's package lists …")
    run_apt(APT_UPDATE)


def install_with_apt(names: Sequence[str]) -> bool:
    """Install the packages `names` as root; return whether it went well, having said why not."""
    say("Installing system packages: {} …".format(" ".join(names)))
    status, last_line = run_apt([*APT_INSTALL, *names])
    if status:
        say("The system packages could not be installed: {}".format(last_line))
    return status == 0


def line_for(needs: Sequence[Need], purpose: str, manager: str) -> str:
    """Return the sentence with the one line that a person runs to get `needs`."""
    names = names_for(needs, manager, apt_knows)
    if names:
        return "For {}, run: {}".format(purpose, line_to_run(names, manager))
    looked_for = " ".join(need.looks_for for need in needs)
    return "For {}, install the packages that bring: {}".format(purpose, looked_for)


def provide(needs: Sequence[Need], purpose: str, manager: str, may: bool) -> List[Need]:
    """Install what is missing of `needs`, or print the line that does; return what still is.

    Args:
        purpose: what does not work without them, such as "sound and the window".
        manager: the system's package manager, or nothing.
        may: whether we may use it, see may_install.
    """
    lacking = missing(needs)
    if lacking and may:
        update_lists()
        if install_with_apt(names_for(lacking, manager, apt_knows)):
            lacking = missing(lacking)
    if lacking:
        say(line_for(lacking, purpose, manager))
    return lacking
