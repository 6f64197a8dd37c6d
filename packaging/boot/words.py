"""What the bootstrap says, and how it gives up; standard output stays the program's own."""

import sys


class Halt(Exception):
    """A reason to stop, as one sentence for a person: what happened, what to do."""


def say(sentence: str) -> None:
    """Print `sentence` to standard error."""
    print(sentence, file=sys.stderr, flush=True)
