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
    import platformdirs

    data: Path = platformdirs.user_data_path(APP_NAME, appauthor=False)
    return _below_home("models") or data / "models"


def compiled_folder() -> Path:
    """Return the folder of layers that were compiled; it can be deleted at any time."""
    import platformdirs

    cache: Path = platformdirs.user_cache_path(APP_NAME, appauthor=False)
    return _below_home("compiled") or cache / "compiled"


def _below_home(name: str) -> Path | None:
    """Return the folder of this name in the home that a person chose, if there is one."""
    home = os.environ.get(HOME_VARIABLE)
    return Path(home).expanduser().absolute() / "Data" / name if home else None
