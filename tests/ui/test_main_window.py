"""The window as a whole: its forms, the drawer, the figure's places, and that everything has a name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.main_window import MainWindow
from mka1_desktop.ui.paint import ring_around
from mka1_desktop.viewmodels.devices import DevicesModel
from mka1_desktop.viewmodels.head import HeadModel, HeadView
from mka1_desktop.viewmodels.kept import KeptModel, KeptStage, KeptView, kept_view
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.notices import NoticeKind, NoticesModel, NoticeView, ToastsModel, ToastView
from mka1_desktop.viewmodels.status import Phase, StatusModel, status_view
from mka1_desktop.viewmodels.talk import TalkLook, TalkModel, talk_view
from mka1_desktop.viewmodels.window import WindowModels
from mka1_desktop.viewmodels.words import tr
from tests.support.look import make_look
from tests.support.wishes import WishList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform

KEY = "Ctrl+Alt+Space"
LEFT = Qt.MouseButton.LeftButton
WIDTHS = [380, 559, 560, 839, 840, 1199, 1200, 1440]


class Panel(QWidget):
    """A sidebar of one field."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Conversations")
        self.field = QLineEdit()
        self.field.setAccessibleName("Search")
        QVBoxLayout(self).addWidget(self.field)


class Desk:
    def __init__(self, qapp: QApplication, qtbot: QtBot, *, percent: int = 100) -> None:
        self.list = WishList()
        self.models = WindowModels(
            head=HeadModel(HeadView(title="Trip plan", thread_id="t1")),
            talk=TalkModel(),
            status=StatusModel(),
            kept=KeptModel(),
            levels=LevelsModel(),
            devices=DevicesModel(),
            notices=NoticesModel(),
            toasts=ToastsModel(),
        )
        self.panel = Panel()
        self.conversation = QWidget()
        self.look = make_look(qapp, text_percent=percent)
        self.window = MainWindow(
            self.look,
            models=self.models,
            wishes=self.list.wishes,
            sidebar=self.panel,
            conversation=self.conversation,
            talk_key=KEY,
        )
        qtbot.addWidget(self.window)
        self.window.set_turns(1)
        self.window.show()
        self.window.activateWindow()

    def resize(self, width: int, height: int = 680) -> None:
        self.window.resize(width, height)


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Desk:
    return Desk(qapp, qtbot)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("percent", [80, 100, 200])
def test_nothing_is_cut_off_at_any_width(qapp: QApplication, qtbot: QtBot, width: int, percent: int) -> None:
    desk = Desk(qapp, qtbot, percent=percent)
    desk.resize(width, 520)
    qtbot.waitUntil(lambda: desk.window.width() == width)
    composer = desk.window.composer
    bar = composer.device_bar
    inside = composer.rect()
    for widget in (composer.talk_button, composer.text_box, composer.stop_button, bar.mute, bar.microphone, bar.more):
        box = widget.rect().translated(widget.mapTo(composer, widget.rect().topLeft()))
        assert inside.contains(box), widget.accessibleName()
    assert desk.conversation.height() >= 56  # two lines of twice the size in the lowest window


@pytest.mark.parametrize("width", [380, 720, 1440])
@pytest.mark.parametrize("percent", [100, 200])
def test_kept_speech_has_its_line_and_leaves_the_rest_in_place(
    qapp: QApplication, qtbot: QtBot, width: int, percent: int
) -> None:
    desk = Desk(qapp, qtbot, percent=percent)
    desk.resize(width, 520)
    desk.models.status.show(status_view(Phase.RECONNECTING, key_name=KEY, seconds=6))
    composer = desk.window.composer
    before = desk.window.panel.isVisible()
    desk.models.kept.show(kept_view(KeptStage.RECORDING, 4.0))
    qtbot.waitUntil(lambda: desk.window.width() == width and composer.kept_line.isVisible())
    for widget in (composer.kept_line, composer.kept_line.drop_button, composer.talk_button, composer.device_bar):
        box = widget.rect().translated(widget.mapTo(composer, widget.rect().topLeft()))
        assert composer.rect().contains(box), widget.accessibleName()
    assert desk.conversation.height() >= 56
    QTest.mouseClick(composer.kept_line.drop_button, LEFT)
    assert desk.list.asked == [("drop_speech",)]
    desk.models.kept.show(KeptView())
    assert desk.window.panel.isVisible() == before
    assert not composer.kept_line.isVisible()


