"""Verbs: everything that can be done, by name, with its keys and why it may be refused just now."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

TYPING = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)
"""Where a person types, keys that write something do nothing else."""


def never_refused() -> str:
    """Return no reason at all."""
    return ""


@dataclass(frozen=True, slots=True)
class Verb:
    """Something to do. `refusal` returns a sentence that says why not now, or nothing.

    Keys that are not `bound` belong to a menu or to the widget that has the focus:
    they are shown, and left to it.
    """

    name: str
    group: str
    call: Callable[[], object]
    keys: tuple[str, ...] = ()
    refusal: Callable[[], str] = never_refused
    bound: bool = True

    @property
    def shown(self) -> str:
        """The key for a menu or a tooltip: the first one, or nothing."""
        return self.keys[0] if self.keys else ""

    @property
    def keys_text(self) -> str:
        """The keys as they are printed on the keyboard."""
        return ", ".join(
            QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            for keys in self.keys
        )


class VerbBook(QObject):
    """All verbs of the window. `said` carries the reason of a refusal."""

    said = Signal(str)

    def __init__(self, window: QWidget) -> None:
        """Bind the keys of verbs in `window`."""
        super().__init__(window)
        self._window = window
        self._verbs: dict[str, Verb] = {}
        self._writing: list[QShortcut] = []
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._yield_to_typing)

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """All verbs, in the order in which they were added."""
        return tuple(self._verbs.values())

    def add(self, *verbs: Verb) -> None:
        """Enter verbs and bind their keys; a name or a bound key can be entered once."""
        for verb in verbs:
            if verb.name in self._verbs:
                raise ValueError(f'there are two verbs called "{verb.name}"')
            self._verbs[verb.name] = verb
            if verb.bound:
                self._bind(verb)

    def add_actions(self, group: str, actions: Iterable[QAction]) -> None:
        """Enter the actions of a menu as verbs; the menu keeps their keys."""
        for action in actions:
            name = action.text().replace("&", "").partition("\t")[0].rstrip("…")
            if name and not action.isSeparator() and not _opens_menu(action):
                keys = tuple(k.toString() for k in action.shortcuts())
                reason = partial(_refusal_of, action)
                self.add(Verb(name, group, action.trigger, keys, reason, bound=False))

    def run(self, name: str) -> None:
        """Do what this verb says, or say why not."""
        verb = self._verbs[name]
        if reason := verb.refusal():
            self.said.emit(reason)
        else:
            verb.call()

    def _bind(self, verb: Verb) -> None:
        for keys in verb.keys:
            shortcut = QShortcut(QKeySequence(keys), self._window)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(partial(self.run, verb.name))
            if writes(keys):
                self._writing.append(shortcut)

    @Slot(QWidget, QWidget)
    def _yield_to_typing(self, before: QWidget | None, now: QWidget | None) -> None:
        typing = isinstance(now, TYPING)
        for shortcut in self._writing:
            shortcut.setEnabled(not typing)


def writes(keys: str) -> bool:
    """Return whether pressing `keys` in a text would write, move or delete something."""
    combination = QKeySequence(keys)[0]  # type: ignore[index]
    modifiers = combination.keyboardModifiers()
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    key = combination.key()
    is_function_key = Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35
    return not (modifiers & held) and key != Qt.Key.Key_Escape and not is_function_key


def matching(verbs: Sequence[Verb], text: str) -> list[Verb]:
    """Return the verbs that have all words of `text` in their name, group or keys, best first."""
    words = text.casefold().split()
    found = [
        verb
        for verb in verbs
        if all(word in f"{verb.name} {verb.group} {verb.keys_text}".casefold() for word in words)
    ]
    return sorted(found, key=lambda verb: _rank(verb, text.casefold().strip()))


def _rank(verb: Verb, text: str) -> int:
    name = verb.name.casefold()
    if name.startswith(text):
        return 0
    return 1 if f" {text}" in name else 2


def _refusal_of(action: QAction) -> str:
    if action.isEnabled():
        return ""
    return f"{action.text().replace('&', '')}: there is nothing to do that with just now."


def _opens_menu(action: QAction) -> bool:
    """Return whether an action only opens a menu.

    Such an action belongs to its menu. Asking it for the menu itself would let
    PySide delete that menu together with the answer.
    """
    owner = action.parent()
    return isinstance(owner, QMenu) and owner.menuAction() is action
