"""A conversation view on the screen, and what the tests look at in it."""

from __future__ import annotations

from array import array

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.conversation_view import ConversationView
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.roles import Role
from mka1_desktop.viewmodels.transcript import TranscriptModel, TurnView
from tests.support.ui_samples import Asked, noon


class OpenConversation:
    """View, model and what was asked for. The view is closed by `qtbot`."""

    def __init__(self, qtbot: QtBot, look: Look, rows: list[TurnView], *, width: int = 696, height: int = 480) -> None:
        self.look = look
        self.asked = Asked()
        self.model = TranscriptModel()
        self.view = ConversationView(look, self.model, self.asked.wishes, go_on=self.asked.wish("go_on"))
        qtbot.addWidget(self.view)
        self.model.setParent(self.view)
        self.model.set_rows(rows)
        self.view.resize(width, height)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.settle()

    def settle(self) -> None:
        """Do now what is waiting for the event loop."""
        self.view.executeDelayedItemsLayout()
        QApplication.processEvents()

    def colours(self, row: int) -> set[str]:
        """Every colour in the picture of a row, as #rrggbb."""
        box = self.view.visualRect(self.model.index(row))
        image = self.view.viewport().grab(box).toImage().convertToFormat(QImage.Format.Format_RGB32)
        return {QColor(value & 0xFFFFFF).name() for value in set(array("I", bytes(image.constBits())))}

    def colour(self, role: Role) -> str:
        return self.look.theme.colour(role).name()

    def hover(self, place: QPoint) -> None:
        """Move the pointer; the offscreen platform has none of its own."""
        port = self.view.viewport()
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(place),
            QPointF(port.mapToGlobal(place)),
            none,
            none,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(port, event)


class Hints(QStyledItemDelegate):
    """Counts which rows are asked for their size, and lets the view's own delegate answer."""

    def __init__(self, view: ConversationView) -> None:
        super().__init__(view)
        self._delegate = view.delegate
        self.rows: list[int] = []

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        self.rows.append(index.row())
        return self._delegate.sizeHint(option, index)


def many(count: int, words: str = "some words that are said in this turn ") -> list[TurnView]:
    """Turns of both sides, one to four lines each."""
    return [
        TurnView(key=str(n), role="assistant" if n % 2 else "user", text=f"{n} {words * (1 + n % 4)}", at=noon() + n)
        for n in range(count)
    ]
