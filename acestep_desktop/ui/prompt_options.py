"""The options of a prompt: engine, model and task in one row, and a page beside the words."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QWidget

from acestep_desktop.domain.errors import InvalidValueError
from acestep_desktop.domain.request import Request
from acestep_desktop.session.engines import BUILT_IN
from acestep_desktop.session.prompts import Options, PromptShelf
from acestep_desktop.ui.engine_choice import EngineChoice, model_label
from acestep_desktop.ui.prompt_fields import name
from acestep_desktop.ui.task_choice import NEW, REFERENCE, TASKS, TaskChoice

if TYPE_CHECKING:
    from acestep_desktop.session.engine_state import EngineSession, EngineState
    from acestep_desktop.session.sources import SourceSession
    from acestep_desktop.ui.engine_advanced import AdvancedPage
    from acestep_desktop.ui.lyrics_page import LyricsPage
    from acestep_desktop.ui.task_page import TaskPage

ACESTEP: Final = "acestep"
SILENT: Final = "Sketch does not sing: choose ACE-Step to have these lyrics sung."
NO_MODEL: Final = "Sketch has no model: choose ACE-Step to set steps, guidance and LoRA."
_REST_MS: Final = 500
"""How long nothing changes before it is written to the disk."""

_NOT_YET: Final = "The window is still being set up: try again in a moment."
_PAGES: Final = {
    "source": ("Source", "The audio that the task is made from, and its fields"),
    "lyrics": ("Lyrics", "What is sung; empty: instrumental (Ctrl+Shift+L)"),
    "advanced": ("Advanced", "Steps, shift, guidance and LoRA"),
}


class PromptOptions(QWidget):
    """Everything about a request but its words and facts. `side` is the page beside the words.

    `changed` says that something is another; `task_changed` whether music is made from
    audio now, whose length it then has; `state_changed` carries the `EngineState` of
    the engine that is chosen; `page_opened` says that there is a page beside the words.
    The pages come with `furnish`: the window is on the screen before them.
    """

    page_opened = Signal()
    changed = Signal()
    task_changed = Signal(bool)
    state_changed = Signal(object)
    models_wanted = Signal()
    generate_wanted = Signal()
    said = Signal(str)

    def __init__(self, shelf: PromptShelf | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._engines: EngineSession | None = None
        self._source: TaskPage | None = None
        self._lyrics: LyricsPage | None = None
        self._advanced: AdvancedPage | None = None
        self._choice, self._tasks = EngineChoice(), TaskChoice()
        self._pages = {key: _page_button(*words) for key, words in _PAGES.items()}
        self._pages["source"].hide()
        self.side = QStackedWidget()
        self.side.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._choice)
        row.addWidget(self._tasks)
        row.addStretch(1)
        for button in self._pages.values():
            row.addWidget(button)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_REST_MS)
        self._resting.timeout.connect(self.remember)
        self._recall()
        self._show_advanced()
        self._choice.changed.connect(self._change_engine)
        self._choice.models_wanted.connect(self.models_wanted)
        self._tasks.changed.connect(self._change_task)
        for key, button in self._pages.items():
            button.clicked.connect(partial(self._press, key))

    @property
    def engine(self) -> str:
        """The engine that is chosen."""
        return self._choice.engine

    @property
    def task(self) -> str:
        """The key of the task that is chosen."""
        return self._tasks.key

    @property
    def page(self) -> str:
        """Which page is open beside the words; empty for none."""
        return next((key for key, button in self._pages.items() if button.isChecked()), "")

    def furnish(self, engines: "EngineSession", sources: "SourceSession") -> None:
        """Make the pages, and show what the engines can do."""
        from acestep_desktop.ui.engine_advanced import AdvancedPage
        from acestep_desktop.ui.lyrics_page import LyricsPage
        from acestep_desktop.ui.task_page import TaskPage

        self._engines = engines
        self._source, self._lyrics = TaskPage(sources), LyricsPage()
        self._advanced = AdvancedPage()
        for page in (self._source, self._lyrics, self._advanced):
            self.side.addWidget(page)
            page.changed.connect(self.changed)
        kept = Options() if self._shelf is None else self._shelf.options
        self._lyrics.show_lyrics(kept.lyrics, kept.language)
        self._advanced.show_sampling(kept.sampling, kept.adapters)
        self._lyrics.generate_wanted.connect(self.generate_wanted)
        for sentences in (self._source.said, self._advanced.said):
            sentences.connect(self.said)
        self._advanced.changed.connect(self._resting.start)
        engines.state_changed.connect(self.show_state)
        self._change_task()
        self.show_state(engines.state(self.engine))

    def completed(self, request: Request) -> Request:
        """Return `request` with all options; InvalidValueError says what is missing."""
        task_page, lyrics, advanced = self._source, self._lyrics, self._advanced
        if task_page is None or lyrics is None or advanced is None:
            if self.engine == BUILT_IN and self.task == NEW:
                return request
            raise InvalidValueError(_NOT_YET)
        prompt = replace(request.prompt, lyrics=lyrics.lyrics, language=lyrics.language)
        if not lyrics.lyrics:
            prompt = replace(prompt, language="unknown")
        request = replace(
            request, prompt=prompt, task=task_page.task(), reference=task_page.reference()
        )
        if self.task not in (NEW, REFERENCE):
            request = replace(request, bars=None, seconds=None)
        if self.engine == BUILT_IN:
            return request
        return replace(
            request,
            model=self._model(),
            sampling=advanced.sampling,
            adapters=advanced.adapters.adapters,
        )

    def check(self) -> None:
        """Raise InvalidValueError if the engine cannot do the task."""
        if self._engines is not None:
            self._engines.ask_if_troubled(self.engine)
        if reason := self.refusal():
            raise InvalidValueError(reason)

    def refusal(self) -> str:
        """Return why the engine cannot do the task, as far as it is known; empty if it can."""
        if self._engines is None:
            return ""
        return self._engines.state(self.engine).refusal(self._tasks.kind, self._choice.model)

    def send(self, path: Path, task: str, span: tuple[float, float] | None = None) -> None:
        """Choose a task for audio; where the engine cannot do it, the one that might."""
        if self._source is None or self._engines is None:
            self.said.emit(_NOT_YET)
            return
        kind, kept = TASKS[task].kind, self._choice.kept_model
        if self._engines.state(self.engine).refusal(kind, self._choice.model):
            unable = self._engines.state(ACESTEP).refusal(kind, kept)
            self._choice.choose(ACESTEP, None if unable else kept)
        self._tasks.choose(task)
        self._source.look(path, span)
        self.open_page("source")
        self._source.zone.setFocus()

    def open_page(self, page: str) -> None:
        """Open "source", "lyrics" or "advanced" beside the words, or with "" none."""
        for key, button in self._pages.items():
            button.setChecked(key == page)
        self._show_page()

    @Slot()
    def toggle_lyrics(self) -> None:
        """Open the lyrics and let the person write, or fold them away."""
        self.open_page("" if self.page == "lyrics" else "lyrics")
        if self._lyrics is not None and self.page:
            self._lyrics.write()

    def advanced_refusal(self) -> str:
        """Return why there are no fields of a model; empty if there are."""
        return NO_MODEL if self.engine == BUILT_IN else ""

    @Slot()
    def toggle_advanced(self) -> None:
        """Open the fields of the model, or fold them away."""
        self.open_page("" if self.page == "advanced" else "advanced")

    def show_length(self, seconds: float | None) -> None:
        """Say how long the music will be, as far as it is known."""
        if self._lyrics is not None:
            self._lyrics.show_length(seconds)

    @Slot(object)
    def show_state(self, state: "EngineState") -> None:
        """Show what the engine that is chosen can do."""
        if state.engine != self.engine or self._advanced is None or self._lyrics is None:
            return
        self._lyrics.show_singer(SILENT if self.engine == BUILT_IN else "")
        known = state.engine != BUILT_IN and state.is_known
        models = [(m.name, model_label(m.name, m.kind, m.size)) for m in state.models]
        self._choice.show_models(models if known else None)
        self._tasks.show_refusals(partial(state.refusal, model=self._choice.model))
        self._advanced.show_preset(state.preset(self._model()))
        self.state_changed.emit(state)

    def _model(self) -> str | None:
        if self._engines is None or self.engine == BUILT_IN:
            return None
        return self._engines.state(self.engine).model_for(self._tasks.kind, self._choice.model)

    def _recall(self) -> None:
        if self._shelf is not None:
            kept = self._shelf.options
            self._choice.choose(kept.engine or BUILT_IN, kept.model)

    @Slot()
    def remember(self) -> None:
        """Keep what was chosen for the next start."""
        self._resting.stop()
        if self._shelf is None or self._lyrics is None or self._advanced is None:
            return
        options = Options(
            engine=self.engine,
            model=self._choice.kept_model,
            lyrics=self._lyrics.lyrics,
            language=self._lyrics.language,
            sampling=self._advanced.sampling,
            adapters=self._advanced.adapters.adapters,
        )
        self._shelf.keep_options(options)

    def hideEvent(self, event: QHideEvent) -> None:
        if self._resting.isActive():
            self.remember()
        super().hideEvent(event)

    def _show_advanced(self) -> None:
        """Offer the fields of the model where there is a model."""
        has_model = self.engine != BUILT_IN
        self._pages["advanced"].setVisible(has_model)
        if not has_model and self.page == "advanced":
            self.open_page("")

    @Slot()
    def _change_engine(self) -> None:
        self._show_advanced()
        if self._engines is not None:
            self._engines.ask_if_troubled(self.engine)
            state = self._engines.state(self.engine)
            if state.refusal(self._tasks.kind, self._choice.model):
                self._tasks.choose(NEW)
            self.show_state(state)
        self.remember()
        self.changed.emit()

    @Slot()
    def _change_task(self) -> None:
        has_page = self._tasks.key != NEW
        self._pages["source"].setVisible(has_page)
        if self._source is not None:
            self._source.show_task(self._tasks.key)
        self.task_changed.emit(self._tasks.key not in (NEW, REFERENCE))
        if has_page:
            self.open_page("source")
        elif self.page == "source":
            self.open_page("")
        if self._engines is not None:
            self.show_state(self._engines.state(self.engine))
        self.changed.emit()

    def _press(self, page: str) -> None:
        self.open_page(page if self._pages[page].isChecked() else "")

    def _show_page(self) -> None:
        pages = {"source": self._source, "lyrics": self._lyrics, "advanced": self._advanced}
        page = pages.get(self.page)
        if page is not None:
            self.side.setCurrentWidget(page)
        self.side.setVisible(page is not None)
        if page is not None:
            self.page_opened.emit()


def _page_button(title: str, tip: str) -> QPushButton:
    button = QPushButton(title)
    button.setCheckable(True)
    name(button, title, tip)
    return button
