"""Commands: all verbs of the window in one book, with the palette and the sheet of keys."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow, QMenu

from acestep_desktop.session.library import StoredTake
from acestep_desktop.session.sessions import Sessions
from acestep_desktop.ui.clip_tasks import ClipTasks
from acestep_desktop.ui.desk import Desk
from acestep_desktop.ui.help import HelpSheet
from acestep_desktop.ui.palette import CommandPalette
from acestep_desktop.ui.strip import StripMode
from acestep_desktop.ui.strip_transport import StripTransport
from acestep_desktop.ui.take_actions import SEND, SENDABLE
from acestep_desktop.ui.theme import THEMES
from acestep_desktop.ui.timeline.panel import TimelinePanel
from acestep_desktop.ui.transport_bar import TransportBar
from acestep_desktop.ui.verbs import Verb, VerbBook

NONE_CHOSEN: Final = "No take is selected: click one in the list first."
NO_TAKE: Final = "There is no take yet: write an idea and press Ctrl+Enter."


class Commands(QObject):
    """Binds the keys of the window. `said` carries why a verb is refused."""

    said = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        sessions: Sessions,
        desk: Desk,
        bar: TransportBar,
        timeline: TimelinePanel,
        menus: Sequence[QMenu],
    ) -> None:
        super().__init__(window)
        whole = (bar, timeline, desk.library, window.menuBar())
        small = StripTransport(sessions.transport, sessions.document)
        self.strip = StripMode(window, desk.prompt, desk.tray, small, whole)
        self._sessions, self._desk, self._bar = sessions, desk, bar
        self.book = VerbBook(window)
        self.book.said.connect(self.said)
        self.palette = CommandPalette(self.book, window)
        self.sheet = HelpSheet(self.book, window)
        self.book.add(*self._of_prompt(), *self._of_takes(), *self._of_transport())
        self.book.add(*self._of_library(), *self._of_window())
        for menu in menus:
            self.book.add_actions(menu.title().replace("&", ""), menu.actions())
        self.book.add(Verb("Follow the playhead", "View", timeline.toggle_follow, ("Shift+F",)))
        self.clip_tasks = ClipTasks(sessions, desk.prompt, timeline, self)
        self.clip_tasks.said.connect(self.said)
        self.book.add(*self.clip_tasks.verbs)
        self.book.add(*timeline.verbs)

    def _of_prompt(self) -> tuple[Verb, ...]:
        prompt = self._desk.prompt
        return (
            Verb("Generate", "Prompt", prompt.generate, ("Ctrl+G",)),
            Verb("Generate while typing", "Prompt", prompt.generate, ("Ctrl+Return",), bound=False),
            Verb("Cancel, or fall silent", "Prompt", self._desk.escape, ("Esc",)),
            Verb("Cancel all jobs", "Prompt", self._sessions.jobs.cancel_all),
            Verb("Write the prompt", "Prompt", prompt.focus_words, ("G",)),
            Verb("Dice: an idea by chance", "Prompt", prompt.roll, ("Ctrl+R",)),
            Verb("Lyrics", "Prompt", prompt.options.toggle_lyrics, ("Ctrl+Shift+L",)),
            Verb(
                "Advanced: steps and LoRA",
                "Prompt",
                prompt.options.toggle_advanced,
                (),
                prompt.options.advanced_refusal,
            ),
            Verb("Unload the engine", "Prompt", self._unload, (), self._unloaded),
            Verb("Queue", "Prompt", self._desk.queue.show, ("Ctrl+J",)),
            Verb("Older prompt", "Prompt", prompt.recall_older, ("Alt+Up",), bound=False),
            Verb("Newer prompt", "Prompt", prompt.recall_newer, ("Alt+Down",), bound=False),
        )

    def _of_takes(self) -> tuple[Verb, ...]:
        tray, no_take = self._desk.tray, self._no_take
        numbers = tuple(
            Verb(f"Play take {number}", "Takes", partial(tray.play_number, number), (str(number),))
            for number in range(1, 10)
        )
        return (
            *numbers,
            Verb("A/B: the take before", "Takes", tray.swap, ("B",)),
            Verb("Star the take", "Takes", self._star, ("Alt+S",), self._no_take),
            Verb("More like this take", "Takes", self._more, ("Ctrl+M",), self._no_take),
            *(
                Verb(f"{SEND}: {title.rstrip('…')}", "Takes", partial(self._send, key), (), no_take)
                for key, title in SENDABLE.items()
            ),
            Verb("Copy the take's file", "Takes", self._copy, ("Ctrl+Shift+C",), self._no_take),
            Verb("Reveal the take's file", "Takes", self._reveal, (), self._no_take),
            Verb("Same level for all takes", "Takes", tray.toggle_level),
            Verb("Play first takes by themselves", "Takes", tray.toggle_first),
        )

    def _of_transport(self) -> tuple[Verb, ...]:
        transport = self._sessions.transport
        return (
            Verb("Play or stop", "Transport", self._desk.play_or_stop, ("Space",)),
            Verb("Play or stop the project", "Transport", transport.toggle, ("Shift+Space",)),
            Verb("Loop", "Transport", self._bar.toggle_loop, ("L",), self._bar.loop_refusal),
            Verb("Tap the tempo", "Transport", self._bar.tap, ("Ctrl+Space",)),
            Verb("Metronome", "Transport", self._bar.toggle_metronome, ("K",)),
        )

    def _of_library(self) -> tuple[Verb, ...]:
        library = self._desk.library
        actions = self._desk.actions
        own: tuple[tuple[str, str, Callable[[list[StoredTake]], None]], ...] = (
            ("Rename", "F2", lambda takes: actions.ask_title(takes[0])),
            ("Copy files", "Ctrl+C", actions.copy),
            ("Trash", "Delete", library.trash),
            ("Star", "S", actions.star),
        )
        return (
            Verb("Search takes", "Library", library.focus_search, ("Ctrl+F",)),
            Verb("Show or hide filters", "Library", library.toggle_filters, ("Ctrl+Shift+F",)),
            *(
                Verb(
                    f"{name} (in the list)",
                    "Library",
                    partial(self._do_with_chosen, call),
                    (key,),
                    self._none_chosen,
                    bound=False,
                )
                for name, key, call in own
            ),
        )

    def _of_window(self) -> tuple[Verb, ...]:
        settings = self._sessions.settings
        themes = tuple(
            Verb(f"{label} theme", "Window", partial(settings.set_theme, name))
            for name, label in THEMES.items()
        )
        return (
            Verb("Strip on top of everything", "Window", self.strip.toggle, ("F11",)),
            Verb("Commands", "Window", self.palette.open_empty, ("Ctrl+K",)),
            Verb("Keys and gestures", "Window", self.sheet.open_whole, ("?", "F1")),
            *themes,
        )

    def _do_with_chosen(self, call: Callable[[list[StoredTake]], None]) -> None:
        call(self._desk.library.selected())

    def _none_chosen(self) -> str:
        return "" if self._desk.library.selected() else NONE_CHOSEN

    def _no_take(self) -> str:
        return "" if self._desk.tray.current() is not None else NO_TAKE

    def _send(self, task: str) -> None:
        if take := self._desk.tray.current():
            self._desk.send(take, task)

    def _unload(self) -> None:
        self._sessions.engines.unload(self._desk.prompt.engine)

    def _unloaded(self) -> str:
        state = self._sessions.engines.state(self._desk.prompt.engine)
        if state.busy:
            return "The engine is at work: cancel its job first, or wait for it."
        return "" if state.memory_bytes else "The engine holds no memory."

    def _star(self) -> None:
        if take := self._desk.tray.current():
            self._desk.actions.star([take])

    def _more(self) -> None:
        if take := self._desk.tray.current():
            self._desk.actions.more_like(take)

    def _copy(self) -> None:
        if take := self._desk.tray.current():
            self._desk.actions.copy([take])

    def _reveal(self) -> None:
        if take := self._desk.tray.current():
            self._desk.actions.reveal(take)
