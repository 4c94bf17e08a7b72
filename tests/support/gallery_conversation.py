"""Samples of the conversation, the sidebar and the dialogs, and pictures of them.

`python tests/support/gallery_conversation.py FOLDER [--scheme light] [--percent 100] [NAME …]` writes one PNG a sample.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication, QWidget

from mka1_desktop.domain.conversation import Thread
from mka1_desktop.domain.settings import TABLE, Settings
from mka1_desktop.ui.account_dialog import AccountDialog
from mka1_desktop.ui.conversation_view import ConversationView
from mka1_desktop.ui.empty_view import EmptyView, Suggestion
from mka1_desktop.ui.figure import StateFigure
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.settings_dialog import SettingsDialog
from mka1_desktop.ui.sidebar import Sidebar
from mka1_desktop.viewmodels.account import AccountModel, AccountView
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.settings import Choice as Offer
from mka1_desktop.viewmodels.settings import SettingsModel
from mka1_desktop.viewmodels.status import StatusModel
from mka1_desktop.viewmodels.threads import ThreadListModel
from mka1_desktop.viewmodels.transcript import TranscriptModel, TurnView
from tests.support.look import make_look
from tests.support.ui_samples import Asked, listening, threads, troubled, turns


def conversation(look: Look, rows: list[TurnView]) -> ConversationView:
    asked = Asked()
    model = TranscriptModel()
    view = ConversationView(look, model, asked.wishes, go_on=asked.wish("go_on"))
    model.setParent(view)
    model.set_rows(rows)
    return view


def sidebar(look: Look, rows: list[Thread], query: str = "") -> Sidebar:
    asked = Asked()
    model = ThreadListModel()
    account = AccountModel(
        AccountView(state="stored", name="Work", base_url="https://voice.example/", backend="Keyring")
    )
    side = Sidebar(
        look,
        threads=model,
        account=account,
        wishes=asked.wishes,
        pin_thread=asked.wish("pin_thread"),
        open_account=asked.wish("open_account"),
    )
    model.setParent(side)
    account.setParent(side)
    model.set_threads(rows)
    model.set_open("t1")
    model.set_live("t1")
    model.set_unread("t4")
    if query:
        side.search_field.edit.setText(query)
        model.set_results(query, [replace(t, snippet=f"…where {query} stands in it…") for t in rows[:3]])
    return side


def settings(look: Look, page: str, *, query: str = "", offers: bool = True) -> SettingsDialog:
    asked = Asked()
    model = SettingsModel(Settings({"assistant.instructions": "Keep it short. Metres, not feet.", "audio.volume": 80}))
    offered = {"audio.microphone": [Offer("", "Follow the system"), Offer("m1", "Desk microphone")]} if offers else {}
    dialog = SettingsDialog(look, model, asked.wishes, shown=frozenset(row.key for row in TABLE), offers=offered)
    model.setParent(dialog)
    dialog.show_page(page)
    if query:
        dialog.search_field.edit.setText(query)
    return dialog


def empty(look: Look) -> EmptyView:
    asked = Asked()
    status, levels = StatusModel(), LevelsModel()
    view = EmptyView(look, asked.wishes, StateFigure(look, status, levels, stop=asked.wish("stop"), size=120))
    status.setParent(view)
    levels.setParent(view)
    phrases = (
        ("What time is it?", "clock"),
        ("What is the capital of Peru?", "globe"),
        ("How much is 17 times 6?", "bolt"),
        ("Tell me a long story", "captions"),
        ("Spell the word rhythm", "edit"),
        ("What did I ask you earlier?", "history"),
    )
    view.set_suggestions([Suggestion(phrase, icon) for phrase, icon in phrases])
    return view


def account(look: Look, view: AccountView, *, key: str = "", opened: bool = False) -> AccountDialog:
    asked = Asked()
    model = AccountModel(view)
    dialog = AccountDialog(look, model, asked.wishes, delete_key=asked.wish("delete_key"))
    model.setParent(dialog)
    if key:
        dialog.key_field.edit.setText(key)
        dialog.key_field.edit.textEdited.emit(key)
    dialog.disclosure.set_open(opened=opened)
    return dialog


URL = "https://gw.example"
REFUSED = "The service did not accept this key. It may have been replaced or switched off."
Sample = Callable[[Look], QWidget]
SAMPLES: dict[str, tuple[Sample, int, int]] = {
    "speaking-696": (lambda look: conversation(look, turns()), 696, 480),
    "speaking-380": (lambda look: conversation(look, turns()), 380, 520),
    "speaking-1176": (lambda look: conversation(look, turns()), 1176, 480),
    "listening-696": (lambda look: conversation(look, listening()), 696, 480),
    "account-none": (lambda look: account(look, AccountView(base_url=URL)), 600, 0),
    "account-refused": (
        lambda look: account(look, AccountView(state="refused", sentence=REFUSED, base_url=URL), key="mk-0123456789"),
        600,
        0,
    ),
    "account-stored": (
        lambda look: account(look, AccountView(state="stored", backend="GNOME Keyring", base_url=URL), opened=True),
        600,
        0,
    ),
    "account-memory": (lambda look: account(look, AccountView(state="memory", base_url=URL)), 380, 0),
    "empty-696": (empty, 696, 520),
    "empty-380": (empty, 380, 520),
    "settings-assistant": (lambda look: settings(look, "Assistant"), 960, 680),
    "settings-talking": (lambda look: settings(look, "Talking"), 960, 680),
    "settings-sound": (lambda look: settings(look, "Sound"), 660, 680),
    "settings-narrow": (lambda look: settings(look, "Assistant"), 400, 680),
    "settings-search": (lambda look: settings(look, "General", query="key"), 960, 680),
    "sidebar": (lambda look: sidebar(look, threads()), 264, 680),
    "sidebar-empty": (lambda look: sidebar(look, []), 264, 680),
    "sidebar-search": (lambda look: sidebar(look, threads(), "plan"), 264, 400),
    "troubled-696": (lambda look: conversation(look, troubled()), 696, 600),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scheme", default="light")
    parser.add_argument("--percent", type=int, default=100)
    parser.add_argument("--rtl", action="store_true")
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_intermixed_args()
    app = QApplication(sys.argv[:1])
    QLocale.setDefault(QLocale("en_GB"))
    if chosen.rtl:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    look = make_look(app, choice=chosen.scheme, text_percent=chosen.percent, reduced=True)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name, (make, width, height) in SAMPLES.items():
        if chosen.names and name not in chosen.names:
            continue
        widget = make(look)
        widget.resize(width, height or widget.height())
        if isinstance(widget, AccountDialog):  # takes the height that it needs at this width
            widget.disclosure.set_open(opened=widget.disclosure.isChecked())
        widget.show()
        for _ in range(3):
            app.processEvents()
        suffix = (
            f"-{chosen.scheme}"
            + ("-rtl" if chosen.rtl else "")
            + (f"-{chosen.percent}" if chosen.percent != 100 else "")
        )
        widget.grab().save(str(chosen.folder / f"{name}{suffix}.png"))
        widget.close()


if __name__ == "__main__":
    main()
