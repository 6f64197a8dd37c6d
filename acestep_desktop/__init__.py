"""ACE-Step Desktop: a companion that makes music beside a producer's DAW."""

from typing import Final

__version__: Final = "0.1.0"
