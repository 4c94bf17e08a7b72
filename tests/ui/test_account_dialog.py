"""The key dialog: the key goes out once, a refused one stays, where it is kept is said, the demo needs none."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.account_dialog import AccountDialog
from mka1_desktop.viewmodels.account import AccountModel, AccountView
from tests.support.look import make_look
from tests.support.ui_samples import Asked

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen has no window manager

KEY = "mk-test-1234567890"
URL = "https://gw.example"


class Desk:
    def __init__(self, qtbot: QtBot, app: QApplication) -> None:
        self.asked = Asked()
        self.look = make_look(app, reduced=True)
        self.account = AccountModel(AccountView(base_url=URL))
        self.dialog = AccountDialog(
            self.look, self.account, self.asked.wishes, delete_key=self.asked.wish("delete_key")
        )
        qtbot.addWidget(self.dialog)
        self.account.setParent(self.dialog)
        self.dialog.show()
        qtbot.waitExposed(self.dialog)
        self.dialog.activateWindow()

    def type_key(self, key: str = KEY) -> None:
        QTest.keyClicks(self.dialog.key_field.edit, key)

    def click(self, part: QWidget) -> None:
        QTest.mouseClick(part, Qt.MouseButton.LeftButton)


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Desk:
    return Desk(qtbot, qapp)


def test_a_key_is_masked_and_can_be_shown(desk: Desk) -> None:
    field = desk.dialog.key_field
    assert not field.show_button.isVisible()
    desk.type_key()
    assert field.edit.echoMode() is QLineEdit.EchoMode.Password
    assert KEY not in field.edit.displayText()
    desk.click(field.show_button)
    assert field.revealed
    assert field.show_button.accessibleName() == "Hide the key"
    desk.click(field.show_button)
    assert not field.revealed


def test_nothing_is_sent_while_the_field_is_empty(desk: Desk) -> None:
    assert not desk.dialog.check_button.isEnabled()
    QTest.keyClick(desk.dialog.key_field.edit, Qt.Key.Key_Return)
    desk.type_key("   ")
    QTest.keyClick(desk.dialog.key_field.edit, Qt.Key.Key_Return)
    assert desk.asked.asked == []


def test_enter_sends_the_key_and_a_good_one_leaves_the_window(desk: Desk) -> None:
    desk.type_key()
    QTest.keyClick(desk.dialog.key_field.edit, Qt.Key.Key_Return)
    assert desk.asked.asked == [("key_entered", KEY)]
    desk.account.show(AccountView(state="checking", base_url=URL))
    assert not desk.dialog.check_button.isEnabled()
    assert desk.dialog.sentence == "Checking the key…"
    assert desk.dialog.key_field.edit.isReadOnly()
    QTest.keyClick(desk.dialog.key_field.edit, Qt.Key.Key_Return)
    assert len(desk.asked.asked) == 1
    desk.account.show(AccountView(state="stored", backend="GNOME Keyring", base_url=URL))
    assert desk.dialog.key_field.edit.text() == ""
    assert desk.dialog.sentence == "The key works"
    assert "GNOME Keyring" in desk.dialog.place_sentence
    assert desk.dialog.isVisible()


def test_a_refused_key_stays_with_the_sentence(desk: Desk) -> None:
    desk.type_key()
    desk.click(desk.dialog.check_button)
    desk.account.show(AccountView(state="checking", base_url=URL))
    desk.account.show(AccountView(state="refused", sentence="The service did not accept your key.", base_url=URL))
    assert desk.dialog.key_field.edit.text() == KEY
    assert desk.dialog.sentence == "The service did not accept your key."
    assert desk.dialog.key_field.edit.hasFocus()
    assert desk.dialog.check_button.isEnabled()
    assert not desk.dialog.key_field.edit.isReadOnly()


def test_without_a_keyring_the_window_says_so(desk: Desk) -> None:
    desk.account.show(AccountView(state="memory", base_url=URL))
    assert "until you close" in desk.dialog.sentence
    assert "No keyring" in desk.dialog.place_sentence


def test_paste_takes_the_clipboard_without_line_ends(desk: Desk) -> None:
    QGuiApplication.clipboard().setText(f"  Bearer {KEY}\r\n")
    desk.click(desk.dialog.paste_button)
    assert desk.dialog.key_field.edit.text() == f"Bearer {KEY}"
    assert desk.dialog.check_button.isEnabled()
    QGuiApplication.clipboard().clear()


def test_a_huge_clipboard_is_cut(desk: Desk) -> None:
    QGuiApplication.clipboard().setText("k" * 1_000_000)
    desk.click(desk.dialog.paste_button)
    assert len(desk.dialog.key_field.edit.text()) <= 1000
    QGuiApplication.clipboard().clear()


def test_address_and_end_user_are_asked_for_before_the_key(desk: Desk) -> None:
    desk.click(desk.dialog.disclosure)
    assert desk.dialog.fields.isVisible()
    url, owner = desk.dialog.fields.url.edit, desk.dialog.fields.owner.edit
    url.setText("")
    QTest.keyClicks(url, "https://other.example/v2")
    QTest.keyClicks(owner, "customer-7")
    desk.type_key()
    desk.click(desk.dialog.check_button)
    assert desk.asked.asked == [
        ("set_setting", "connection.base_url", "https://other.example/v2"),
        ("set_setting", "connection.on_behalf_of", "customer-7"),
        ("key_entered", KEY),
    ]


def test_a_wrong_address_is_said_and_nothing_is_sent(desk: Desk) -> None:
    desk.click(desk.dialog.disclosure)
    url = desk.dialog.fields.url.edit
    url.setText("")
    QTest.keyClicks(url, "http://gw.example")
    assert "https://" in desk.dialog.fields.problem
    desk.type_key()
    desk.click(desk.dialog.disclosure)
    desk.click(desk.dialog.check_button)
    assert desk.asked.asked == []
    assert desk.dialog.fields.isVisible()  # opened again: the trouble is in there


def test_the_demo_closes_the_dialog(desk: Desk) -> None:
    desk.click(desk.dialog.demo_button)
    assert desk.asked.asked == [("use_demo",)]
    assert not desk.dialog.isVisible()


def test_deleting_the_key_asks_first(desk: Desk) -> None:
    assert not desk.dialog.delete_button.isVisible()
    desk.account.show(AccountView(state="stored", backend="KWallet", base_url=URL))
    desk.click(desk.dialog.delete_button)
    assert desk.dialog.asking is not None
    desk.click(desk.dialog.asking.no_button)
    assert desk.asked.asked == []
    desk.click(desk.dialog.delete_button)
    assert desk.dialog.asking is not None
    desk.click(desk.dialog.asking.yes_button)
    assert desk.asked.asked == [("delete_key",)]


def test_close_and_escape_leave_everything_as_it_is(desk: Desk) -> None:
    desk.type_key()
    desk.click(desk.dialog.close_button)
    assert not desk.dialog.isVisible()
    assert desk.asked.asked == []
    desk.dialog.show()
    QTest.keyClick(desk.dialog, Qt.Key.Key_Escape)
    assert not desk.dialog.isVisible()


def test_hostile_sentences_are_shown_as_text(desk: Desk) -> None:
    desk.account.show(AccountView(state="refused", sentence="<img src=x> <b>no</b>", base_url=URL))
    assert desk.dialog.sentence == "<img src=x> <b>no</b>"
    assert not desk.dialog.grab().isNull()


@pytest.mark.parametrize("width", [380, 480, 640])
def test_nothing_is_cut_off_at_any_width(desk: Desk, width: int) -> None:
    desk.account.show(AccountView(state="stored", backend="GNOME Keyring", base_url=URL))
    desk.dialog.resize(width, desk.dialog.sizeHint().height())
    QApplication.processEvents()
    for part in (
        desk.dialog.close_button,
        desk.dialog.check_button,
        desk.dialog.delete_button,
        desk.dialog.demo_button,
    ):
        assert part.width() >= part.sizeHint().width() - 1
        assert part.mapTo(desk.dialog, part.rect().topRight()).x() < width
