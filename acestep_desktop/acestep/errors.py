"""What can go wrong while ACE-Step works.

AceStepError                 no take, and why
├── BrokenModelError         a model's folder cannot be loaded
├── TaskRefusedError         this model cannot do this task
├── LengthError              longer than the model can make
├── SourceError              audio that this task cannot be done on
├── AdapterError             a LoRA file that cannot be used with this model
├── BrokenSoundError         the model gave numbers that are no sound
├── TooLittleMemoryError     not even the most sparing way fits into memory
├── CompileError             layers cannot be compiled; takes are made without
└── FormError                compiled layers failed at work; the take is made without
"""

from acestep_desktop.generation.errors import GenerationError


class AceStepError(GenerationError):
    """ACE-Step cannot do what was asked, for a reason that a person can read."""


class BrokenModelError(AceStepError):
    """A model's folder cannot be loaded; `detail` is for the log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.detail = detail


class TaskRefusedError(AceStepError):
    """This model cannot do this task."""


class LengthError(AceStepError):
    """The take would be longer than the model can make."""


class SourceError(AceStepError):
    """Audio that this task cannot be done on."""


class AdapterError(AceStepError):
    """A LoRA file that cannot be used with this model."""


class BrokenSoundError(AceStepError):
    """The model gave numbers that are no sound."""


class TooLittleMemoryError(AceStepError):
    """Not even the most sparing way of working fits into memory."""


class CompileError(AceStepError):
    """Layers cannot be compiled, and why; `detail` is for the log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.detail = detail


class FormError(AceStepError):
    """Compiled layers failed at work."""
