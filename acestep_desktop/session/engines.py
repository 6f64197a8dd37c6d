"""The engines that a person can choose, and the seeds that they begin from."""

import os

from acestep_desktop.generation.registry import BUILT_IN, ENGINES

__all__ = ["BUILT_IN", "ENGINES", "new_seed"]


def new_seed() -> int:
    """Return a seed that nobody has used, in all likelihood."""
    return int.from_bytes(os.urandom(4)) >> 1
