"""Why a process died, in words."""

import pytest

from acestep_desktop.child.death import cause_of_death, last_words
from tests.needs import needs

pytestmark = needs("posix")

TRACEBACK = """Traceback (most recent call last):
  File "engine.py", line 3, in <module>
    strings()
RuntimeError: the strings have come off
"""
FATAL = """Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "engine.py", line 3 in strings

Extension modules: numpy.core (total: 1)
"""


@pytest.mark.parametrize(
    ("returncode", "printed", "words"),
    [
        (0, "", "ended by itself"),
        (3, "", "stopped with exit code 3"),
        (1, TRACEBACK, "stopped with exit code 1"),
        (-9, "", "was ended by signal 9 (SIGKILL), as happens when memory runs out"),
        (-15, "", "was ended by signal 15 (SIGTERM)"),
        (-11, FATAL, "crashed (signal 11, SIGSEGV)"),
        (-6, "", "crashed (signal 6, SIGABRT)"),
        (-99, "", "was ended by signal 99"),
        (0xC0000005, "", "crashed (access violation)"),
        (0xC0000017, "", "ran out of memory"),
        (1, "MemoryError", "ran out of memory"),
        (
            1,
            "numpy._core._exceptions._ArrayMemoryError: Unable\nMemoryError\n",
            "ran out of memory",
        ),
        (1, "torch.OutOfMemoryError: CUDA out of memory. Tried\n", "ran out of memory"),
        (-6, "terminate called after 'std::bad_alloc'\n", "ran out of memory"),
        (1, "OSError: [Errno 12] Cannot allocate memory\n", "ran out of memory"),
        (0, "recovered from a MemoryError\n", "ended by itself"),
        (1, "MemoryError\n" + "went on\n" * 10, "stopped with exit code 1"),
    ],
)
def test_a_death_has_a_cause_in_words(returncode: int, printed: str, words: str) -> None:
    assert cause_of_death(returncode, printed) == words


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("", ""),
        ("\n \n", ""),
        (TRACEBACK, "RuntimeError: the strings have come off"),
        (FATAL, "Fatal Python error: Segmentation fault"),
        ("one\n  two  \n\n", "two"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_the_last_words_are_the_line_that_says_most(printed: str, words: str) -> None:
    assert last_words(printed) == words
