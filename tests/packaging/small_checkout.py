"""A checkout with the real bootstrap and a program of three lines, installed without a network."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGING = Path(__file__).parents[2] / "packaging"

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "acestep-desktop"
version = "0.1.0"
"""

METADATA = """\
Metadata-Version: 2.1
Name: acestep-desktop
Version: 0.1.0
Requires-Dist: torch==2.13.0
Provides-Extra: test
"""

BACKEND = f"""\
import os, pathlib, zipfile

def build_editable(folder, settings=None, metadata=None):
    reached = os.environ.get("REACHED")
    if reached:
        open(reached, "w").close()  # Blocks until the test reads: pip is in the middle now.
        open(os.environ["GO_ON"]).close()
    name = "acestep_desktop-0.1.0-py3-none-any.whl"
    info = "acestep_desktop-0.1.0.dist-info/"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("acestep_desktop.pth", str(pathlib.Path.cwd()) + "\\n")
        wheel.writestr(info + "METADATA", {METADATA!r})
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""

PROGRAM = """\
import json, sys
print(json.dumps(sys.argv[1:]))
sys.exit(7 if "fail" in sys.argv else 0)
"""

TOOL = """\
import os, sys
print({name!r}, *sys.argv[1:], flush=True)
sys.exit(int(os.environ.get("FAILS") == {name!r}) * 3)
"""


def make_checkout(folder: Path) -> None:
    """Make the checkout in `folder`: bootstrap, program, the tools of `test`, a small torch."""
    cached = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGING, folder / "packaging", ignore=cached)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "acestep_desktop").mkdir()
    (folder / "acestep_desktop" / "__init__.py").touch()
    (folder / "acestep_desktop" / "__main__.py").write_text(PROGRAM)
    for name in ("ruff", "mypy", "pytest"):
        (folder / f"{name}.py").write_text(TOOL.format(name=name))
    (folder / "wheels").mkdir()
    (folder / "temporary").mkdir()
    with zipfile.ZipFile(folder / "wheels" / "torch-2.13.0+cpu-py3-none-any.whl", "w") as wheel:
        info = "torch-2.13.0+cpu.dist-info/"
        wheel.writestr("torch/__init__.py", "__version__ = '2.13.0+cpu'\n")
        wheel.writestr(
            info + "METADATA", "Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0+cpu\n"
        )
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "")


def variables(checkout: Path, **changes: str) -> dict[str, str]:
    """Return the environment of a machine with no network, no screen and no package manager."""
    kept = {name: os.environ[name] for name in ("HOME", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        "PATH": str(checkout / "nothing"),
        "TMPDIR": str(checkout / "temporary"),  # A pip that is killed leaves its files there.
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": (checkout / "wheels").as_uri(),
        "https_proxy": "http://127.0.0.1:9",
        "PIP_RETRIES": "0",  # Nobody will answer later either; pip waits longer each time.
        **changes,
    }


def start(checkout: Path, *arguments: str, **changes: str) -> "subprocess.Popen[str]":
    """Start the bootstrap of `checkout` in a group of its own."""
    return subprocess.Popen(
        [sys.executable, str(checkout / "packaging" / "bootstrap.py"), *arguments],
        env=variables(checkout, **changes),
        cwd=checkout.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(checkout: Path, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Run the bootstrap of `checkout` to its end."""
    with start(checkout, *arguments, **changes) as process:
        output, errors = process.communicate()
    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)
