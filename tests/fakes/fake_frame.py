"""The whole main window, off screen, over a desk with fakes all around: real clicks in, real words out."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mka1_desktop.app.window import build_frame
from mka1_desktop.domain.audio import Kept
from mka1_desktop.domain.settings import Settings
from mka1_desktop.ui.buttons import TextButton
from mka1_desktop.ui.conversation_view import ConversationView
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_window import PLUGGED, WindowPlay
from tests.support.look import make_look


class FramePlay:
    """`async with DeskPlay() as play: frame = FramePlay(play, qapp, qtbot)`; close it with `close`."""

    def __init__(self, play: DeskPlay, qapp: QApplication, qtbot: QtBot) -> None:
        self.play, self.desk = play, play.desk
        self._parent = QObject()
        self.glue = WindowPlay(play, self._parent)
        self.window = build_frame(
            make_look(qapp, reduced=True), self.glue.models, self.glue.wishes, Settings({}), go_on=self.glue.list.go_on,
            pin_thread=self.glue.list.pin_thread, open_account=self.glue.list.open_account,
        ).window  # fmt: skip
        qtbot.addWidget(self.window)
        self.glue.presenter.show_devices(PLUGGED)
        self.window.show()
        qtbot.waitExposed(self.window)

    async def close(self) -> None:
        await self.glue.list.close()

    # --- looking -----------------------------------------------------------------------------------------------

    @property
    def view(self) -> ConversationView:
        (view,) = self.window.findChildren(ConversationView)
        return view

    def turns(self) -> list[tuple[str, str, bool]]:
        """Words, state, and whether "Send again" is offered, of every turn."""
        return [(turn.text, turn.state, turn.can_send_again) for turn in self.glue.models.turns.turns()]

    @property
    def kept_words(self) -> str:
        """Of the line about kept speech; empty when it is not there."""
        line = self.window.composer.kept_line
        return line.accessibleName() if line.isVisible() else ""

    @property
    def notice(self) -> str:
        bar = self.window.notice
        return bar.accessibleName() if bar.isVisible() else ""

    @property
    def notice_button(self) -> str:
        button = self.window.notice.action_button
        return button.text() if button.isVisible() else ""

    # --- acting ------------------------------------------------------------------------------------------------

    async def keep(self, *, unsent_s: float, recorded_s: float | None = None) -> None:
        """The sound engine has recorded so much."""
        self.play.sound.kept = Kept(unsent_s=unsent_s, recorded_s=unsent_s if recorded_s is None else recorded_s)
        self.glue.presenter.render()
        await settle()

    async def click(self, words: str) -> None:
        """Click the visible button with these words."""
        found = [one for one in self.window.findChildren(TextButton) if one.text() == words and one.isVisible()]
        assert len(found) == 1, (words, len(found))
        QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)
        await settle()

    async def type(self, words: str) -> None:
        editor = self.window.composer.text_box.editor
        QTest.keyClicks(editor, words)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        await settle()
