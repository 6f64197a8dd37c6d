"""`doctor` on machines that lack something: what it finds, and what it advises."""

import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from acestep_desktop.cli import doctor
from acestep_desktop.domain.errors import UserError
from acestep_desktop.models.machine import Machine
from acestep_desktop.realtime.stream import Device
from tests.needs import needs

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]
Say = Callable[..., tuple[int, str, str]]


class Identity(NamedTuple):
    name: str
    version: str


class FakeEngine:
    """An engine that is up at once."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    def __enter__(self) -> "FakeEngine":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def identity(self) -> Identity:
        return Identity("Sketch", "9")


class BrokenEngine(FakeEngine):
    """An engine that cannot be started."""

    def identity(self) -> Identity:
        raise UserError("The engine ended before it was ready.")


@pytest.fixture(autouse=True)
def well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that lacks nothing."""
    monkeypatch.setattr(doctor, "EngineClient", FakeEngine)
    speakers = Device("Speakers", 2, 48_000, True)
    monkeypatch.setattr(doctor, "find_devices_now", lambda: [speakers])
    monkeypatch.setattr(doctor, "clock_ports", lambda: ["Synth", "Drums"])
    card = Machine("NVIDIA RTX 4070", 12 * 10**9, 64 * 10**9)
    monkeypatch.setattr(doctor, "find_machine", lambda: card)
    models = SimpleNamespace(installed=lambda: [SimpleNamespace(name="turbo", label="2B turbo")])
    monkeypatch.setattr(doctor, "ModelStore", lambda folder: models)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    roomy = shutil.disk_usage("/")._replace(free=2**40)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: roomy)


