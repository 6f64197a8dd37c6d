"""The engines that a person can choose, and the seeds that they begin from."""

import secrets

from acestep_desktop.generation.registry import BUILT_IN, ENGINES

__all__ = ["BUILT_IN", "ENGINES", "new_seed"]


def new_seed() -> int:
    """Return a seed that nobody has used, in all likelihood."""
    return secrets.randbits(31)
