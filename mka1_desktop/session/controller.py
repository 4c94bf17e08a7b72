"""The owner of a session: one inbox, one machine, one place where everything meets in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from mka1_desktop.domain.captions import Record
from mka1_desktop.domain.conversation import NOTHING, Continuation, Item
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import (
    AgentSoundStarted,
    AgentSoundStopped,
    CaptionReceived,
    ConnectRequested,
    Event,
    HangUpRequested,
    ResponseStarted,
    TextGoesOut,
    TextHandedOver,
)
from mka1_desktop.domain.text import checked_text
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.closing import SETTLE_EVERY_S, room_gone, settle, unanswered
from mka1_desktop.session.delivery import DeliveryPort
from mka1_desktop.session.dialogue import Dialogue, Entry
from mka1_desktop.session.effects import AnswerCut, ClearNotice, Effect, FailTurn, SendKept, Show, SilenceAgent, Tell
from mka1_desktop.session.entry import letters
from mka1_desktop.session.machine import concerns, step
from mka1_desktop.session.mail import Desk as MailDesk
from mka1_desktop.session.mail import Mail
from mka1_desktop.session.runner import EffectRunner
from mka1_desktop.session.signs import arrived
from mka1_desktop.session.state import Failed, Idle, Live, Phase, RenewalMode, Session
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.session.watch import Watcher

SPEAKING = (Phase.SPEAKING, Phase.GREETING)
_STOP: Literal["stop"] = "stop"
Inbox: TypeAlias = asyncio.Queue[Event | Literal["stop"]]


class SessionController:
    """Feeds events to the machine one by one and performs what it answers. All methods on the loop's thread."""

    def __init__(
        self,
        *,
        runner: Callable[[Callable[[Event], None]], EffectRunner],
        clock: ClockPort,
        delivery: DeliveryPort | None = None,
    ) -> None:
        self._inbox: Inbox = asyncio.Queue()
        self._clock = clock
        self._runner = runner(self.post)
        self._watchers: list[Watcher] = []
        self.mail = self._mail(delivery)
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
        return self.mail.outbox.waiting

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
            try:
                self._cut()
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
        self.session = self.session.of_thread(continuation, earlier)
        self.dialogue = self._new_dialogue()
        self.dialogue.load(items)
        self._tasks.stop("mail")
        self.mail.outbox.load(letters(self.dialogue.entries))
        self._tell_session()

    def forget_continuation(self) -> None:
        """The next session starts without the earlier context."""
        self.session = replace(self.session, continuation=NOTHING, earlier=NOTHING)

    def connect(self, *, voiced: bool = True) -> None:
        """Go on where the open thread ended, or begin; `voiced`: the person wants to speak, and not only to type."""
        going_on, earlier = self.session.continuation, self.session.earlier
        self.post(ConnectRequested(continuation=going_on, fallback=earlier, fresh=not going_on, voiced=voiced))

    def tune(self, *, idle_s: float, renewal: RenewalMode, open_mic: bool, keep_ready: bool = False) -> None:
        """Take settings over, also in mid-session."""
        self.session = replace(self.session, idle_s=idle_s, renewal=renewal, open_mic=open_mic, keep_ready=keep_ready)

    def hang_up(self) -> None:
        self.post(HangUpRequested())

    def hang_up_now(self) -> None:
        """End the session before this returns; not from inside a watcher."""
        self._handle(HangUpRequested())

    # --- typed text --------------------------------------------------------------------------------------------

    def say(self, text: str) -> Entry:
        """Send a typed text, now or when the agent is there; connects if needed. Raises AppError for the text."""
        entry = self.dialogue.add_text(checked_text(text), at=self._clock.now(), at_s=self._clock.monotonic())
        self._tell_entries((entry,))
        self._send(entry)
        return entry

    def say_again(self, key: str) -> None:
        """Send a text that failed, or of which nobody knows, once more: the person wants it."""
        for entry in self.dialogue.entries:
            if entry.key == key and entry.state in ("failed", "unsure"):
                self._tell_entries(self.dialogue.set_state(key, "waiting"))
                self._send(entry)

    def _send(self, entry: Entry) -> None:
        self.mail.outbox.add(entry.key, entry.text)
        if isinstance(self.session.link, Idle | Failed):
            self.connect(voiced=False)
        self._pump()

    def _pump(self) -> None:
        if self.mail.busy and not self._tasks.running("mail"):
            self._tasks.start("mail", self.mail.pump())

    def _mail(self, delivery: DeliveryPort | None) -> Mail:
        return Mail(
            MailDesk(
                ready=lambda: self.session.ready_for_text,
                room=lambda: self._runner.seats.room(self.session.ticket),
                going_on=lambda: self.session.continuation,
                known=lambda text: self.dialogue.arrived(text),  # noqa: PLW0108 - the dialogue changes
                state=lambda key, state: self._tell_entries(self.dialogue.set_state(key, state)),
                handed=lambda key: self.post(TextHandedOver(key=key)),
                trouble=self.notice,
                goes_out=lambda key: self.post(TextGoesOut(key=key)),
            ),
            delivery=delivery,
        )

    # --- one event ---------------------------------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        before = self.session
        heard = concerns(before, event)
        if heard:
            self._follow(event, before)
        self.session, effects = step(before, event)
        if room_gone(before, self.session):
            self._cut()
            self.mail.outbox.room_gone()
            for key in unanswered(self.dialogue, self.session):
                self._tell_entries(self.dialogue.set_state(key, "failed"))
        for effect in effects:
            self._perform(effect, before)
        if heard and arrived(event, self.session):
            self.mail.answered()
        if self.session != before:
            self._tell_session()
        if heard:
            for watcher in self._watchers:
                watcher.on_event(event, self.session)
        self._pump()

    def _follow(self, event: Event, session: Session) -> None:
        """Let the dialogue see the event first: watchers of the state find it up to date."""
        match event:
            case CaptionReceived():
                live = session.link
                heard = isinstance(live, Live) and (live.heard_user or not session.speech.sending)
                asked = heard and isinstance(live, Live) and live.asked  # what is being sent nobody has answered yet
                if event.speaker == "user" and isinstance(live, Live) and live.phase in SPEAKING:
                    self.dialogue.barge_in()
                self._changed(*self.dialogue.caption(event, asked=asked, at=self._clock.now()))
            case ResponseStarted():
                self._tell_entries(self.dialogue.response(event))
            case AgentSoundStarted(at_s=at_s):
                self.dialogue.sound_started(at_s)
            case AgentSoundStopped(at_s=at_s):
                self._tell_entries(self.dialogue.sound_stopped(at_s))
            case _:
                return

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
            case SendKept(again=True):
                self.dialogue.say_again()
                self._runner.perform(effect)
            case AnswerCut():
                self._tell_entries(self.dialogue.interrupt(self._clock.monotonic()))
            case SilenceAgent(silent=True) if isinstance(before.link, Live):
                if before.link.phase in SPEAKING or before.link.sound:
                    self._tell_entries(self.dialogue.interrupt(self._clock.monotonic()))
                self._runner.perform(effect)
            case _:
                self._runner.perform(effect)

    def _fail_turn(self, trouble: Trouble) -> None:
        self.mail.turn_failed()
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
            self._changed(*settle(self.dialogue, self.session, at_s=now_s, at=self._clock.now()))

    def _cut(self) -> None:
        """Keep what is open as it was shown: nothing more comes of it."""
        self._changed(*self.dialogue.cut(at_s=self._clock.monotonic(), at=self._clock.now()))

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
