"""Where weights live, and what is made of them."""

import os
from pathlib import Path
from typing import Final

APP_NAME: Final = "ACE-Step Desktop"
HOME_VARIABLE: Final = "ACESTEP_HOME"
MODELS_VARIABLE: Final = "ACESTEP_MODELS"
"""Set it to a folder, and weights lie there: on a larger disk, or shared with others."""


def models_folder() -> Path:
    """Return the folder of weights; it need not exist yet.

    It is `ACESTEP_MODELS`, else `Data/models` below `ACESTEP_HOME`, else a folder
    among this person's application data.
    """
    chosen = os.environ.get(MODELS_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return _program_folder("models")


def compiled_folder() -> Path:
    """Return the folder of layers that were compiled; it can be deleted at any time."""
    return _program_folder("compiled", cached=True)


def _program_folder(name: str, *, cached: bool = False) -> Path:
    """Return the folder of this name in the home that a person chose, else in the system's."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).expanduser().absolute() / "Data" / name
    import platformdirs

    of_system = platformdirs.user_cache_path if cached else platformdirs.user_data_path
    place: Path = of_system(APP_NAME, appauthor=False)
    return place / name
