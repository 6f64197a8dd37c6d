"""The helper that keeps tests from being left out in silence, and the tests' own home."""

import os
from pathlib import Path

import pytest

from tests.needs import NEEDS, Need, enforce, lacking, needs


@pytest.fixture
def nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Need(lambda: False, "install the jack of all trades")
    monkeypatch.setattr("tests.needs.NEEDS", {**NEEDS, "jack": absent})


@pytest.mark.usefixtures("nothing_there")
def test_a_missing_need_skips_a_test_at_home_and_says_the_remedy() -> None:
    with pytest.raises(pytest.skip.Exception, match="jack of all trades"):
        enforce(("jack",), in_ci=False)


@pytest.mark.usefixtures("nothing_there")
def test_a_missing_need_fails_a_test_in_ci() -> None:
    with pytest.raises(pytest.fail.Exception, match="jack of all trades"):
        enforce(("jack",), in_ci=True)


def test_a_need_that_is_met_lets_the_test_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.needs.NEEDS", {"jack": Need(lambda: True, "")})
    assert lacking(("jack",)) == ""
    enforce(("jack",), in_ci=True)


def test_a_misspelled_need_is_an_error_not_a_skip() -> None:
    with pytest.raises(ValueError, match="jakc"):
        needs("jakc")


def test_the_home_of_the_tests_is_not_the_users_home() -> None:
    home = Path(os.environ["HOME"])
    assert "acestep-tests-" in home.name
    assert Path.home() == home
    assert Path(os.environ["ACESTEP_HOME"]).is_relative_to(home)
