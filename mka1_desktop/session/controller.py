"""The owner of a session: one inbox, one machine, one place where everything meets in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from mka1_desktop.domain.captions import Record
from mka1_desktop.domain.conversation import NOTHING, Continuation, Item
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import (
    AgentSoundStarted,
    AgentSoundStopped,
    CaptionReceived,
    ConnectRequested,
    Event,
    HangUpRequested,
    ResponseStarted,
    TextHandedOver,
)
from mka1_desktop.domain.text import checked_text
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.dialogue import Dialogue, Entry
from mka1_desktop.session.effects import EffectRunner
from mka1_desktop.session.machine import step
from mka1_desktop.session.outbox import Outbox
from mka1_desktop.session.state import (
    ClearNotice,
    Effect,
    Failed,
    FailTurn,
    Idle,
    Live,
    Phase,
    Session,
    Show,
    SilenceAgent,
    Tell,
)
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.session.watch import Watcher

SETTLE_EVERY_S = 0.5
AGENT_SETTLE_S = 2.0  # open questions 24
SPEAKING = (Phase.SPEAKING, Phase.GREETING)
USER_SETTLE_S = 5.0  # a recogniser may take its time before it says "final"
_STOP: Literal["stop"] = "stop"
Mail: TypeAlias = Event | Literal["stop"]


class SessionController:
    """Feeds events to the machine one by one and performs what it answers. All methods on the loop's thread."""

    def __init__(self, *, runner: Callable[[Callable[[Event], None]], EffectRunner], clock: ClockPort) -> None:
        self._inbox: asyncio.Queue[Mail] = asyncio.Queue()
        self._clock = clock
        self._runner = runner(self.post)
        self._watchers: list[Watcher] = []
        self._outbox = Outbox()
        self._defect: BaseException | None = None
        self._tasks = KeyedTasks(self.defect)
        self._prefixes = 0
        self.session = Session()
        self.dialogue = self._new_dialogue()

    def watch(self, watcher: Watcher) -> None:
        self._watchers.append(watcher)

    @property
    def outbox(self) -> int:
        """How many texts wait."""
        return len(self._outbox)

    @property
    def runner(self) -> EffectRunner:
        return self._runner

    def post(self, event: Event) -> None:
        """Put an event into the inbox; from other threads through `loop.call_soon_threadsafe`."""
        self._inbox.put_nowait(event)

    def defect(self, error: BaseException) -> None:
        """A bug in a task: end `run` with it."""
        self._defect = self._defect or error
        self._inbox.put_nowait(_STOP)

    async def run(self) -> None:
        """Work until `stop` or a cancellation; raises what a task of ours failed with."""
        self._tasks.start("settle", self._settle())
        try:
            while (event := await self._inbox.get()) != _STOP:
                self._handle(event)
            if self._defect is not None:
                raise self._defect
        finally:
            await self._tasks.close()
            await self._runner.close()

    def stop(self) -> None:
        """Let `run` return after what is in the inbox now."""
        self._inbox.put_nowait(_STOP)

    # --- threads -----------------------------------------------------------------------------------------------

    def open_thread(
        self, items: tuple[Item, ...], *, continuation: Continuation, earlier: Continuation = NOTHING
    ) -> None:
        """Show another thread; only while no session runs."""
        self.session = Session(
            link=Idle(), ticket=self.session.ticket, muted=self.session.muted, talk_open=self.session.talk_open,
            continuation=continuation, earlier=earlier, serial=self.session.serial, idle_s=self.session.idle_s,
        )  # fmt: skip
        self._outbox.clear()
        self.dialogue = self._new_dialogue()
        self.dialogue.load(items)
        self._tell_session()

    def forget_continuation(self) -> None:
        """The next session starts without the earlier context."""
        self.session = replace(self.session, continuation=NOTHING, earlier=NOTHING)

    def connect(self) -> None:
        """Start a session that goes on where the open thread ended."""
        self.post(ConnectRequested(continuation=self.session.continuation, fallback=self.session.earlier))

    def hang_up(self) -> None:
        self.post(HangUpRequested())

    def hang_up_now(self) -> None:
        """End the session before this returns; not from inside a watcher."""
        self._handle(HangUpRequested())

    # --- typed text --------------------------------------------------------------------------------------------

    def say(self, text: str) -> Entry:
        """Send a typed text, now or when the agent is there; connects if needed. Raises AppError for the text."""
        entry = self.dialogue.add_text(checked_text(text), at=self._clock.now(), at_s=self._clock.monotonic())
        self._outbox.add(entry.key, entry.text)
        self._tell_entries((entry,))
        if isinstance(self.session.link, Idle | Failed):
            self.connect()
        self._flush()
        return entry

    def say_again(self, key: str) -> None:
        """Send a text that failed once more, because the person wants it."""
        for entry in self.dialogue.entries:
            if entry.key == key and entry.state in ("failed", "unsure"):
                self._outbox.add(key, entry.text)
                self._tell_entries(self.dialogue.set_state(key, "waiting"))
                if isinstance(self.session.link, Idle | Failed):
                    self.connect()
                self._flush()

    def _flush(self) -> None:
        if len(self._outbox) and self._ready() and not self._tasks.running("outbox"):
            flushing = self._outbox.flush(self._deliver, sent=self._sent, failed=self._not_sent, ready=self._ready)
            self._tasks.start("outbox", flushing)

    def _ready(self) -> bool:
        """Whether somebody is there to take a text."""
        link = self.session.link
        return isinstance(link, Live) and link.agent is not None and not link.resuming

    async def _deliver(self, text: str) -> None:
        room = self._runner.room
        if room is None:
            raise AppError(Code.TEXT_NOT_SENT)
        await room.send_text(text)

    def _sent(self, key: str) -> None:
        self._tell_entries(self.dialogue.set_state(key, "sent"))
        self.post(TextHandedOver(key=key))

    def _not_sent(self, key: str, trouble: Trouble) -> None:
        self._tell_entries(self.dialogue.set_state(key, "failed"))
        self.notice(trouble)

    # --- one event ---------------------------------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        if getattr(event, "ticket", self.session.ticket) != self.session.ticket:
            return
        before = self.session
        self._follow(event, before)
        self.session, effects = step(before, event)
        for effect in effects:
            self._perform(effect, before)
        if isinstance(event, CaptionReceived) and self._answers(event):
            self._answered()
        if self.session != before:
            self._tell_session()
        for watcher in self._watchers:
            watcher.on_event(event, self.session)
        self._flush()

    def _follow(self, event: Event, session: Session) -> None:
        """Let the dialogue see the event first: watchers of the state find it up to date."""
        match event:
            case CaptionReceived():
                live = session.link
                asked = isinstance(live, Live) and live.asked
                if event.speaker == "user" and isinstance(live, Live) and live.phase in SPEAKING:
                    self.dialogue.barge_in()
                self._changed(*self.dialogue.caption(event, asked=asked, at=self._clock.now()))
            case ResponseStarted():
                self._tell_entries(self.dialogue.response(event))
                self._answered()
            case AgentSoundStarted(at_s=at_s):
                self.dialogue.sound_started(at_s)
            case AgentSoundStopped(at_s=at_s):
                self._tell_entries(self.dialogue.sound_stopped(at_s))
            case _:
                return

    def _answers(self, event: CaptionReceived) -> bool:
        live = self.session.link
        return event.speaker == "agent" and isinstance(live, Live) and event.segment_id in live.segments

    def _answered(self) -> None:
        """An answer begins: the typed texts before it have arrived."""
        for entry in self.dialogue.entries:
            if entry.state == "sent":
                self._tell_entries(self.dialogue.set_state(entry.key, "final"))

    def _perform(self, effect: Effect, before: Session) -> None:
        match effect:
            case Show(trouble=trouble):
                self.notice(trouble)
            case ClearNotice():
                self.notice_cleared()
            case FailTurn(trouble=trouble):
                self._fail_turn(trouble)
            case Tell():
                for watcher in self._watchers:
                    watcher.on_told(effect)
            case SilenceAgent(silent=True) if isinstance(before.link, Live):
                if before.link.phase in SPEAKING or before.link.sound:
                    self._tell_entries(self.dialogue.interrupt(self._clock.monotonic()))
                self._runner.perform(effect)
            case _:
                self._runner.perform(effect)

    def _fail_turn(self, trouble: Trouble) -> None:
        for entry in self.dialogue.entries:
            if entry.state == "sent":
                self._tell_entries(self.dialogue.set_state(entry.key, "failed"))
        now = self._clock.now()
        self._tell_entries((self.dialogue.notice(trouble.sentence, at=now, at_s=self._clock.monotonic()),))
        for watcher in self._watchers:
            watcher.on_turn_failed(trouble)

    # --- captions without a final flag ---------------------------------------------------------------------------

    async def _settle(self) -> None:
        """Close segments that the service leaves open, once nothing moves any more."""
        while True:
            await self._clock.sleep(SETTLE_EVERY_S)
            now_s = self._clock.monotonic()
            live = self.session.link
            sounding = isinstance(live, Live) and live.sound and not live.silenced
            agent_since = self.dialogue.open_since("agent")
            if agent_since is not None and not sounding and now_s - agent_since >= AGENT_SETTLE_S:
                self._changed(*self.dialogue.settle("agent", at_s=now_s, at=self._clock.now()))
            user_since = self.dialogue.open_since("user")
            if user_since is not None and now_s - user_since >= USER_SETTLE_S:
                self._changed(*self.dialogue.settle("user", at_s=now_s, at=self._clock.now()))

    # --- news --------------------------------------------------------------------------------------------------

    def _changed(self, records: Sequence[Record], entries: Sequence[Entry]) -> None:
        if records:
            for watcher in self._watchers:
                watcher.on_records(records)
        self._tell_entries(entries)

    def _tell_entries(self, entries: Sequence[Entry]) -> None:
        if entries:
            for watcher in self._watchers:
                watcher.on_entries(entries)

    def _tell_session(self) -> None:
        for watcher in self._watchers:
            watcher.on_session(self.session)

    def notice(self, trouble: Trouble) -> None:
        """Tell the watchers of something that went wrong."""
        for watcher in self._watchers:
            watcher.on_notice(trouble)

    def notice_cleared(self) -> None:
        """What was shown is over."""
        for watcher in self._watchers:
            watcher.on_notice_cleared()

    def _new_dialogue(self) -> Dialogue:
        self._prefixes += 1
        return Dialogue(prefix=f"{int(self._clock.now() * 1000):x}.{self._prefixes}")
