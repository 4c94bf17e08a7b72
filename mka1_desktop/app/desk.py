"""The app without its windows: session, threads, settings, talk key, for whoever drives it (window, tray, `ctl`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from mka1_desktop.app.account import Account
from mka1_desktop.app.answer_wait import whole_answer
from mka1_desktop.app.answers import Answer, AnswerBook
from mka1_desktop.app.lazy import LazyApi, LazyRooms
from mka1_desktop.app.state_report import StateReport
from mka1_desktop.app.switch_sound import SwitchSound
from mka1_desktop.domain.conversation import NOTHING, Continuation, Identity, Thread
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import Event, MuteChanged, RetryRequested, StopRequested
from mka1_desktop.domain.request import SessionRequest, build_request
from mka1_desktop.domain.settings import Settings, Value, setting
from mka1_desktop.domain.talk import Mode, Talk, TalkSettings
from mka1_desktop.ports.store import HistoryPort, SettingsPort
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.controller import SessionController
from mka1_desktop.session.effects import EffectRunner
from mka1_desktop.session.recorder import Recorder
from mka1_desktop.session.state import Failed, Idle, Live, Session
from mka1_desktop.session.talker import Talker
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.session.watch import Watcher

ANSWER_SILENCE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a desk is built of."""

    api: LazyApi
    rooms: LazyRooms
    sound: SwitchSound
    history: HistoryPort
    settings: SettingsPort
    clock: ClockPort
    save_again: Callable[[], Awaitable[object]]


