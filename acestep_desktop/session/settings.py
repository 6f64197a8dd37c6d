"""Settings: remembered at once, told to whom they concern."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from acestep_desktop.domain.codec import Json, from_json, to_json
from acestep_desktop.domain.errors import InvalidValueError, UserError
from acestep_desktop.domain.time import BUFFERS, DEFAULT_BUFFER
from acestep_desktop.library.preferences import Preferences

if TYPE_CHECKING:
    from acestep_desktop.realtime.clock_client import ClockPort

MAX_RECENT: Final = 10


class SettingsSession(QObject):
    """What the person chose. `failed` carries a sentence where it cannot be remembered."""

    theme_changed = Signal(str)
    plays_first_take_changed = Signal(bool)
    level_matched_changed = Signal(bool)
    reduced_motion_changed = Signal(bool)
    recent_changed = Signal(list)
    failed = Signal(str)

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences

    @property
    def theme(self) -> str:
        """The name of the theme."""
        return self._preferences.get("theme", "dark")

    def set_theme(self, name: str) -> None:
        """Change the theme, at once."""
        self._remember("theme", name)
        self.theme_changed.emit(name)

    @property
    def device(self) -> str | None:
        """The output device; None is the system's default."""
        return self._preferences.get("device", "") or None

    def set_device(self, name: str | None) -> None:
        """Remember the output device."""
        self._remember("device", name or "")

    @property
    def buffer(self) -> int:
        """How many frames the device is given at once: one of `BUFFERS`."""
        frames = self._preferences.get("buffer", DEFAULT_BUFFER)
        return frames if frames in BUFFERS else DEFAULT_BUFFER

    def set_buffer(self, frames: int) -> None:
        """Remember how many frames the device is given at once."""
        self._remember("buffer", frames)

    @property
    def plays_first_take(self) -> bool:
        """Whether the first take of a job plays by itself."""
        return self._preferences.get("plays_first_take", True)

    def set_plays_first_take(self, on: bool) -> None:
        """Let the first take of a job play by itself, or not."""
        self._remember("plays_first_take", on)
        self.plays_first_take_changed.emit(on)

    @property
    def level_matched(self) -> bool:
        """Whether takes are heard equally loud."""
        return self._preferences.get("level_matched", True)

    def set_level_matched(self, on: bool) -> None:
        """Hear takes equally loud, or as they are."""
        self._remember("level_matched", on)
        self.level_matched_changed.emit(on)

    @property
    def reduced_motion(self) -> bool:
        """Whether little on the screen should move."""
        return self._preferences.get("reduced_motion", False)

    def set_reduced_motion(self, on: bool) -> None:
        """Let little on the screen move, or all that helps."""
        self._remember("reduced_motion", on)
        self.reduced_motion_changed.emit(on)

    @property
    def clock_on(self) -> bool:
        """Whether MIDI clock is sent."""
        return self._preferences.get("clock_on", False)

    def set_clock_on(self, on: bool) -> None:
        """Remember whether MIDI clock is sent."""
        self._remember("clock_on", on)

    @property
    def clock_ports(self) -> "tuple[ClockPort, ...]":
        """The ports that get MIDI clock, each with its delay; at first one of our own."""
        # The theme is wanted long before the clock.
        from acestep_desktop.realtime.clock_client import ClockPort

        try:
            return from_json(tuple[ClockPort, ...], self._preferences.get("clock_ports", None))
        except InvalidValueError:
            return (ClockPort(),)

    def set_clock_ports(self, ports: "Sequence[ClockPort]") -> None:
        """Remember the ports that get MIDI clock."""
        self._remember("clock_ports", to_json(tuple(ports)))

    @property
    def geometry(self) -> bytes:
        """Where the window was, as it told; empty the first time."""
        try:
            return bytes.fromhex(self._preferences.get("geometry", ""))
        except ValueError:
            return b""

    def set_geometry(self, geometry: bytes) -> None:
        """Remember where the window is."""
        self._remember("geometry", geometry.hex())

    @property
    def recent(self) -> list[Path]:
        """Projects that were open, newest first, as far as they still exist."""
        names = self._preferences.get("recent", "").split("\n")
        return [path for name in names if name and (path := Path(name)).is_file()]

    def add_recent(self, path: Path) -> None:
        """Put a project at the top of the recent ones."""
        paths: Sequence[Path] = [path, *(p for p in self.recent if p != path)][:MAX_RECENT]
        self._remember("recent", "\n".join(str(p) for p in paths))
        self.recent_changed.emit(list(paths))

    def _remember(self, name: str, value: Json) -> None:
        try:
            self._preferences.set({name: value})
        except UserError as error:
            self.failed.emit(str(error))
