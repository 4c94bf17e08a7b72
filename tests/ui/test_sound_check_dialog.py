"""The sound check's window: what it shows, and what a click wishes."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.peak_meter import STEPS
from mka1_desktop.ui.sound_check_dialog import SoundCheckDialog
from mka1_desktop.viewmodels.sound_check import (
    BARS,
    Activity,
    Bar,
    CheckWishes,
    FigureView,
    SoundCheckModel,
    SoundCheckView,
    VerdictView,
    no_figures,
)
from tests.support.look import make_look

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

VERDICT = VerdictView(
    sentence="Headphones are better here.", more="So it is.", good=False, icon="headphones", action="talk_key",
    action_label="Use the talk key",
)  # fmt: skip


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot, *, text_percent: int = 100) -> None:
        self.asked: list[str] = []
        wishes = CheckWishes(**{f.name: self._recorder(f.name) for f in fields(CheckWishes)})
        self.model = SoundCheckModel(SoundCheckView(microphone="Yeti", speaker="Speakers", figures=no_figures()))
        look = make_look(qapp, text_percent=text_percent, reduced=True)
        self.dialog = SoundCheckDialog(look, self.model, wishes)
        qtbot.addWidget(self.dialog)
        self.model.setParent(self.dialog)
        self.dialog.show()

    def _recorder(self, name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return lambda: self.asked.append(name)

    def show(self, **changes: object) -> None:
        self.model.show(replace(self.model.view, **changes))  # type: ignore[arg-type]

    def click(self, button: QAbstractButton) -> list[str]:
        self.asked.clear()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        return list(self.asked)


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Desk:
    return Desk(qapp, qtbot)


def test_opening_wishes_nothing(desk: Desk) -> None:
    assert desk.asked == []
    assert desk.dialog.meter.lit == 0
    assert desk.dialog.verdict.words[0] == "The check takes eight seconds."


def test_each_button_is_one_wish(desk: Desk) -> None:
    dialog = desk.dialog
    assert desk.click(dialog.hear_button) == ["hear_yourself"]
    assert desk.click(dialog.tone_button) == ["tone"]
    assert desk.click(dialog.level_button) == ["level"]
    assert desk.click(dialog.start_button) == ["check"]
    assert dialog.start_button.accessibleName() == "Start the check"


def test_while_it_checks_only_cancel_and_close_are_left(desk: Desk) -> None:
    dialog = desk.dialog
    dialog.start_button.setFocus()
    desk.show(activity=Activity.CHECK, stage="Now three rising tones.", bars=(Bar(0.8, 0.2),) * 10)
    assert dialog.said == "Now three rising tones."
    assert len(dialog.trace.bars) == 10 < BARS
    for button in (dialog.hear_button, dialog.tone_button, dialog.level_button):
        assert not button.isEnabled()
        assert desk.click(button) == []
    assert not dialog.start_button.isVisible()
    assert dialog.cancel_button.hasFocus(), "the keyboard is not lost"
    assert desk.click(dialog.cancel_button) == ["stop"]


def test_what_was_found_and_what_to_do(desk: Desk) -> None:
    figures = (FigureView(label="Room noise", value="−52 dB", words="quiet room", mark="good"), *no_figures()[1:])
    desk.show(figures=figures, verdict=VERDICT)
    dialog = desk.dialog
    assert dialog.figures.cards[0].accessibleName() == "Room noise: −52 dB, quiet room"
    assert dialog.verdict.words == ("Headphones are better here.", "So it is.")
    assert dialog.verdict.button.text() == "Use the talk key"
    assert desk.click(dialog.verdict.button) == ["act"]
    assert not dialog.start_button.isVisible()
    assert desk.click(dialog.again_button) == ["check"]
    desk.show(verdict=replace(VERDICT, action="", action_label=""))
    assert not dialog.verdict.button.isVisible()


def test_what_runs_can_be_ended_with_its_own_button(desk: Desk) -> None:
    dialog = desk.dialog
    for activity, button, words in (
        (Activity.RECORDING, dialog.hear_button, "Enough"),
        (Activity.PLAYING, dialog.hear_button, "Stop"),
        (Activity.TONE, dialog.tone_button, "Stop"),
        (Activity.LEVEL, dialog.level_button, "Stop"),
    ):
        desk.show(activity=activity)
        assert button.text() == words
        assert button.isEnabled()
    assert dialog.hear_button.text() == "Hear yourself"


def test_the_meter_shows_level_peak_and_clipping(desk: Desk) -> None:
    desk.show(activity=Activity.LEVEL, level=0.5, peak=0.75)
    meter = desk.dialog.meter
    assert (meter.lit, meter.peak, meter.clipped) == (STEPS // 2, STEPS * 3 // 4, False)
    desk.show(clipped=True)
    assert meter.clipped
    assert desk.dialog.said == "Too loud: the microphone is cut off."
    desk.show(activity=Activity.NONE, level=None, peak=None, clipped=False)
    assert (meter.lit, meter.peak) == (0, 0)


def test_a_live_session_comes_first(desk: Desk) -> None:
    desk.show(blocked=True)
    dialog = desk.dialog
    assert dialog.verdict.words[0] == "End the session first."
    for button in (dialog.hear_button, dialog.tone_button, dialog.level_button, dialog.start_button):
        assert not button.isEnabled()
    assert desk.click(dialog.verdict.button) == ["end_session"]
    desk.show(blocked=False)
    assert dialog.start_button.isEnabled()


def test_a_problem_is_said(desk: Desk) -> None:
    desk.show(problem="There is no microphone. You can type.")
    assert desk.dialog.said == "There is no microphone. You can type."
    desk.show(problem="", note="Your voice has a good level.")
    assert desk.dialog.said == "Your voice has a good level."


def test_nothing_jumps_while_it_checks(desk: Desk) -> None:
    before = desk.dialog.size()
    desk.show(activity=Activity.CHECK, stage="Please be quiet for a moment.", level=0.2, peak=0.3)
    desk.show(stage="Now three rising tones.", bars=(Bar(0.8, 0.2),) * BARS)
    assert desk.dialog.size() == before


@pytest.mark.parametrize("text_percent", [80, 150, 200])
def test_everything_has_room_at_every_text_size(qapp: QApplication, qtbot: QtBot, text_percent: int) -> None:
    desk = Desk(qapp, qtbot, text_percent=text_percent)
    desk.show(verdict=VERDICT, note="Your voice has a good level.")
    dialog = desk.dialog
    tools = (dialog.hear_button, dialog.tone_button, dialog.level_button, dialog.meter)
    for one, other in pairwise(tools):
        assert one.geometry().right() < other.geometry().left()
    assert dialog.verdict.geometry().bottom() < dialog.hear_button.geometry().top()
    assert dialog.rect().contains(dialog.close_button.geometry())


def test_it_closes(desk: Desk) -> None:
    assert desk.click(desk.dialog.close_button) == []
    assert not desk.dialog.isVisible()