@pytest.mark.parametrize("height", range(520, 760, 2))
def test_the_figure_keeps_its_place_beside_kept_speech(desk: Desk, height: int) -> None:
    desk.resize(960, height)
    desk.models.kept.show(kept_view(KeptStage.WAITING, 4.0))
    places: set[bool] = set()
    for _ in range(3):
        desk.window.set_turns(2 + len(places))
        desk.window._choose_figure()
        places.add(desk.window.panel.isVisibleTo(desk.window))
    assert len(places) == 1


def test_smallest_window(desk: Desk) -> None:
    assert desk.window.minimumSize().toTuple() == (380, 520)


def test_the_sidebar_is_fixed_or_a_drawer(desk: Desk, qtbot: QtBot) -> None:
    desk.resize(960)
    assert desk.panel.isVisible()
    QTest.mouseClick(desk.window.head.sidebar_button, LEFT)
    assert not desk.panel.isVisible()
    assert desk.list.asked == [("set_setting", "window.sidebar", False)]
    desk.resize(720)
    assert not desk.panel.isVisible()
    QTest.mouseClick(desk.window.head.sidebar_button, LEFT)
    assert desk.panel.isVisible()
    assert desk.conversation.width() == 720  # the drawer lies over it
    assert len(desk.list.asked) == 1  # a drawer is no setting


@pytest.mark.parametrize("how", ["escape", "scrim", "thread"])
def test_the_drawer_closes(desk: Desk, qtbot: QtBot, how: str) -> None:
    desk.resize(720)
    desk.window.toggle_sidebar()
    assert desk.panel.isVisible()
    if how == "escape":
        QTest.keyClick(desk.panel.field, Qt.Key.Key_Escape)
    elif how == "scrim":
        scrim = desk.window.childAt(650, 300)
        assert scrim is not None
        QTest.mouseClick(scrim, LEFT)
    else:
        desk.models.head.show(HeadView(title="Other", thread_id="t2"))
    assert not desk.panel.isVisible()


