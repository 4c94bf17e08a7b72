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
from typing import Any

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from mka1_desktop.domain.conversation import Identity, Thread
from mka1_desktop.ui.conversation_view import ConversationView
from mka1_desktop.ui.icons import Icons
from mka1_desktop.ui.look import Look
from mka1_desktop.ui.motion import Motion
from mka1_desktop.ui.sidebar import Sidebar
from mka1_desktop.ui.theme import Choice, Theme
from mka1_desktop.viewmodels.account import AccountModel, AccountView
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
            key="5", role="user", text=words, at=noon() + 60, live=True, interim=True, settled_chars=settled, state="sent"
        ),
    ]


def troubled() -> list[TurnView]:
    at = noon()
    return [
        TurnView(key="1", role="user", text="Is the <b>market</b> open & busy today? 🍅🥕", source="text", at=at),
        TurnView(key="2", role="assistant", text="It opens at seven and is quiet until nine. 🌤️ Bring a bag.", at=at + 2),
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
    account = AccountModel(AccountView(state="stored", name="Work", base_url="https://voice.example/", backend="Keyring"))
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


Sample = Callable[[Look], QWidget]
SAMPLES: dict[str, tuple[Sample, int, int]] = {
    "speaking-696": (lambda look: conversation(look, turns()), 696, 480),
    "speaking-380": (lambda look: conversation(look, turns()), 380, 520),
    "speaking-1176": (lambda look: conversation(look, turns()), 1176, 480),
    "listening-696": (lambda look: conversation(look, listening()), 696, 480),
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
        widget.resize(width, height)
        widget.show()
        for _ in range(3):
            app.processEvents()
        suffix = f"-{chosen.scheme}" + ("-rtl" if chosen.rtl else "") + (f"-{chosen.percent}" if chosen.percent != 100 else "")
        widget.grab().save(str(chosen.folder / f"{name}{suffix}.png"))
        widget.close()


if __name__ == "__main__":
    main()
