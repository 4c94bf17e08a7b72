"""Turns, threads, a look and wishes that remember, for the tests and the pictures of the windows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from mka1_desktop.domain.conversation import Identity, Thread
from mka1_desktop.viewmodels.transcript import TurnView
from tests.support.wishes import WishList

DAY_S = 86_400.0


class Asked(WishList):
    """Wishes that are written down, and callables beside them that are written down too."""

    def wish(self, name: str) -> Callable[..., None]:
        return self._recorder(name)


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


def waiting() -> list[TurnView]:
    """A typed question that waits for the connection."""
    typed = TurnView(
        key="6", role="user", text="And what would a taxi cost?", source="text", state="waiting", at=noon() + 70
    )
    return [*listening()[:2], typed]


def on_hold() -> list[TurnView]:
    """The same after a restart: nothing is being connected."""
    *before, typed = waiting()
    return [*before, replace(typed, on_hold=True)]


def unsent() -> list[TurnView]:
    """A spoken and a typed question without an answer, and one of which nobody knows."""
    at = noon() + 70
    return [
        TurnView(key="6", role="user", text="And on holidays?", state="failed", at=at, can_send_again=True),
        TurnView(
            key="7", role="user", text="What would a taxi cost?", source="text", state="failed", at=at + 9,
            can_send_again=True,
        ),
        TurnView(
            key="8", role="user", text="Tell me when the last train leaves.", source="text", state="unsure",
            at=at + 20, can_send_again=True,
        ),
    ]  # fmt: skip


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
