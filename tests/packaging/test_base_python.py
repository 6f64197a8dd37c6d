"""What a person reads when no fitting Python is there."""

import pytest
from boot.base_python import how_to_install, native_processor


@pytest.mark.parametrize(
    ("system", "manager", "version", "way"),
    [
        ("Linux", "apt-get", "3.11", "`sudo apt-get install python3.11 python3.11-venv`"),
        ("Linux", "apt-get", "", "`uv python install 3.12`"),
        ("Linux", "dnf", "", "`sudo dnf install python3.12`"),
        ("Linux", "pacman", "", "`uv python install 3.12`"),
        ("Linux", "", "", "`uv python install 3.12`"),
        ("Darwin", "brew", "", "`brew install python@3.12`"),
        ("Darwin", "", "", "https://www.python.org/downloads/"),
        ("Windows", "winget", "", "`winget install Python.Python.3.12`"),
        ("Windows", "", "", "https://www.python.org/downloads/"),
    ],
)
def test_one_sentence_says_which_python_to_install_and_how(
    system: str, manager: str, version: str, way: str
) -> None:
    sentence = how_to_install(system, manager, version)
    assert "Python 3.12 or 3.11" in sentence
    assert way in sentence
    assert sentence.endswith("then start again.")
    assert "\n" not in sentence


def test_only_a_mac_is_particular_about_the_processor() -> None:
    assert native_processor("Linux") == native_processor("Windows") == ""