def test_search_opens_the_sidebar_and_asks_for_the_field(desk: Desk, qtbot: QtBot) -> None:
    desk.resize(720)
    with qtbot.waitSignal(desk.window.search_requested):
        QTest.keyClick(desk.window.composer.text_box.editor, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert desk.panel.isVisible()


def test_large_figure_while_there_is_room_else_the_badge(desk: Desk, qtbot: QtBot) -> None:
    window = desk.window
    desk.resize(960)
    window.set_content_height(100)
    qtbot.waitUntil(window.panel.isVisible)
    assert not window.composer.status_line.isVisible()
    window.set_content_height(500)
    assert window.panel.isVisible()  # not before a pause
    qtbot.waitUntil(lambda: not window.panel.isVisible())
    assert window.composer.status_line.isVisible()


def test_figure_does_not_flicker_at_the_border(desk: Desk, qtbot: QtBot) -> None:
    window = desk.window
    desk.resize(960)
    changes: list[bool] = []
    for content in range(280, 380, 5):
        window.set_content_height(content)
        window._choose_figure()
        changes.append(window.panel.isVisibleTo(window))
    assert changes == sorted(changes, reverse=True)
    assert {True, False} == set(changes)


def test_narrow_windows_show_the_badge_from_two_turns_on(desk: Desk, qtbot: QtBot) -> None:
    desk.resize(380)
    qtbot.waitUntil(desk.window.panel.isVisible)
    desk.window.set_turns(2)
    qtbot.waitUntil(desk.window.composer.status_line.isVisible)


def test_an_empty_thread_has_its_own_figure(desk: Desk) -> None:
    desk.window.set_turns(0)
    assert not desk.window.panel.isVisible()
    assert not desk.window.composer.status_line.isVisible()
    desk.models.status.show(status_view(Phase.CONNECTING, key_name=KEY))
    assert desk.window.composer.status_line.isVisible()  # the word is said


def test_controls_keep_their_place_in_every_state(desk: Desk, qtbot: QtBot) -> None:
    desk.resize(960)
    composer = desk.window.composer
    places = set()
    for phase in Phase:
        for look in TalkLook:
            desk.models.status.show(status_view(phase, key_name=KEY, seconds=3))
            desk.models.talk.show(talk_view(look, key_name=KEY))
            QApplication.sendPostedEvents()
            controls = (composer.talk_button, composer.text_box, composer.stop_button, composer.device_bar)
            places.add(tuple(c.mapTo(desk.window, c.rect().topLeft()).toTuple() + c.size().toTuple() for c in controls))
    assert len(places) == 1


def test_stop_is_dimmed_until_a_voice_plays(desk: Desk, qtbot: QtBot) -> None:
    stop = desk.window.composer.stop_button
    QTest.mouseClick(stop, LEFT)
    desk.models.talk.show(talk_view(TalkLook.INTERRUPT, key_name=KEY, can_stop=True))
    QTest.mouseClick(stop, LEFT)
    QTest.keyClick(desk.window.composer.text_box.editor, Qt.Key.Key_Escape)
    assert desk.list.asked == [("stop",), ("stop",)]


def test_talk_key_and_button_and_text_reach_the_same_wishes(desk: Desk, qtbot: QtBot) -> None:
    field = desk.window.composer.text_box.editor
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyPress(field, Qt.Key.Key_Space, both)
    QTest.keyRelease(field, Qt.Key.Key_Space, both)
    QTest.mouseClick(desk.window.composer.talk_button, LEFT)
    QTest.keyClicks(field, "Hello")
    QTest.keyClick(field, Qt.Key.Key_Return)
    pair = ["talk_pressed", "talk_released"]
    assert desk.list.names() == [*pair, *pair, "text_submitted"]


def test_shortcuts(desk: Desk, qtbot: QtBot) -> None:
    field = desk.window.composer.text_box.editor
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(field, Qt.Key.Key_N, control)
    QTest.keyClick(field, Qt.Key.Key_Comma, control)
    assert desk.list.names() == ["new_thread", "open_settings"]
    QTest.keyClick(field, Qt.Key.Key_F2)
    assert desk.window.head.title_edit.isVisible()


def test_notice_and_toast_are_inside_the_window(desk: Desk, qtbot: QtBot) -> None:
    desk.resize(380, 520)
    long = "A sentence that is long enough to need more than one line in a narrow window."
    desk.models.notices.show(
        NoticeView(kind=NoticeKind.FAILURE, sentence=long, more=long, action="retry", action_label="Try")
    )
    desk.models.toasts.show(ToastView(text=long, action="undo", action_label="Undo"))
    for widget in (desk.window.notice, desk.window.toast):
        qtbot.waitUntil(widget.isVisible)
        assert widget.mapTo(desk.window, widget.rect().topLeft()).x() >= 0
        assert widget.width() <= 380
    notice = desk.window.notice
    qtbot.waitUntil(lambda: notice.height() == notice.sizeHint().height() >= 120)


def test_everything_that_takes_the_focus_has_a_name(desk: Desk) -> None:
    nameless = [
        type(widget).__name__
        for widget in desk.window.findChildren(QWidget)
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        and widget.isVisibleTo(desk.window)
        and not widget.accessibleName()
        and widget is not desk.window.composer.text_box  # stands for its field
    ]
    assert nameless == []


def test_tab_goes_round_in_the_order_of_the_design(desk: Desk, qtbot: QtBot) -> None:
    desk.models.talk.show(talk_view(TalkLook.INTERRUPT, key_name=KEY, can_stop=True))
    composer = desk.window.composer
    bar = composer.device_bar
    composer.text_box.put("Hello")
    composer.talk_button.setFocus()
    seen = []
    for _ in range(10):
        focus = desk.window.focusWidget()
        assert focus is not None
        seen.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    wanted = [composer.talk_button, composer.text_box.editor, composer.text_box.send_button, composer.stop_button]
    assert seen == [*wanted, bar.mute, bar.microphone, bar.hush, bar.speaker, bar.volume, bar.mode]


def test_focus_ring_is_for_the_keyboard_and_in_high_contrast_for_all(desk: Desk, qtbot: QtBot) -> None:
    composer, ring = desk.window.composer, desk.window.ring
    composer.text_box.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not ring.isVisible()
    composer.text_box.editor.setFocus()
    QTest.keyClick(composer.text_box.editor, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert ring.target is composer.talk_button
    box = composer.talk_button.rect().translated(composer.talk_button.mapTo(desk.window, composer.rect().topLeft()))
    assert ring.geometry().contains(box)
    QApplication.sendEvent(composer.talk_button, QFocusEvent(QFocusEvent.Type.FocusIn, Qt.FocusReason.OtherFocusReason))
    desk.look.theme.apply(choice="contrast")
    assert ring.target is composer.talk_button


def test_focus_ring_lives_on_when_its_widget_is_deleted(desk: Desk) -> None:
    field = QLineEdit(desk.panel)
    field.show()
    ring_around(field, 4)
    field.setFocus(Qt.FocusReason.TabFocusReason)
    field.deleteLater()
    QApplication.sendPostedEvents(field, QEvent.Type.DeferredDelete.value)
    desk.window.composer.text_box.editor.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(desk.window.composer.text_box.editor, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert desk.window.ring.target is desk.window.composer.talk_button


def test_title_is_in_the_title_bar(desk: Desk) -> None:
    assert desk.window.windowTitle() == tr("Window", "{title} — MKA1", title="Trip plan")


def test_closing_is_told_and_lets_the_key_go(desk: Desk, qtbot: QtBot) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    QTest.keyPress(desk.window.composer.text_box.editor, Qt.Key.Key_Space, both)
    with qtbot.waitSignal(desk.window.close_requested):
        desk.window.close()
    assert desk.list.names() == ["talk_pressed", "talk_released"]


def test_theme_changes_live(desk: Desk) -> None:
    before = desk.window.grab().toImage()
    desk.look.theme.apply(choice="dark", text_percent=120)
    after = desk.window.grab().toImage()
    assert before != after
    assert after.pixelColor(after.width() - 4, 100).name().upper() == "#151918"


def test_toast_stays_above_a_text_box_that_grows(desk: Desk, qtbot: QtBot) -> None:
    desk.resize(960)
    window = desk.window
    desk.models.toasts.show(ToastView(text="Deleted.", action="undo", action_label="Undo"))
    low = window.toast.geometry().bottom()
    window.composer.text_box.put("one\ntwo\nthree\nfour")
    qtbot.waitUntil(lambda: window.toast.geometry().bottom() < low)
    top = window.composer.mapTo(window, window.composer.rect().topLeft()).y()
    qtbot.waitUntil(lambda: window.toast.geometry().bottom() < top)


@pytest.mark.parametrize("percent", [80, 100, 150, 200])
def test_row_one_has_one_height_at_any_text_size(qapp: QApplication, qtbot: QtBot, percent: int) -> None:
    desk = Desk(qapp, qtbot, percent=percent)
    desk.resize(1000)
    composer = desk.window.composer
    controls = (composer.talk_button, composer.text_box, composer.stop_button)
    qtbot.waitUntil(lambda: desk.window.width() == 1000)
    QApplication.sendPostedEvents()
    heights = {type(control).__name__: control.height() for control in controls}
    assert len(set(heights.values())) == 1, heights
