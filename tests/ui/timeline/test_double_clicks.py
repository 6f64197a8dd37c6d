"""Double clicks: on a clip's name, on its waveform, and beside it."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from acestep_desktop.ui.timeline.inline_name import InlineName
from tests.ui.timeline.conftest import KICK, TAKE, Stage

LEFT = Qt.MouseButton.LeftButton


def name_field(stage: Stage) -> InlineName:
    (field,) = stage.view.canvas.findChildren(InlineName)
    return field


def double_click(stage: Stage, seconds: float, y: int) -> None:
    QTest.mouseDClick(stage.view.canvas, LEFT, pos=stage.point(seconds, y=y))


def test_a_double_click_on_a_clips_name_lets_it_be_typed_anew(stage: Stage) -> None:
    double_click(stage, 1, 8)
    assert name_field(stage).text() == "Kick"
    QTest.keyClicks(name_field(stage), "Bass drum")
    QTest.keyClick(name_field(stage), Qt.Key.Key_Return)
    assert stage.clip(KICK).name == "Bass drum"
    assert stage.labels == ["Rename clip"]
    assert not name_field(stage).isVisible()


def test_esc_forgets_the_name_that_was_typed(stage: Stage) -> None:
    stage.view.editor.select([KICK])
    stage.key(Qt.Key.Key_F2)
    QTest.keyClicks(name_field(stage), "s0mething")
    QTest.keyClick(name_field(stage), Qt.Key.Key_Escape)
    assert (stage.clip(KICK).name, stage.labels) == ("Kick", [])


def test_keys_do_nothing_else_while_a_name_is_typed(stage: Stage) -> None:
    double_click(stage, 1, 8)
    QTest.keyClicks(name_field(stage), "sm0k")
    assert stage.labels == []
    assert not any(track.muted for track in stage.project.tracks)


def test_a_double_click_on_the_waveform_wishes_to_see_the_take(stage: Stage) -> None:
    wanted: list[str] = []
    stage.view.take_wanted.connect(wanted.append)
    double_click(stage, 1, 40)
    assert wanted == [TAKE]


def test_a_menu_says_why_a_verb_cannot_be_done(stage: Stage) -> None:
    stage.view.editor.clear()
    menu = stage.view.menus.of_empty(0)
    paste = next(a for a in menu.actions() if a.text().startswith("Paste"))
    assert not paste.isEnabled()
    assert paste.toolTip().startswith("Nothing is copied yet")