class Desk(Watcher):
    """One for the app. Methods are called on the loop's thread and return at once unless they are coroutines."""

    def __init__(self, parts: Parts, *, settings: Settings, on_talk: Callable[[Talk], None] = lambda _: None) -> None:
        self.parts = parts
        self.settings = settings
        self._on_talk = on_talk
        self.controller = SessionController(runner=self._runner, clock=parts.clock)
        self.talker = Talker(
            clock=parts.clock, post=self.controller.post, on_change=self._talk_changed,
            on_defect=self.controller.defect, settings=_talk_settings(settings),
        )  # fmt: skip
        self.recorder = Recorder(
            history=parts.history, clock=parts.clock, identity=None, on_trouble=self.notice,
            on_saved=lambda thread: self.on_threads_changed(thread),  # noqa: PLW0108 - set later
        )  # fmt: skip
        self.book = AnswerBook()
        self.report = StateReport(self)
        self.on_setting: Callable[[str], None] = lambda _: None
        self.on_threads_changed: Callable[[Thread], None] = lambda _: None
        self.background = KeyedTasks(self.controller.defect)  # work that settings and devices cause
        self._was_active = self._was_muted = False
        self._asking = asyncio.Lock()
        parts.api.check = self.check_account
        for watcher in (self.recorder, self.book, self.report, self):
            self.controller.watch(watcher)

    def _runner(self, post: Callable[[Event], None]) -> EffectRunner:
        parts = self.parts
        return EffectRunner(
            api=parts.api, rooms=parts.rooms, sound=parts.sound, clock=parts.clock, request_for=self._request,
            post=post, on_defect=lambda error: self.controller.defect(error),  # noqa: PLW0108 - not made yet
        )  # fmt: skip

    def _request(self, continuation: Continuation) -> SessionRequest:
        if self.parts.api.outdated():
            continuation = NOTHING  # the demo service that knew it has ended, and the next one knows nothing
        return build_request(continuation=continuation, settings=self.settings)[0]

    async def run(self) -> None:
        """Work until the controller is stopped or this is cancelled; everything said is saved before it returns."""
        await self.parts.sound.open(self.controller.post)
        try:
            async with asyncio.TaskGroup() as tasks:
                saving = tasks.create_task(self.recorder.run(), name="save")
                asking = tasks.create_task(self.report.follow_round_trip(), name="round trip")
                await self.controller.run()
                await self.recorder.flush()
                saving.cancel()
                asking.cancel()
        finally:
            await self.talker.close()
            await self.background.close()
            await self._save_rest()
            await self.parts.sound.close()
            await self.parts.api.close()

    async def _save_rest(self) -> None:
        saving = asyncio.get_running_loop().create_task(self.recorder.run(), name="save the rest")
        await self.recorder.flush()
        saving.cancel()

    # --- session -----------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        return self.controller.session

    @property
    def active(self) -> bool:
        return not isinstance(self.session.link, Idle | Failed)

    def check_account(self, account: Account) -> None:
        """Refuse to continue a thread of somebody else; new threads belong to this account.

        Raises AppError(OTHER_IDENTITY) before anything is asked for.
        """
        thread = self.recorder.thread
        if thread is not None and not _same(thread.identity, account.identity):
            raise AppError(Code.OTHER_IDENTITY)
        self.recorder.identity = account.identity

    def connect(self) -> None:
        """Start a session, unless one is there. A demo service of another run remembers nothing of its threads."""
        if self.active:
            return
        account, thread = self.parts.api.account, self.recorder.thread
        if account is not None and account.identity.demo and thread is not None and thread.identity != account.identity:
            self.controller.forget_continuation()
        self.controller.connect()

    def hang_up(self) -> None:
        self.controller.hang_up()

    def retry_or_connect(self) -> None:
        """Try now: the connection that is being made, the one that failed, or a new one."""
        if isinstance(self.session.link, Idle):
            self.connect()
        else:
            self.controller.post(RetryRequested())

    def repeat(self) -> None:
        """Send the newest typed question that got no answer once more; a spoken one is for the person to repeat."""
        for entry in reversed(self.controller.dialogue.entries):
            if entry.role == "user":
                self.controller.say_again(entry.key)
                return

    def start_fresh(self) -> None:
        """Go on in this thread without the earlier context; its words stay."""
        self.controller.hang_up_now()
        self.controller.forget_continuation()
        self.connect()

    async def save_again(self) -> None:
        """Try to write what could not be saved. Raises AppError when it still cannot."""
        await self.parts.save_again()

    def stop(self) -> None:
        """Silence the answer."""
        self.controller.post(StopRequested())

    def set_muted(self, muted: bool) -> None:
        """Mute first: a microphone that is closed by that ends nobody's turn."""
        self.controller.post(MuteChanged(muted=muted))
        if muted:
            self.talker.stop()

    # --- talking -----------------------------------------------------------------------------------------------

    def press(self) -> None:
        """The talk key went down: it talks into the open thread, and connects if needed."""
        if self.session.muted:
            self.notice(Trouble(Code.MUTED))
            return
        self.talker.press()
        self.connect()

    def release(self) -> None:
        self.talker.release()

    def talk(self, what: str) -> None:
        """`ctl talk start|stop|toggle`; idempotent."""
        if what == "stop" or (what == "toggle" and self.talker.talk.open):
            self.talker.finish()
            return
        if self.session.muted:
            raise AppError(Code.MUTED)
        self.talker.start()
        self.connect()

    def _talk_changed(self, talk: Talk) -> None:
        self._on_talk(talk)
        self.report.touch()

    def on_session(self, session: Session) -> None:
        """A session that ends closes the microphone; one that begins opens it where it is always open."""
        active, muted = self.active, session.muted
        if (active and not self._was_active) or (self._was_muted and not muted):
            self._open_microphone_mode()
        if self._was_active and not active:
            self.talker.stop()
        self._was_active, self._was_muted = active, muted

    def _open_microphone_mode(self) -> None:
        if self.talker.settings.mode == "open" and self.active and not self.session.muted:
            self.talker.start()

    # --- text --------------------------------------------------------------------------------------------------

    def say(self, text: str) -> str:
        """Send a text; returns its entry's key. Raises AppError for the text."""
        return self.controller.say(text).key

    async def ask(self, text: str) -> Answer:
        """Send a text and wait for the whole answer; one at a time. Raises AppError: text, session failed."""
        async with self._asking:
            answer = self.book.begin(0)
            key = self.say(text)
            while any(e.key == key and e.state == "waiting" for e in self.controller.dialogue.entries):
                self.book.changed.clear()
                await self.book.changed.wait()
                self._raise_failure()
            since_s = self.parts.clock.monotonic()
            await whole_answer(self.book, answer, since_s=since_s, silence_s=ANSWER_SILENCE_S, clock=self.parts.clock)
            if not answer.answered:
                self._raise_failure()
                if answer.trouble is not None:
                    raise AppError(answer.trouble.code, message=answer.trouble.message)
            return answer

    def _raise_failure(self) -> None:
        if self.book.failed is not None:
            raise AppError(self.book.failed.code, message=self.book.failed.message)

    async def until_ready(self) -> None:
        """Return when the agent is there. Raises AppError when the session failed."""
        while True:
            link = self.session.link
            if isinstance(link, Live) and link.agent is not None and not link.resuming:
                return
            self._raise_failure()
            self.book.changed.clear()
            await self.book.changed.wait()

    # --- threads -----------------------------------------------------------------------------------------------

    def new_thread(self) -> None:
        """Begin anew; it is kept with its first words."""
        self.controller.hang_up_now()
        self.recorder.begin(None)
        self.controller.open_thread((), continuation=NOTHING)

    async def open_thread(self, thread_id: str) -> Thread:
        """Open a thread of this machine; a running session ends. Raises AppError(NOT_FOUND)."""
        thread = await self.parts.history.thread(thread_id)
        items = await self.parts.history.items(thread_id)
        self.controller.hang_up_now()
        self.recorder.begin(thread, items)
        earlier = Continuation(response_id=thread.earlier_response_id)
        self.controller.open_thread(items, continuation=thread.continuation, earlier=earlier)
        return thread

    async def delete_thread(self, thread_id: str) -> None:
        await self.parts.history.delete((thread_id,))
        if self.recorder.thread is not None and self.recorder.thread.id == thread_id:
            self.new_thread()

    async def rename_thread(self, thread_id: str, title: str) -> Thread:
        await self.parts.history.rename(thread_id, title)
        if self.recorder.thread is not None and self.recorder.thread.id == thread_id:
            self.recorder.rename(title)
        return await self.parts.history.thread(thread_id)

    async def pin_thread(self, thread_id: str, *, pinned: bool) -> Thread:
        await self.parts.history.pin(thread_id, pinned)
        return await self.parts.history.thread(thread_id)

    # --- settings ----------------------------------------------------------------------------------------------

    def set_setting(self, key: str, raw: object) -> Value:
        """Change and save one setting, at once. Raises AppError(BAD_SETTING) with the range."""
        value = setting(key).parse(raw)
        if value == self.settings[key]:
            return value
        self.settings = self.settings.replaced(key, value)
        self.talker.settings = _talk_settings(self.settings)
        self.controller.session = replace(
            self.controller.session, idle_s=60.0 * self.settings.number("session.idle_minutes")
        )
        try:
            self.parts.settings.save(self.settings)
        except AppError as error:
            self.notice(error.trouble)
        if key == "talk.mode":
            self._open_microphone_mode()
        self.on_setting(key)
        return value

    # --- notices -----------------------------------------------------------------------------------------------

    def notice(self, trouble: Trouble) -> None:
        """Show something that did not come out of the session."""
        self.controller.notice(trouble)

    def notice_over(self) -> None:
        self.controller.notice_cleared()


def _same(owner: Identity | None, now: Identity) -> bool:
    """Whether a thread may go on: it has no owner yet, the same one, or both are demos (never continued elsewhere)."""
    return owner is None or owner == now or (owner.demo and now.demo)


def _talk_settings(settings: Settings) -> TalkSettings:
    modes: dict[str, Mode] = {"hold": "hold", "toggle": "toggle", "open": "open"}
    return TalkSettings(
        mode=modes.get(settings.text("talk.mode"), "auto"),
        tail_ms=settings.number("talk.tail_ms"),
        tap_ms=settings.number("talk.tap_ms"),
    )
