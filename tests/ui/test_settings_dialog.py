"""The settings dialog: every kind of control asks for its change, refuses what is out of range, and can go back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.domain.settings import BY_KEY, TABLE, Settings
from mka1_desktop.ui.combo import Combo
from mka1_desktop.ui.key_field import KeyField
from mka1_desktop.ui.segments import Segments
from mka1_desktop.ui.settings_dialog import SettingsDialog
from mka1_desktop.ui.settings_rows import SettingRow
from mka1_desktop.ui.slider import AmountSlider
from mka1_desktop.ui.switch import Switch
from mka1_desktop.viewmodels.settings import Choice, SettingsModel
from tests.support.look import make_look
from tests.support.ui_samples import Asked

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen has no window manager

ALL = frozenset(BY_KEY)


class Desk:
    """The dialog over a model that takes every change, as the app does."""

    def __init__(self, qtbot: QtBot, app: QApplication, *, shown: frozenset[str] = ALL) -> None:
        QLocale.setDefault(QLocale("en_GB"))
        self.qtbot = qtbot
        self.look = make_look(app, reduced=True)
        self.asked = Asked()
        self.model = SettingsModel()
        offers = {"audio.microphone": [Choice("", "Follow the system"), Choice("m1", "Desk microphone")]}
        self.dialog = SettingsDialog(self.look, self.model, self.asked.wishes, shown=shown, offers=offers)
        qtbot.addWidget(self.dialog)
        self.model.setParent(self.dialog)
        self.dialog.show()
        qtbot.waitExposed(self.dialog)
        self.dialog.activateWindow()

    def row(self, key: str) -> SettingRow:
        self.dialog.show_page(BY_KEY[key].page)
        QApplication.processEvents()
        return self.dialog.row(key)

    def part(self, key: str, kind: type[QWidget]) -> QWidget:
        found = self.row(key).findChild(kind)
        assert isinstance(found, kind)
        return found

    def changes(self) -> list[tuple[object, ...]]:
        return [entry[1:] for entry in self.asked.asked if entry[0] == "set_setting"]

    def take(self) -> None:
        """Do what the app does with the newest change."""
        key, raw = self.changes()[-1]
        self.model.show(self.model.view.replaced(str(key), BY_KEY[str(key)].parse(raw)))


@pytest.fixture
def desk(qtbot: QtBot, qapp: QApplication) -> Desk:
    return Desk(qtbot, qapp)


def test_only_settings_that_do_something_are_offered(qtbot: QtBot, qapp: QApplication) -> None:
    desk = Desk(qtbot, qapp, shown=frozenset({"talk.key", "look.theme"}))
    assert [section.page.name for section in desk.dialog.sections] == ["General", "Talking"]
    with pytest.raises(KeyError):
        desk.dialog.row("quick_ask.key")


def test_every_row_can_be_seen_and_shows_its_default(desk: Desk) -> None:
    for row in TABLE:
        shown = desk.row(row.key)
        assert shown.isVisible(), row.key
        assert not shown.changed_from_default, row.key
        assert not shown.reset_button.isVisible(), row.key


def test_a_switch_counts_at_once_and_can_go_back(desk: Desk) -> None:
    switch = desk.part("audio.echo_cancellation", Switch)
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert desk.changes() == [("audio.echo_cancellation", False)]
    desk.take()
    row = desk.row("audio.echo_cancellation")
    assert row.reset_button.isVisible()
    QTest.mouseClick(row.reset_button, Qt.MouseButton.LeftButton)
    assert desk.changes()[-1] == ("audio.echo_cancellation", True)
    desk.take()
    assert not row.reset_button.isVisible()
    switch.setFocus()
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert desk.changes()[-1] == ("audio.echo_cancellation", False)


def test_numbers_count_after_enter_and_wrong_ones_are_answered_with_the_range(desk: Desk) -> None:
    field = desk.part("talk.tail_ms", QLineEdit)
    row = desk.row("talk.tail_ms")
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "99999")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert row.problem == "Type a whole number from 0 to 2000 ms."
    assert desk.changes() == []
    field.selectAll()
    QTest.keyClicks(field, "300")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert row.problem == ""
    assert desk.changes() == [("talk.tail_ms", "300")]
    desk.take()
    assert row.changed_from_default


def test_typed_text_counts_after_a_pause_too(desk: Desk) -> None:
    field = desk.part("assistant.model", QLineEdit)
    field.setFocus()
    assert isinstance(field, QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, "mka1:fast")
    assert desk.changes() == []
    desk.qtbot.waitUntil(lambda: desk.changes() == [("assistant.model", "mka1:fast")], timeout=3000)


def test_resetting_clears_what_was_typed_wrong(desk: Desk) -> None:
    field = desk.part("talk.tail_ms", QLineEdit)
    row = desk.row("talk.tail_ms")
    field.setFocus()
    QTest.keyClicks(field, "x")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert row.problem
    row.reset()
    assert row.problem == ""
    assert isinstance(field, QLineEdit)
    assert field.text() == "200"


def test_a_paragraph_counts_when_the_focus_leaves(desk: Desk) -> None:
    editor = desk.part("assistant.instructions", QPlainTextEdit)
    editor.setFocus()
    QTest.keyClicks(editor, "Be brief.")
    desk.dialog.search_field.edit.setFocus()
    assert desk.changes() == [("assistant.instructions", "Be brief.")]


def test_a_list_and_segments_and_a_slider(desk: Desk) -> None:
    combo = desk.part("talk.mode", Combo)
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert desk.changes()[-1] == ("talk.mode", "hold")
    slider = desk.part("audio.volume", AmountSlider)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert desk.changes()[-1] == ("audio.volume", 105)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=slider.rect().center())
    assert desk.changes()[-1] == ("audio.volume", 75)


def test_segments_are_chosen_by_click_and_by_arrows(qtbot: QtBot, qapp: QApplication) -> None:
    look = make_look(qapp)
    segments = Segments(look, "Patience", [Choice("s", "Short"), Choice("m", "Normal"), Choice("l", "Long")])
    qtbot.addWidget(segments)
    taken: list[str] = []
    segments.chosen.connect(taken.append)
    segments.set_value("m")
    segments.show()
    qtbot.waitExposed(segments)
    segments.activateWindow()
    QApplication.processEvents()
    assert (segments.value, taken) == ("m", [])
    QTest.mouseClick(segments.button("l"), Qt.MouseButton.LeftButton)
    assert taken == ["l"]
    QTest.keyClick(segments.button("l"), Qt.Key.Key_Left)
    assert segments.value == "m"
    assert taken == ["l", "m"]
    assert segments.button("s").accessibleName() == "Patience: Short"


def test_devices_are_a_list_that_can_change(desk: Desk) -> None:
    combo = desk.part("audio.microphone", Combo)
    assert isinstance(combo, Combo)
    assert combo.currentText() == "Follow the system"
    desk.model.show(Settings({"audio.microphone": "gone"}))
    assert combo.currentText() == "gone"
    desk.dialog.set_offers("audio.microphone", [Choice("", "Follow the system"), Choice("m2", "New one")])
    assert [combo.itemText(place) for place in range(combo.count())] == ["Follow the system", "New one", "gone"]
    desk.dialog.set_offers("talk.tail_ms", [Choice("1", "one")])  # no list: ignored
    assert desk.changes() == []


def recording(field: KeyField) -> bool:
    return field.recording


def test_the_talk_key_is_pressed_and_letters_alone_are_refused(desk: Desk) -> None:
    field = desk.part("talk.key", KeyField)
    row = desk.row("talk.key")
    assert isinstance(field, KeyField)
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A)
    assert row.problem
    assert recording(field)
    QTest.keyClick(field, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert not recording(field)
    assert desk.changes() == [("talk.key", "Ctrl+Alt+Tab")]
    assert "Ctrl+Alt+Tab" in field.accessibleName()
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    assert recording(field)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not recording(field)
    assert desk.dialog.isVisible()
    assert len(desk.changes()) == 1


def test_what_is_being_typed_survives_a_change_elsewhere(desk: Desk) -> None:
    field = desk.part("assistant.model", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.setText("half a na")
    desk.model.show(Settings({"audio.volume": 40}))
    assert field.text() == "half a na"


def test_page_defaults_reset_only_what_differs(desk: Desk) -> None:
    desk.model.show(Settings({"audio.volume": 40, "audio.gain_control": False}))
    section = next(section for section in desk.dialog.sections if section.page.name == "Sound")
    desk.row("audio.volume")
    QTest.mouseClick(section.defaults_button, Qt.MouseButton.LeftButton)
    assert desk.changes() == [("audio.volume", 100), ("audio.gain_control", True)]
    desk.model.show(Settings({}))
    assert not section.defaults_button.isVisible()


def test_search_shows_rows_of_all_pages(desk: Desk) -> None:
    QTest.keyClicks(desk.dialog.search_field.edit, "key")
    visible = [row.setting.key for section in desk.dialog.sections for row in section.rows if row.isVisible()]
    assert {"talk.key", "quick_ask.key"} <= set(visible)
    assert "audio.volume" not in visible
    QTest.keyClicks(desk.dialog.search_field.edit, " zebra")
    assert not any(section.isVisible() for section in desk.dialog.sections)
    QTest.keyClick(desk.dialog.search_field.edit, Qt.Key.Key_Escape)
    assert desk.dialog.isVisible()
    assert sum(section.isVisible() for section in desk.dialog.sections) == 1


def test_pages_are_chosen_by_keys_and_by_click(desk: Desk) -> None:
    pages = desk.dialog.page_list
    pages.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(pages, Qt.Key.Key_Down)
    assert pages.page_name == "Talking"
    box = pages.visualItemRect(pages.item(2))
    QTest.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    visible = [section.page.name for section in desk.dialog.sections if section.isVisible()]
    assert visible == ["Sound"]


@pytest.mark.parametrize("percent", [100, 200])
def test_controls_stay_inside_at_every_width(desk: Desk, percent: int) -> None:
    desk.look.theme.apply(choice="dark", text_percent=percent)
    row = desk.row("assistant.instructions")
    for width in (380, 600, 719, 720, 960):
        desk.dialog.resize(width, 600)

        def in_order(part: QWidget = row.control, width: int = width) -> bool:
            left = part.mapTo(desk.dialog, part.rect().topLeft()).x()
            under = part.mapTo(row, part.rect().topLeft()).x() == 0
            return left >= 0 and left + part.width() <= width and under == (width < 720)

        desk.qtbot.waitUntil(in_order, timeout=2000)  # layouts settle in the event loop


def test_no_control_is_without_a_name(desk: Desk) -> None:
    nameless = [
        type(part).__name__
        for part in desk.dialog.findChildren(QWidget)
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and part.focusProxy() is None
        and not part.accessibleName()
        and not part.objectName().startswith("qt_")
        and part.window() is desk.dialog
    ]
    assert nameless == []
