"""`ctl state`: what the app is doing, in the contract's words. Never a key, a token or X-On-Behalf-Of."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from mka1_desktop import __version__
from mka1_desktop.app.thread_facts import thread_facts
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import (
    AgentSoundStarted,
    CaptionReceived,
    Event,
    GrantReady,
    TalkChanged,
    TextHandedOver,
)
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.state import Live, Session
from mka1_desktop.session.watch import Watcher

if TYPE_CHECKING:
    from mka1_desktop.app.desk import Desk

EVERY_S = 0.05  # at most 20 lines a second
ROUND_TRIP_EVERY_S = 2.0
SAME_ROOM = ("resumed", "heard again")  # causes of a renewal without another room


@dataclass(slots=True)
class _Counts:
    number: int = 0
    renewals: int = 0
    lost: int = 0
    since_s: float | None = None
    gone: bool = False  # the connection, or the assistant: one loss, however many facts tell of it
    ends_s: dict[int, float] = field(default_factory=dict)  # ticket -> when its token runs out


class Accounts(Protocol):
    """Whose app this is, before and after the account has been found."""

    def planned(self) -> dict[str, object]: ...

    def differs(self, *, demo: bool, base_url: str | None, on_behalf_of: str | None) -> bool: ...


class StateReport(Watcher):
    """Follows the session and writes the report."""

    accounts: Accounts | None = None

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._began_s = desk.parts.clock.monotonic()
        self._counts = _Counts()
        self._changed: set[asyncio.Event] = set()
        self._asked_s: float | None = None
        self._last_answer_s: float | None = None
        self._round_trip_ms: int | None = None
        self._last_error: dict[str, object] | None = None
        self._devices: dict[str, str | None] = {"microphone": None, "speaker": None}
        self._closed = False
        self.hotkey: Callable[[], dict[str, object]] = self._window_key  # replaced where the key works everywhere

    def touch(self) -> None:
        """Something changed that no watcher method tells of."""
        for event in self._changed:
            event.set()

    def set_devices(self, *, microphone: str | None, speaker: str | None) -> None:
        """Names of the devices in use."""
        self._devices = {"microphone": microphone, "speaker": speaker}
        self.touch()

    def close(self) -> None:
        """End every `state --follow`: the app quits."""
        self._closed = True
        self.touch()

    # --- Watcher -----------------------------------------------------------------------------------------------

    def on_session(self, session: Session) -> None:
        """Forget the tokens of rooms that are nobody's any more; one that is being made has its own."""
        wanted = {session.ticket, session.successor.ticket if session.successor is not None else session.ticket}
        self._counts.ends_s = {t: end_s for t, end_s in self._counts.ends_s.items() if t in wanted}
        self.touch()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """A text went out, or waits."""
        self.touch()

    def on_told(self, told: Tell) -> None:
        counts, now_s = self._counts, self._desk.parts.clock.monotonic()
        match told.news:
            case "token":
                counts.number += 1
            case "joined":
                counts.since_s, counts.gone = now_s, False
            case "renewed":
                counts.renewals += 1
                counts.since_s = counts.since_s if told.cause in SAME_ROOM else now_s
                counts.gone = False
            case "lost":
                counts.lost += 0 if counts.gone else 1
                counts.gone = True
            case "ended":
                counts.since_s, counts.gone = None, False
                counts.ends_s.clear()
                self._round_trip_ms = None
            case "agent":
                counts.gone = False
        self.touch()

    def on_event(self, event: Event, session: Session) -> None:
        now_s = self._desk.parts.clock.monotonic()
        match event:
            case GrantReady(ticket=ticket, grant=grant):
                self._counts.ends_s[ticket] = now_s + grant.lifetime_s
            case TalkChanged(open=False) | TextHandedOver():
                self._asked_s = now_s
            case CaptionReceived(speaker="user", final=True) if session.talk_open:
                self._asked_s = now_s
            case AgentSoundStarted(at_s=at_s) if self._asked_s is not None:
                self._last_answer_s = round(max(0.0, at_s - self._asked_s), 3)
                self._asked_s = None
            case CaptionReceived():
                self.touch()
            case _:
                return

    def on_notice(self, trouble: Trouble) -> None:
        self._last_error = {
            "code": trouble.raw_code or trouble.code.value,
            "message": trouble.text,
            "action": trouble.advice.action.value,
            "at": datetime.fromtimestamp(self._desk.parts.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        self.touch()

    async def follow_round_trip(self) -> None:
        """Ask the room for its round trip while one is joined."""
        while True:
            await self._desk.parts.clock.sleep(ROUND_TRIP_EVERY_S)
            room = self._desk.controller.runner.seats.newest
            if room is not None:
                self._round_trip_ms = await room.round_trip_ms()

    # --- the report --------------------------------------------------------------------------------------------

    def state(self) -> dict[str, object]:
        """Return every field of the contract; what is unknown is None."""
        desk, session = self._desk, self._desk.session
        clock = desk.parts.clock
        talk = desk.talker.talk
        levels = desk.parts.sound.levels()
        live = isinstance(session.link, Live)
        has_engine = desk.parts.sound.engine != "none"
        sending, warm = session.sending and has_engine, session.warm and has_engine
        return {
            "app": {
                "version": __version__,
                "pid": os.getpid(),
                "uptime_s": round(clock.monotonic() - self._began_s, 1),
            },
            "state": session.shown.value,
            "account": self._account(),
            "session": self._session(live=live),
            "thread": self._thread(),
            "talk": {"mode": desk.talker.settings.mode, "held": talk.held, "latched": talk.latched},
            "hotkey": self.hotkey(),
            "microphone": {
                "device": self._devices["microphone"], "open": sending or warm, "muted": session.muted,
                "level_dbfs": round(levels.microphone_dbfs, 1) if sending else None,
            },
            "speaker": {
                "device": self._devices["speaker"], "volume": desk.settings.number("audio.volume"),
                "playing": isinstance(session.link, Live) and session.link.sound and not session.link.silenced,
            },
            "engine": desk.parts.sound.engine,
            "caption": self._captions(),
            "outbox": desk.controller.outbox,
            "latency": {"last_answer_s": self._last_answer_s, "round_trip_ms": self._round_trip_ms},
            "last_error": self._last_error,
        }  # fmt: skip

    def _window_key(self) -> dict[str, object]:
        return {
            "backend": "window", "key": self._desk.settings.text("talk.key"), "global": False, "release_events": True,
            "problem": None,
        }  # fmt: skip

    def _account(self) -> dict[str, object]:
        account = self._desk.parts.api.account
        if account is not None:
            return {"name": account.name, "base_url": account.base_url, "demo": account.identity.demo}
        return self.accounts.planned() if self.accounts else dict.fromkeys(("name", "base_url", "demo"))

    def _session(self, *, live: bool) -> dict[str, object]:
        counts, now_s = self._counts, self._desk.parts.clock.monotonic()
        since_s = None if counts.since_s is None else now_s - counts.since_s
        left_s = None
        if since_s is not None and (end_s := counts.ends_s.get(self._desk.session.ticket)) is not None:
            left_s = max(0, round(end_s - now_s))
        return {
            "number": counts.number, "connected": live, "since_s": None if since_s is None else round(since_s, 1),
            "token_left_s": left_s, "renewals": counts.renewals, "lost": counts.lost,
        }  # fmt: skip

    def _thread(self) -> dict[str, object]:
        desk = self._desk
        thread = desk.recorder.thread
        facts = thread_facts(thread, desk.session.continuation)
        turns = sum(1 for e in desk.controller.dialogue.entries if e.role != "notice")
        return {
            "id": thread.id if thread else None, "title": thread.title if thread else None,
            "mode": facts.mode, "conversation_id": facts.conversation_id, "response_id": facts.response_id,
            "turns": turns,
        }  # fmt: skip

    def _captions(self) -> dict[str, str]:
        """Newest words of each side in the turn that runs."""
        entries = self._desk.controller.dialogue.entries[-2:]
        user = [e.text for e in entries if e.role == "user"]
        agent = [e.text for e in entries if e.role == "assistant"]
        newest = entries[-1].role if entries else None
        return {"user": user[-1] if user else "", "agent": agent[-1] if agent and newest == "assistant" else ""}

    async def follow(self) -> AsyncIterator[dict[str, object]]:
        """Yield the report now and after each change, at most 20 times a second, until the app quits."""
        changed = asyncio.Event()
        self._changed.add(changed)
        try:
            while not self._closed:
                changed.clear()
                yield self.state()
                await asyncio.sleep(EVERY_S)
                await changed.wait()
        finally:
            self._changed.discard(changed)
