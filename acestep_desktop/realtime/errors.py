"""What can go wrong with devices and ports.

RealtimeError        sound or sync cannot do its part
├── DeviceError      an audio device that cannot be opened
└── PortError        a MIDI port that cannot be opened
"""

from acestep_desktop.domain.errors import UserError


class RealtimeError(UserError):
    """Sound or sync cannot do its part."""


class DeviceError(RealtimeError):
    """An audio device that cannot be opened."""


class PortError(RealtimeError):
    """A MIDI port that cannot be opened."""
