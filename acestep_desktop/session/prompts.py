"""Prompts to come back to: those that were used, and presets with a name."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from acestep_desktop.domain.codec import Json, from_json, loads, to_json
from acestep_desktop.domain.errors import InvalidValueError, UserError
from acestep_desktop.domain.request import Adapter, Sampling
from acestep_desktop.domain.resources import read_resource
from acestep_desktop.library.preferences import Preferences

__all__ = ["Options", "Preset", "PromptShelf"]

MAX_HISTORY: Final = 100
MAX_PRESETS: Final = 200


@dataclass(frozen=True, slots=True)
class Preset:
    """An idea with a name; fields that are None are left to the words."""

    name: str
    words: str
    bars: int | None = None
    seconds: float | None = None
    bpm: float | None = None
    key: str | None = None
    meter: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What was chosen beside the words, to be found again at the next start."""

    engine: str = ""
    model: str | None = None
    lyrics: str = ""
    language: str = "unknown"
    sampling: Sampling = Sampling()
    adapters: tuple[Adapter, ...] = ()


class PromptShelf(QObject):
    """Remembers prompts, options and presets in a file of its own. `failed` carries a sentence."""

    changed = Signal()
    failed = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = Preferences(folder / "prompts.json")

    @property
    def history(self) -> tuple[str, ...]:
        """The prompts that were used, newest first."""
        rows: Json = self._file.get("history", None)
        return tuple(str(row) for row in rows) if isinstance(rows, list) else ()

    def remember(self, words: str) -> None:
        """Note that a prompt was used."""
        words = words.strip()
        if words:
            history: list[Json] = [words, *(old for old in self.history if old != words)]
            self._remember("history", history[:MAX_HISTORY])

    @property
    def presets(self) -> tuple[Preset, ...]:
        """The program's presets, then the person's own."""
        return (*built_in_presets(), *self.own)

    def save(self, preset: Preset) -> None:
        """Keep a preset; an own one of the same name is replaced."""
        name = " ".join(preset.name.split())[:60]
        if not name:
            self.failed.emit("A preset needs a name. Type one.")
            return
        others = [own for own in self.own if own.name != name]
        kept = [*others, replace(preset, name=name)][-MAX_PRESETS:]
        self._remember("presets", [dict(asdict(own)) for own in kept])

    def delete(self, name: str) -> None:
        """Forget one of the person's own presets."""
        kept = [own for own in self.own if own.name != name]
        self._remember("presets", [dict(asdict(own)) for own in kept])

    @property
    def options(self) -> Options:
        """What was chosen the last time."""
        try:
            return from_json(Options, self._file.get("options", None), where="options")
        except InvalidValueError:
            return Options()

    def keep_options(self, options: Options) -> None:
        """Remember what was chosen."""
        if options != self.options:
            self._remember("options", to_json(options))

    @property
    def offers_model(self) -> bool:
        """Whether a model may still be offered to whoever has none."""
        return self._file.get("offers_model", True)

    def dismiss_offer(self) -> None:
        """Offer no model any more."""
        self._remember("offers_model", False)

    @property
    def own(self) -> tuple[Preset, ...]:
        """The person's own presets."""
        rows: Json = self._file.get("presets", None)
        return _presets(rows if isinstance(rows, list) else [])

    def _remember(self, name: str, value: Json) -> None:
        try:
            self._file.set({name: value})
        except UserError as error:
            self.failed.emit(str(error))
        self.changed.emit()


def built_in_presets() -> tuple[Preset, ...]:
    """Return the presets that come with the program."""
    rows = loads(read_resource("presets.json"))
    return _presets(rows if isinstance(rows, list) else [])


def _presets(rows: list[Json]) -> tuple[Preset, ...]:
    found = []
    for row in rows:
        try:
            found.append(from_json(Preset, row, where="preset"))
        except InvalidValueError:
            continue  # a file that was edited by hand: the rest of it still holds
    return tuple(found)
