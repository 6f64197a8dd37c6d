"""Reading the graphics cards of a machine."""

from pathlib import Path

import pytest
from boot.graphics import (
    Nvidia,
    card_vendors,
    hardware_hint,
    linux_card_vendors,
    parse_nvidia,
    read_nvidia,
)

from tests.needs import needs


@pytest.mark.parametrize(
    ("said", "card"),
    [
        ("580.65.06, 9.0\n", Nvidia(580, (9, 0))),
        ("551.86, 8.6\r\n", Nvidia(551, (8, 6))),
        ("580.95, 7.5\n580.95, 12.0\n", Nvidia(580, (12, 0))),
        ("580.95, 12.0\n580.95, 8.9\n", Nvidia(580, (12, 0))),
    ],
)
def test_the_best_card_is_read_from_nvidias_tool(said: str, card: Nvidia) -> None:
    assert parse_nvidia(said) == card


@pytest.mark.parametrize(
    "said",
    [
        "",
        "No devices were found\n",
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n",
        "580.65.06, [N/A]\n",
    ],
)
def test_no_card_is_read_from_a_complaint(said: str) -> None:
    assert parse_nvidia(said) is None


def test_the_cards_are_known_by_their_vendors(tmp_path: Path) -> None:
    for card, vendor in (("card0", "0x8086"), ("card1", "0x10de"), ("card2", "0x1af4")):
        (tmp_path / card).write_text(vendor + "\n")
    assert linux_card_vendors(str(tmp_path / "card*")) == ("Intel", "NVIDIA", "another")
    assert linux_card_vendors(str(tmp_path / "none*")) == ()


def test_a_mac_has_no_cards_to_tell_apart() -> None:
    assert card_vendors("Darwin") == ()


def test_the_hint_changes_with_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    driver = tmp_path / "version"
    without = hardware_hint(str(driver))
    driver.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06\nGCC version\n")
    with_driver = hardware_hint(str(driver))
    assert with_driver.endswith("580.65.06")
    assert without != with_driver


@needs("posix")
def test_the_tool_of_the_driver_is_asked_and_may_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '580.65.06, 9.0'\n")
    tool.chmod(0o755)
    assert read_nvidia() == Nvidia(580, (9, 0))
    assert hardware_hint(str(tmp_path / "no such driver")) == "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    assert read_nvidia() is None
