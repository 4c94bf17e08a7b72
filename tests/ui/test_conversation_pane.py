from __future__ import annotations

from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QListView, QWidget
from pytestqt.qtbot import QtBot

from mka1_desktop.ui.conversation_pane import ConversationPane


def test_the_empty_view_gives_way_to_the_turns_and_comes_back(qtbot: QtBot) -> None:
    model = QStringListModel()
    view, empty = QListView(), QWidget()
    pane = ConversationPane(model, view=view, empty=empty)
    qtbot.addWidget(pane)
    told: list[int] = []
    pane.turns_changed.connect(told.append)
    assert (pane.turns, pane.currentWidget()) == (0, empty)
    model.setStringList(["one"])
    assert pane.currentWidget() is view
    model.insertRow(1)
    model.setStringList([])
    assert pane.currentWidget() is empty
    assert told == [1, 2, 0]
