"""What can go wrong between this program and its children.

ChildError               a child process could not do its part
├── ChildStartError      it could not be started
├── ChildGoneError       it has ended
└── ChildProtocolError   what it said cannot be understood
"""

from acestep_desktop.domain.errors import UserError


class ChildError(UserError):
    """A child process could not do its part."""


class ChildStartError(ChildError):
    """A child process could not be started."""


class ChildGoneError(ChildError):
    """The process at the other end of a channel has ended."""


class ChildProtocolError(ChildError):
    """A message that cannot be understood: malformed, too large, or of another version."""
