"""An open microphone that hears the assistant is noticed once, and never the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mka1_desktop.app.echo_watch import EchoWatch
from mka1_desktop.domain.errors import Action, Code, Trouble
from mka1_desktop.domain.events import AgentSoundStarted, AgentSoundStopped
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.state import Idle, Live, Session

STORY = "Once upon a time there was a king. He lived in a castle by the sea, and he was alone."
OPEN = Session(link=Live(agent="a"), open_mic=True)


class Watched:
    def __init__(self, session: Session = OPEN) -> None:
        self.told: list[Trouble] = []
        self.now_s = 100.0
        self.session = session
        self.watch = EchoWatch(tell=self.told.append, now_s=lambda: self.now_s)
        self.watch.on_session(session)
        self.said = 0

    def speaks(self, text: str = STORY) -> None:
        self.watch.on_event(AgentSoundStarted(ticket=1, at_s=self.now_s), self.session)
        self.watch.on_entries([entry(f"a{self.said}", "assistant", text)])

    def ends(self) -> None:
        self.watch.on_event(AgentSoundStopped(ticket=1, at_s=self.now_s), self.session)

    def hears(self, text: str) -> None:
        self.said += 1
        heard = entry(f"u{self.said}", "user", text)
        self.watch.on_entries([replace(heard, text=text.split(maxsplit=1)[0], final=False)])
        self.watch.on_entries([heard])


def entry(key: str, role: str, text: str) -> Entry:
    return Entry(
        key=key, role="user" if role == "user" else "assistant", source="voice", text=text, final_text=text, final=True,
        state="final", at=0.0, at_s=0.0,
    )  # fmt: skip


def test_the_second_echo_is_told_with_the_way_out_and_no_third() -> None:
    watched = Watched()
    watched.speaks()
    watched.hears("there was a king")
    assert watched.told == []
    watched.hears("in a castle by the sea")
    watched.hears("and he was alone")
    (trouble,) = watched.told
    assert (trouble.code, trouble.advice.action) == (Code.ECHO_HEARD, Action.USE_TALK_KEY)


def test_a_new_session_begins_anew() -> None:
    watched = Watched()
    watched.speaks()
    watched.hears("there was a king")
    watched.watch.on_session(Session(link=Idle()))
    watched.watch.on_session(OPEN)
    watched.speaks()
    watched.hears("in a castle by the sea")
    assert watched.told == []


def person_interrupts(watched: Watched) -> None:
    watched.speaks()
    watched.hears("please stop now, I have heard it")
    watched.hears("tell me about two plus two")


def person_repeats_later(watched: Watched) -> None:
    watched.speaks()
    watched.ends()
    watched.now_s += 2.0
    watched.hears("there was a king")
    watched.hears("in a castle by the sea")


@pytest.mark.parametrize("scene", [person_interrupts, person_repeats_later])
def test_the_person_is_no_echo(scene: Callable[[Watched], None]) -> None:
    watched = Watched()
    scene(watched)
    assert watched.told == []


def test_with_the_talk_key_nobody_looks() -> None:
    watched = Watched(replace(OPEN, open_mic=False))
    watched.speaks()
    watched.hears("there was a king")
    watched.hears("in a castle by the sea")
    assert watched.told == []
