"""Samples of the conversation, the sidebar and the dialogs, and pictures of them.

`python tests/support/gallery_conversation.py FOLDER [--scheme light] [--percent 100] [NAME …]` writes one PNG a sample.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

from mka1_desktop.domain.conversation import Identity, Thread
from mka1_desktop.domain.settings import TABLE, Settings
from mka1_desktop.ui.account_dialog import AccountDialog
from mka1_desktop.ui.conversation_view import ConversationView
from mka1_desktop.ui.empty_view import EmptyView, Suggestion
from mka1_desktop.ui.figure import StateFigure
from mka1_desktop.ui.icons import Icons
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.motion import Motion
from mka1_desktop.ui.settings_dialog import SettingsDialog
from mka1_desktop.ui.sidebar import Sidebar
from mka1_desktop.ui.theme import Choice, Theme
from mka1_desktop.viewmodels.account import AccountModel, AccountView
from mka1_desktop.viewmodels.levels import LevelsModel
from mka1_desktop.viewmodels.settings import Choice as Offer
from mka1_desktop.viewmodels.settings import SettingsModel
from mka1_desktop.viewmodels.status import StatusModel
from mka1_desktop.viewmodels.threads import ThreadListModel
from mka1_desktop.viewmodels.transcript import TranscriptModel, TurnView
from mka1_desktop.viewmodels.wishes import Wishes

ICONS = Path(__file__).parents[2] / "resources" / "icons"
DAY_S = 86_400.0


class Asked:
    """Wishes that only remember what was asked: (name, arguments…)."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.wishes = Wishes(**{field.name: self.wish(field.name) for field in fields(Wishes)})

    def wish(self, name: str) -> Callable[..., None]:
        def remember(*arguments: object) -> None:
            self.calls.append((name, *arguments))

        return remember


def make_look(app: QApplication, *, scheme: Choice = "light", percent: int = 100) -> Look:
    theme = Theme(app)
    theme.apply(choice=scheme, text_percent=percent)
    return Look(theme, Icons(ICONS), Motion(reduced=True))


def noon() -> float:
    """Today at 12:20, local time, in Unix seconds."""
    now = time.localtime()
    return time.mktime((now.tm_year, now.tm_mon, now.tm_mday, 12, 20, 0, 0, 0, -1))


def turns() -> list[TurnView]:
    """A finished exchange, one that was stopped, and one that is being spoken."""
    at = noon()
    story = (
        "Start with the tomatoes on the sunny side of the balcony, two to a box, and tie them up early. "
        "Basil keeps well between them, and it likes the same water. Lettuce wants the shade behind the railing, "
        "and radishes are ready after only four weeks."
    )
    answer = (
        "In this heat water every morning before eight, about one litre a box. Put a finger into the soil first: "
        "if it is damp two joints deep, leave it for a day. Evening water draws snails."
    )
    return [
        TurnView(key="1", role="user", text="What can I grow on a small balcony?", source="text", at=at - DAY_S),
        TurnView(
            key="2",
            role="assistant",
            text=story,
            at=at - DAY_S + 9,
            state="interrupted",
            interrupted=True,
            heard_chars=story.index("Basil") + 27,
            stopped_at_s=8.4,
        ),
        TurnView(key="3", role="user", text="And how often do they need water?", at=at),
        TurnView(
            key="4",
            role="assistant",
            text=answer,
            at=at + 8,
            live=True,
            heard_chars=answer.index("finger"),
        ),
    ]


def listening() -> list[TurnView]:
    words = "Good, and what if I go away for ten days, could the neighbour's boy"
    settled = words.index("could")
    ended = replace(turns()[3], live=False, heard_chars=None)
    return [
        *turns()[2:3],
        ended,
        TurnView(
            key="5",
            role="user",
            text=words,
            at=noon() + 60,
            live=True,
            interim=True,
            settled_chars=settled,
            state="sent",
        ),
    ]


def troubled() -> list[TurnView]:
    at = noon()
    return [
        TurnView(key="1", role="user", text="Is the <b>market</b> open & busy today? 🍅🥕", source="text", at=at),
        TurnView(
            key="2", role="assistant", text="It opens at seven and is quiet until nine. 🌤️ Bring a bag.", at=at + 2
        ),
        TurnView(key="3", role="notice", text="The connection was lost and is back.", at=at + 20),
        TurnView(key="4", role="user", text="هل السوق مفتوح يوم الأحد؟", at=at + 60),
        TurnView(key="5", role="assistant", text="נעם, השוק פתוח עד שתיים בצהריים בכל יום ראשון.", at=at + 63),
        TurnView(key="6", role="user", text="And on holidays?", state="failed", at=at + 70),
        TurnView(key="7", role="user", text="Tell me when you are back", source="text", state="waiting", at=at + 90),
    ]


def threads() -> list[Thread]:
    """Pinned, of today, yesterday, last week and long ago."""
    at = noon()
    rows = (
        ("Balcony garden", 0.01, True, "conversation"),
        ("Weekly plan, spoken", 2.0, True, "chain"),
        ("Litres to cups", 0.02, False, "chain"),
        ("Why is the sky dark at night?", 0.1, False, "conversation"),
        ("Words for the dentist", 1.0, False, "conversation"),
        ("A private matter", 1.1, False, "private"),
        ("Bicycle lights that do not blind anybody on the path", 3.0, False, "conversation"),
        ("Bread with one rise", 4.0, False, "chain"),
        ("A name for the boat", 40.0, False, "conversation"),
    )
    me = Identity(origin="https://gw.example", fingerprint="0011aabb")
    return [
        Thread(
            id=f"t{number}",
            title=title,
            mode=mode,  # type: ignore[arg-type]
            created_at=at - days * DAY_S,
            updated_at=at - days * DAY_S,
            identity=me,
            pinned=pinned,
        )
        for number, (title, days, pinned, mode) in enumerate(rows, 1)
    ]


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
    app.setFont(QFont("Inter", 10))
    QLocale.setDefault(QLocale("en_GB"))
    if chosen.rtl:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    look = make_look(app, scheme=chosen.scheme, percent=chosen.percent)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name, (make, width, height) in SAMPLES.items():
        if chosen.names and name not in chosen.names:
            continue
        widget = make(look)
        widget.resize(width, height or widget.sizeHint().height())
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
