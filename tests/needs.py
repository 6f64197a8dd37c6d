"""What a test needs of the machine: `@needs("jack")` skips it at home and fails it in CI."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from ctypes.util import find_library
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a machine may lack: how to look for it, and what to do about it."""

    is_there: Callable[[], bool]
    remedy: str


def _programs(*names: str) -> Callable[[], bool]:
    return lambda: all(shutil.which(name) for name in names)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


NEEDS: Mapping[str, Need] = {
    "jack": Need(
        _programs("jackd", "jack_lsp", "jack_rec"),
        "install jackd2 and jack-tools",
    ),
    "jack_midi_clock": Need(
        _programs("jack_midi_clock", "jack_mclk_dump"),
        "install jack-midi-clock",
    ),
    "portaudio": Need(lambda: find_library("portaudio") is not None, "install libportaudio2"),
    "xvfb": Need(_programs("Xvfb"), "install xvfb"),
    "xdotool": Need(_programs("xdotool"), "install xdotool"),
    "openbox": Need(_programs("openbox"), "install openbox"),
    "imagemagick": Need(_programs("import", "convert"), "install imagemagick"),
    "audacity": Need(_programs("audacity"), "install audacity"),
    "sox": Need(_programs("sox"), "install sox"),
    "root": Need(_is_root, "run the tests as root"),
    "posix": Need(lambda: os.name == "posix", "run the tests on Linux or macOS"),
    "linux": Need(lambda: sys.platform == "linux", "run the tests on Linux"),
}


def needs(*names: str) -> pytest.MarkDecorator:
    """Return the mark of a test that needs what `names` name (keys of `NEEDS`).

    Where something lacks, the test is skipped with the remedy as its reason; with
    CI=true it fails instead, so that nothing is ever left out in silence.
    """
    unknown = sorted(set(names) - set(NEEDS))
    if unknown or not names:
        raise ValueError(f"needs() takes names out of {sorted(NEEDS)}, got {names}")
    return pytest.mark.needs(*names)


def lacking(names: tuple[str, ...]) -> str:
    """Return a sentence about what this machine lacks of `names`; empty if nothing."""
    missing = [name for name in names if not NEEDS[name].is_there()]
    return "; ".join(f"needs {name}: {NEEDS[name].remedy}" for name in missing)


def enforce(names: tuple[str, ...], *, in_ci: bool) -> None:
    """Skip the running test, or fail it in CI, where this machine lacks something of `names`."""
    sentence = lacking(names)
    if sentence and in_ci:
        pytest.fail(sentence, pytrace=False)
    if sentence:
        pytest.skip(sentence)
