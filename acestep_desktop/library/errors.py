"""What can go wrong in the library; disks and audio have `audiofile.errors`.

LibraryError             a wish that the library cannot grant
├── TakeNotFoundError    no take, or more than one, goes by that name
├── ProjectFileError     a file that is no project, is damaged, or comes from the future
└── RecordError          a take's record that cannot be understood
"""

from acestep_desktop.domain.errors import UserError


class LibraryError(UserError):
    """A wish that the library cannot grant."""


class TakeNotFoundError(LibraryError):
    """No take, or more than one, goes by that name."""


class ProjectFileError(LibraryError):
    """A file that is no project, is damaged, or comes from the future."""


class RecordError(LibraryError):
    """A take's record that cannot be understood."""
