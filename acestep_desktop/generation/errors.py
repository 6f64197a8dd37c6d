"""What can go wrong with an engine or a job.

GenerationError              no take, and why
├── UnknownEngineError       there is no engine of this name
├── UnknownJobError          there is no job of this number
├── EngineMissingError       the engine is known but not part of this version
├── EngineBusyError          the engine is doing another job
├── EngineHungError          the engine said nothing for too long and was ended
├── EngineFaultError         the engine broke its own rules, or met an unexpected error
├── RequestRefusedError      the engine cannot do what was asked
└── WorkFolderError          there is no folder for new audio
"""

from acestep_desktop.domain.errors import UserError


class GenerationError(UserError):
    """No take came of a request, for a reason that a person can read."""


class UnknownEngineError(GenerationError):
    """There is no engine of this name."""


class UnknownJobError(GenerationError):
    """There is no job of this number."""


class EngineMissingError(GenerationError):
    """The engine is known but not part of this version of the program."""


class EngineBusyError(GenerationError):
    """The engine is doing another job."""


class EngineHungError(GenerationError):
    """The engine said nothing for too long and was ended."""


class EngineFaultError(GenerationError):
    """The engine broke its own rules, or met an error that nobody expected.

    `detail` is for the log: a traceback, or empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.detail = detail


class RequestRefusedError(GenerationError):
    """The engine cannot do what was asked; the message says why and what it can do."""


class WorkFolderError(GenerationError):
    """The folder for new audio cannot be made."""