def found(run: Run, name: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and one finding."""
    code, findings, _ = run("doctor")
    return code, next(finding for finding in findings if finding["name"] == name)


def test_a_machine_that_lacks_nothing_gets_no_advice(run: Run) -> None:
    code, findings, _ = run("doctor")
    assert code == 0
    assert [finding["name"] for finding in findings if not finding["ok"]] == []
    assert [finding["advice"] for finding in findings if finding["advice"]] == []


def test_a_person_reads_one_line_for_each_finding(say: Say) -> None:
    code, out, err = say("doctor")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == 10
    assert all(line.startswith("ok    ") for line in lines)


def test_an_engine_that_does_not_start_is_vital(
    run: Run, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "EngineClient", BrokenEngine)
    code, finding = found(run, "Sketch engine")
    assert (code, finding["ok"], finding["vital"]) == (1, False, True)
    assert finding["what"] == "The engine ended before it was ready."
    assert "FAIL  Sketch engine" in say("doctor")[1]


def test_missing_libraries_are_named_with_the_way_to_get_them(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name in ("soxr", "mido"):
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    code, finding = found(run, "libraries")
    assert (code, finding["what"]) == (1, "missing soxr, mido")
    assert "bootstrap.py" in finding["advice"]


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name in ("torch", "peft"):
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)


@pytest.mark.usefixtures("without_torch")
def test_without_the_libraries_of_ace_step_music_can_still_be_made(run: Run) -> None:
    code, finding = found(run, "ACE-Step libraries")
    assert (code, finding["ok"], finding["vital"]) == (0, False, False)
    assert finding["what"] == "missing torch, peft"
    assert "Sketch needs none" in finding["advice"] and "bootstrap.py" in finding["advice"]
    assert found(run, "libraries")[1]["ok"]


@pytest.mark.usefixtures("without_torch")
def test_an_intel_mac_is_not_sent_for_what_it_cannot_have(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(doctor, "find_machine", lambda: Machine(None, None, 16 * 10**9))
    monkeypatch.setattr(doctor, "ModelStore", lambda folder: SimpleNamespace(installed=list))
    code, findings, _ = run("doctor")
    assert code == 0
    by_name = {finding["name"]: finding for finding in findings}
    for name in ("ACE-Step libraries", "models", "graphics card"):
        assert "Intel Mac" in by_name[name]["advice"]
        assert not by_name[name]["vital"]


def test_models_are_named_or_the_way_to_get_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(run, "models")[1]["what"] == "turbo (2B turbo)"
    monkeypatch.setattr(doctor, "ModelStore", lambda folder: SimpleNamespace(installed=list))
    code, finding = found(run, "models")
    assert (code, finding["ok"], finding["vital"]) == (0, False, False)
    assert "models download" in finding["advice"]


@pytest.mark.parametrize(
    ("version", "ok"), [((3, 10), False), ((3, 11), True), ((3, 12), True), ((3, 13), False)]
)
def test_only_pythons_that_fit_are_well(
    run: Run, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], ok: bool
) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    code, finding = found(run, "program")
    assert (code, finding["ok"]) == (0 if ok else 1, ok)
    assert ok or finding["advice"] == "use Python 3.11 or 3.12"


@pytest.mark.parametrize(
    ("free", "ok", "said"),
    [
        (2**40, True, "1024 GB"),
        (2**31, True, "2 GB"),
        (2**31 - 1, False, "2 GB"),
        (0, False, "0 GB"),
    ],
)
def test_a_scarce_disk_is_said_but_stops_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, free: int, ok: bool, said: str
) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    code, finding = found(run, "library")
    assert (code, finding["ok"], finding["vital"]) == (0, ok, False)
    assert said in finding["what"]
    assert ok or finding["advice"] == "free some space on this disk"


def test_a_library_that_cannot_be_opened_is_vital(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ACESTEP_HOME", str(tmp_path / "file" / "home"))
    code, finding = found(run, "library")
    assert (code, finding["ok"], finding["vital"]) == (1, False, True)
    assert "ACESTEP_HOME" in finding["advice"]


def test_a_disk_that_went_away_is_a_finding_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "disk_usage", gone)
    code, finding = found(run, "library")
    assert (code, finding["ok"]) == (1, False)
    assert "Input/output error" in finding["what"]


def test_the_number_of_takes_is_counted(run: Run, home: Path) -> None:
    assert found(run, "library")[1]["what"].startswith(f"0 takes in {home}")


@pytest.mark.parametrize(
    ("platform", "advice"),
    [("linux", "libportaudio2"), ("darwin", "connect"), ("win32", "connect")],
)
def test_without_a_sound_card_music_can_still_be_made(
    run: Run, monkeypatch: pytest.MonkeyPatch, platform: str, advice: str
) -> None:
    monkeypatch.setattr(doctor, "find_devices_now", list)
    monkeypatch.setattr(sys, "platform", platform)
    code, finding = found(run, "sound")
    assert (code, finding["ok"], finding["vital"]) == (0, False, False)
    assert advice in finding["advice"]


def test_the_default_device_is_the_one_that_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = [Device("HDMI", 2, 44_100, False), Device("Speakers", 2, 48_000, True)]
    monkeypatch.setattr(doctor, "find_devices_now", lambda: devices)
    assert found(run, "sound")[1]["what"] == "Speakers at 48000 Hz (2 outputs)"
    monkeypatch.setattr(doctor, "find_devices_now", lambda: devices[:1])
    assert found(run, "sound")[1]["what"] == "HDMI at 44100 Hz (1 outputs)"


def test_midi_ports_are_listed_and_missing_ones_explained(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(run, "MIDI")[1]["what"] == "Synth, Drums"
    monkeypatch.setattr(doctor, "clock_ports", tuple)
    code, finding = found(run, "MIDI")
    assert (code, finding["ok"]) == (0, False)
    assert "MIDI clock" in finding["advice"]


@needs("posix")
def test_what_drivers_print_is_kept_from_the_person(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def loud() -> list[str]:
        os.write(2, b"ALSA lib seq_hw.c: open /dev/snd/seq failed\n")
        return []

    monkeypatch.setattr(doctor, "clock_ports", loud)
    assert doctor._midi().well is False
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


@pytest.mark.parametrize(
    ("variables", "ok", "what"),
    [
        ({"DISPLAY": ":1"}, True, ":1"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":1"}, True, "wayland-0"),
        ({"QT_QPA_PLATFORM": "offscreen"}, True, "offscreen"),
        ({}, False, "none"),
    ],
)
def test_the_display_is_found_as_qt_finds_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], ok: bool, what: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    code, finding = found(run, "display")
    assert (code, finding["ok"], finding["what"]) == (0, ok, what)
    assert ok or "generate" in finding["advice"]


def test_a_card_is_named_with_its_memory(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(run, "graphics card")[1]["what"] == "NVIDIA RTX 4070, 12.0 GB for it"
    apple = Machine("Apple GPU", 11 * 10**9, 16 * 10**9)
    monkeypatch.setattr(doctor, "find_machine", lambda: apple)
    code, finding = found(run, "graphics card")
    assert (code, finding["ok"]) == (0, True)
    assert finding["what"].startswith("Apple GPU")


def test_without_a_card_sketch_needs_none(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_machine", lambda: Machine(None, None, 16 * 10**9))
    code, finding = found(run, "graphics card")
    assert (code, finding["ok"], finding["vital"]) == (0, False, False)
    assert "Sketch needs none" in finding["advice"]
