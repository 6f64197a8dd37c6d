"""For all tests: a home of their own, Hypothesis' profiles, and `needs`."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import enforce

HOME = pytest.StashKey[Path]()

settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("bench", settings.get_profile("ci"), max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Move the home away from the user's own before anything can read it."""
    config.addinivalue_line("markers", "needs(name, ...): what the machine must have; see needs.py")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # As shells start things in the background; programs under test would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    home = Path(tempfile.mkdtemp(prefix="acestep-tests-"))
    config.stash[HOME] = home
    for name, folder in _isolated_environment(home).items():
        os.environ[name] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the tests' home away again."""
    shutil.rmtree(config.stash.get(HOME, Path("/nonexistent")), ignore_errors=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or in CI fail, a test whose machine lacks what it needs."""
    for mark in item.iter_markers("needs"):
        enforce(mark.args, in_ci=os.environ.get("CI") == "true")


def _isolated_environment(home: Path) -> dict[str, Path]:
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
        "XDG_RUNTIME_DIR": home / ".run",
        "HF_HOME": home / ".cache" / "huggingface",
        "ACESTEP_HOME": home / "ACE-Step Desktop",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folders
