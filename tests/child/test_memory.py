"""How much memory this process has used."""

import subprocess
import sys

from acestep_desktop.child.memory import peak_memory_bytes

SCRIPT = """
from acestep_desktop.child.memory import peak_memory_bytes
before = peak_memory_bytes()
block = bytes(range(256)) * 400_000
del block
print(before, peak_memory_bytes())
"""


def test_the_peak_remembers_memory_that_was_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    before, after = (int(word) for word in done.stdout.split())

    assert 100_000_000 <= after - before < 250_000_000


def test_the_peak_is_that_of_a_python_process() -> None:
    assert 5_000_000 < peak_memory_bytes() < 64_000_000_000
