"""Where weights live."""

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
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).expanduser().absolute() / "Data" / "models"
    import platformdirs

    data: Path = platformdirs.user_data_path(APP_NAME, appauthor=False)
    return data / "models"
