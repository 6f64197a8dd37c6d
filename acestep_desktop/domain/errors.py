"""The root of every error that a person can meet.

UserError                    a sentence for a person: what happened, what to do
├── InvalidValueError        a value of the domain that cannot be
│   └── EditError            an edit that the project cannot take
└── one branch per room      AudioFileError, ChildError, LibraryError ...
"""


class UserError(Exception):
    """An error whose message is one plain sentence for a person."""


class InvalidValueError(UserError, ValueError):
    """A value that cannot be, named in its message."""


class EditError(InvalidValueError):
    """An edit that cannot be applied to this project."""
