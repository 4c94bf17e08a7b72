"""The menu of one turn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from mka1_desktop.ui.look import Look
from mka1_desktop.ui.menus import PanelMenu
from mka1_desktop.viewmodels.transcript import TurnView
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr

HEAR_KEY = "Ctrl+R"
SPEEDS = (75, 100, 125, 150)  # percent


def turn_menu(
    look: Look, turn: TurnView | None, wishes: Wishes, *, go_on: Callable[[str], None], parent: QWidget
) -> PanelMenu:
    """A menu that deletes itself when it closes; without a turn only what concerns the whole conversation."""
    menu = PanelMenu(look, tr("Conversation", "Turn"), parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if turn is not None:
        key = turn.key
        keys = _native(QKeySequence(QKeySequence.StandardKey.Copy))
        copy = menu.add_row(tr("Conversation", "Copy turn"), icon="copy", keys=keys, width=220)
        copy.triggered.connect(lambda: wishes.copy_turn(key))
        if turn.can_hear:
            _add_hear(menu, turn, wishes, parent)
        if turn.can_send_again:
            again = menu.add_row(tr("Conversation", "Send again"), icon="refresh")
            again.triggered.connect(lambda: wishes.send_again(key))
        if turn.cut is not None and turn.can_go_on:
            more = menu.add_row(tr("Conversation", "Go on from here"), icon="play")
            more.triggered.connect(lambda: go_on(key))
        if turn.can_branch:
            branch = menu.add_row(
                tr("Conversation", "Continue from here"),
                icon="branch",
                detail=tr("Conversation", "In a new conversation"),
            )
            branch.triggered.connect(lambda: wishes.branch_turn(key))
    copy_all = menu.add_row(tr("Conversation", "Copy the whole conversation"))
    copy_all.triggered.connect(lambda _checked=False: wishes.copy_all())
    return menu


def _add_hear(menu: PanelMenu, turn: TurnView, wishes: Wishes, parent: QWidget) -> None:
    """The answer once more, or the end of that."""
    if turn.playing:
        stop = menu.add_row(tr("Conversation", "Stop"), icon="stop", keys=_native(QKeySequence("Esc")))
        stop.triggered.connect(lambda _checked=False: wishes.stop())
        return
    key = turn.key
    keys = _native(QKeySequence(HEAR_KEY)) if turn.is_last_answer else ""
    hear = menu.add_row(tr("Conversation", "Hear again"), icon="volume", keys=keys)
    hear.triggered.connect(lambda: wishes.hear_again(key, 0))
    speeds = menu.add_row(tr("Conversation", "Hear again slower or faster…"))
    speeds.triggered.connect(lambda: speed_menu(menu.look, key, wishes, parent=parent).popup(menu.pos()))


def speed_menu(look: Look, key: str, wishes: Wishes, *, parent: QWidget) -> PanelMenu:
    """How fast an answer is heard again; deletes itself when it closes."""
    menu = PanelMenu(look, tr("Conversation", "Speed"), parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for percent in SPEEDS:
        row = menu.add_row(tr("Conversation", "{speed} × speed", speed=f"{percent / 100:g}"), width=160)
        row.triggered.connect(lambda _checked=False, percent=percent: wishes.hear_again(key, percent))
    return menu


def _native(keys: QKeySequence) -> str:
    return keys.toString(QKeySequence.SequenceFormat.NativeText)
