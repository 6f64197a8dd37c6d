"""Whether a machine has a screen and a sound card."""

from pathlib import Path

import pytest
from boot import desk
from boot.words import Halt

NO_CARDS = "--- no soundcards ---\n"
A_CARD = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"


@pytest.mark.parametrize(
    ("arguments", "opens"),
    [
        ([], True),
        (["gui"], True),
        (["gui", "song.acestep"], True),
        (["gui", "--help"], False),
        (["generate", "gui"], False),
        (["--version"], False),
        (["doctor"], False),
    ],
)
def test_only_the_window_needs_a_screen(arguments: list[str], opens: bool) -> None:
    assert desk.opens_window(arguments) is opens


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_any_word_of_a_screen_will_do(name: str) -> None:
    desk.demand_screen("Linux", {name: ":0"})
    with pytest.raises(Halt):
        desk.demand_screen("Linux", {name: ""})


def test_without_a_screen_the_way_on_is_said() -> None:
    with pytest.raises(Halt, match=r"run -- generate .* QT_QPA_PLATFORM=offscreen"):
        desk.demand_screen("Linux", {})


@pytest.mark.parametrize("system", ["Windows", "Darwin"])
def test_windows_and_macos_have_a_screen_and_sound(system: str) -> None:
    desk.demand_screen(system, {})
    assert desk.has_sound(system, {}, "")


@pytest.mark.parametrize(
    ("environment", "cards", "heard"),
    [
        ({}, A_CARD, True),
        ({}, NO_CARDS, False),
        ({}, "", False),
        ({"PULSE_SERVER": "unix:/mnt/wslg/PulseServer"}, NO_CARDS, True),
        ({"XDG_RUNTIME_DIR": "/nonexistent"}, NO_CARDS, False),
    ],
)
def test_sound_needs_a_card_or_a_server(
    environment: dict[str, str], cards: str, heard: bool
) -> None:
    assert desk.has_sound("Linux", environment, cards) is heard


@pytest.mark.parametrize("socket", ["pulse/native", "pipewire-0"])
def test_a_sound_server_without_a_card_is_heard(tmp_path: Path, socket: str) -> None:
    path = tmp_path / socket
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert desk.has_sound("Linux", {"XDG_RUNTIME_DIR": str(tmp_path)}, NO_CARDS)


def test_the_list_of_sound_cards_can_be_missing(tmp_path: Path) -> None:
    cards = tmp_path / "cards"
    assert desk.sound_cards(str(cards)) == ""
    cards.write_text(A_CARD)
    assert desk.sound_cards(str(cards)) == A_CARD


def test_both_sentences_say_what_to_do() -> None:
    for sentence in (desk.NO_SCREEN, desk.NO_SOUND):
        assert "\n" not in sentence
        assert sentence.endswith(".")
        assert "\\" not in sentence
