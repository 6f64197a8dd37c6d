"""What can go wrong with weights.

ModelError                   weights that are not there, not whole, or not to be had
├── NoModelError             no model is installed, or none of this name
├── NotAModelError           a folder or file that holds no weights of ACE-Step
├── DamagedModelError        weights that are not what they were, file by file
├── ModelInUseError          weights that an engine is using
├── NoRoomError              the disk has too little room for them
├── DownloadError            the hub could not be reached, or gave something else
└── ModelCancelledError      the person stopped it
"""

from acestep_desktop.domain.errors import UserError


class ModelError(UserError):
    """Weights that are not there, not whole, or not to be had."""


class NoModelError(ModelError):
    """No model is installed, or none of this name."""


class NotAModelError(ModelError):
    """A folder or file that holds no weights of ACE-Step, or weights in an unsafe form."""


class DamagedModelError(ModelError):
    """Weights that are not what they were; the message names the files."""


class ModelInUseError(ModelError):
    """Weights that an engine, or another window, is using."""


class NoRoomError(ModelError):
    """The disk has too little room."""


class DownloadError(ModelError):
    """The hub could not be reached, or gave something that was not asked for."""


class ModelCancelledError(ModelError):
    """The person stopped it; what has arrived is kept."""
