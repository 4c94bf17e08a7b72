from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.details_dialog import DetailsDialog
from mka1_desktop.viewmodels.details import DetailRow, DetailsModel, DetailsView
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

KIND = DetailRow(label="Kind", value="Chain of answers")
ANSWER = DetailRow(label="Newest answer", value="resp_1", copied="resp_1")


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot, *, text_percent: int = 100) -> None:
        self.list = WishList()
        self.model = DetailsModel(DetailsView(title="Trip plan", rows=(KIND, ANSWER), note="Why it is so."))
        look = make_look(qapp, text_percent=text_percent)
        self.dialog = DetailsDialog(look, self.model, self.list.wishes)
        qtbot.addWidget(self.dialog)
        self.dialog.show()


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Desk:
    return Desk(qapp, qtbot)


def test_it_shows_every_row_and_the_note(desk: Desk) -> None:
    assert desk.dialog.words == (
        "Trip plan", "Kind", "Chain of answers", "Newest answer", "resp_1", "Why it is so.",
    )  # fmt: skip


def test_an_id_is_copied_whole_however_it_is_shown(desk: Desk) -> None:
    long = "conv_" + "5Qd8f7a6" * 24
    desk.model.show(DetailsView(rows=(KIND, DetailRow(label="Conversation", value=long, copied=long))))
    assert "…" in desk.dialog.words[-1]
    (button,) = desk.dialog.copy_buttons
    assert button.accessibleName() == "Copy: Conversation"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.list.asked == [("copy_words", long)]
    assert button.accessibleName() == "Copied"


def test_it_follows_what_happens_and_keeps_the_focus(desk: Desk) -> None:
    desk.dialog.copy_buttons[0].setFocus(Qt.FocusReason.TabFocusReason)
    height = desk.dialog.height()
    desk.model.show(DetailsView(title="Trip plan", rows=(KIND, DetailRow(label="A", value="resp_2", copied="resp_2"))))
    assert desk.dialog.words == ("Trip plan", "Kind", "Chain of answers", "A", "resp_2")
    assert desk.dialog.copy_buttons[0].hasFocus()
    assert desk.dialog.height() < height
    desk.model.show(DetailsView(title="Trip plan", rows=(KIND,)))
    assert desk.dialog.close_button.hasFocus()


def test_markup_in_what_the_service_says_stays_text(desk: Desk) -> None:
    desk.model.show(DetailsView(title="<b>x</b>", rows=(DetailRow(label="Kind", value="<i>y</i>"),), note="<u>z</u>"))
    assert desk.dialog.words == ("<b>x</b>", "Kind", "<i>y</i>", "<u>z</u>")


def test_large_text_makes_it_wider(qapp: QApplication, qtbot: QtBot, desk: Desk) -> None:
    large = Desk(qapp, qtbot, text_percent=150)
    assert large.dialog.width() > desk.dialog.width()


def test_it_closes(desk: Desk) -> None:
    QTest.mouseClick(desk.dialog.close_button, Qt.MouseButton.LeftButton)
    assert not desk.dialog.isVisible()
