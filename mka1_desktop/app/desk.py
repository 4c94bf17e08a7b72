"""The app without its windows: session, threads, settings, talk key, for whoever drives it (window, tray, `ctl`)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from mka1_desktop.app.account import Account
from mka1_desktop.app.answer_wait import whole_answer
from mka1_desktop.app.answers import Answer, AnswerBook
from mka1_desktop.app.cue_sounds import CueSounds, OpenCues
from mka1_desktop.app.echo_watch import EchoWatch
from mka1_desktop.app.key_test import KeyTest
from mka1_desktop.app.lazy import LazyApi, LazyRooms
from mka1_desktop.app.repeating import Repeat, repeat_of
from mka1_desktop.app.replay import OpenPlayer, Replay, open_player
from mka1_desktop.app.session_parts import build_controller
from mka1_desktop.app.state_report import StateReport
from mka1_desktop.app.switch_sound import SwitchSound
from mka1_desktop.domain.conversation import NOTHING, Continuation, Identity, Thread
from mka1_desktop.domain.device_order import with_setting
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.events import (
    DevicesChanged,
    Event,
    MicrophoneFailed,
    MuteChanged,
    RetryRequested,
    SpeechDropped,
    SpeechRepeated,
    StopRequested,
)
from mka1_desktop.domain.request import SessionRequest, build_request
from mka1_desktop.domain.settings import Settings, Value, setting
from mka1_desktop.domain.talk import Mode, Talk, TalkSettings
from mka1_desktop.ports.spares import SparePort
from mka1_desktop.ports.store import HistoryPort, SettingsPort
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.ports.system_pages import SystemPagesPort
from mka1_desktop.session.answer_voice import AnswerVoice
from mka1_desktop.session.branch import branch
from mka1_desktop.session.delivery import ServiceDelivery
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.opener import ConversationOpener
from mka1_desktop.session.recorder import Recorder
from mka1_desktop.session.runner import ExpiryMemory
from mka1_desktop.session.state import Failed, Idle, RenewalMode, Session
from mka1_desktop.session.talker import Talker
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.session.watch import Watcher

ANSWER_SILENCE_S = 30.0
NO_RECORDING = frozenset({Code.NO_MICROPHONE, Code.MIC_DENIED, Code.DEVICE_GONE})


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
    spares: SparePort | None = None  # None: empty conversations are kept for this run only
    expiry: ExpiryMemory | None = None  # None: learnt anew in each run
    player: OpenPlayer = open_player
    cues: OpenCues | None = None  # None: there are no tones
    pages: SystemPagesPort | None = None  # None: no page of the system is known


class Desk(Watcher):
    """One for the app. Methods are called on the loop's thread and return at once unless they are coroutines."""

    def __init__(self, parts: Parts, *, settings: Settings, on_talk: Callable[[Talk], None] = lambda _: None) -> None:
        self.parts = parts
        self.settings = settings
        self._on_talk = on_talk
        self.opener = ConversationOpener(
            service=parts.api, clock=parts.clock, wanted=self._wants_conversation,
            on_defect=lambda error: self.controller.defect(error),  # noqa: PLW0108 - it is not made yet
            check=self.check_identity, spares=parts.spares,
        )  # fmt: skip
        self.controller = build_controller(
            api=parts.api, rooms=parts.rooms, sound=parts.sound, clock=parts.clock, request_for=self._request,
            opener=self.opener, expiry=parts.expiry, delivery=ServiceDelivery(parts.api),
        )  # fmt: skip
        self.talker = Talker(
            clock=parts.clock, post=self.controller.post, on_change=self._talk_changed,
            on_defect=self.controller.defect, settings=_talk_settings(settings),
            on_long=lambda left_s: self.notice(Trouble(Code.TALK_LONG if left_s else Code.TALK_OVER)),
        )  # fmt: skip
        self.recorder = Recorder(
            history=parts.history, clock=parts.clock, identity=None, opener=self.opener, on_trouble=self.notice,
            on_saved=lambda thread: self.on_threads_changed(thread),  # noqa: PLW0108 - set later
        )  # fmt: skip
        self.controller.mail.saved = self.recorder.flush
        self.voice = AnswerVoice(self.controller)
        parts.sound.on_voice = self.voice.hear
        self.replay = Replay(
            controller=self.controller, voice=self.voice, sound=parts.sound, set_muted=self.set_muted,
            volume=lambda: self.settings.number("audio.volume"), make=parts.player,
        )  # fmt: skip
        self._cues = None if parts.cues is None else CueSounds(
            controller=self.controller, volume=lambda: self.settings.number("audio.cue_volume"),
            replaying=lambda: self.replay.playing is not None, open_player=parts.cues,
        )  # fmt: skip
        self.book = AnswerBook()
        self.report = StateReport(self)
        self.on_setting: Callable[[str], None] = lambda _: None
        self.on_key_tested: Callable[[str], None] = lambda _: None  # what the key test says
        self.on_key_test: Callable[[bool], None] = lambda _: None  # it begins, or has ended
        self.key_test = KeyTest(
            clock=parts.clock, on_defect=self.controller.defect,
            tell=lambda words: self.on_key_tested(words),  # noqa: PLW0108 - set later
            on_running=lambda running: self.on_key_test(running),  # noqa: PLW0108 - set later
        )  # fmt: skip
        self.on_threads_changed: Callable[[Thread], None] = lambda _: None
        self.background = KeyedTasks(self.controller.defect)  # work that settings and devices cause
        self._was_active = self._was_muted = self._without_microphone = False
        self._microphones = 0  # how many there are
        self._asking = asyncio.Lock()
        parts.api.check = self.check_account
        echo = EchoWatch(tell=self.notice, now_s=parts.clock.monotonic)
        for watcher in (self.recorder, self.voice, self.replay, self.book, self.report, echo, self):
            self.controller.watch(watcher)
        if self._cues is not None:
            self.controller.watch(self._cues)
        self._tune()

    def _wants_conversation(self) -> bool:
        thread = self.recorder.thread
        return self.settings.text("thread.kind") == "conversation" and (thread is None or thread.mode != "private")

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
            await self.key_test.close()
            await self.replay.close()
            if self._cues is not None:
                await self._cues.close()
            self.voice.forget()
            await self.background.close()
            await self._save_rest()
            await self.opener.close()
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
        self.check_identity(account.identity)

    def check_identity(self, identity: Identity) -> None:
        """Like `check_account`."""
        thread = self.recorder.thread
        if thread is not None and not _same(thread.identity, identity):
            raise AppError(Code.OTHER_IDENTITY)
        self.recorder.belong_to(identity)

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

    @property
    def repeatable(self) -> Repeat:
        """What `repeat` would send."""
        return repeat_of(self.controller.dialogue.entries, self.parts.sound.kept)

    def repeat(self) -> None:
        """Send the newest question that got no answer once more: its text, or its recording."""
        match self.repeatable:
            case Entry(key=key):
                self.controller.say_again(key)
            case "speech":
                self._repeat_speech()
            case None:
                return

    def send_again(self, key: str) -> None:
        """Send this turn of the person once more: its text, or the recording while it is there."""
        entry = next((e for e in self.controller.dialogue.entries if e.key == key), None)
        if entry is not None and entry.source == "text":
            self.controller.say_again(key)
        elif entry is not None and self.parts.sound.kept.recorded_s > 0:
            self._repeat_speech()

    def _repeat_speech(self) -> None:
        self.controller.post(SpeechRepeated())
        self.connect()

    def drop_speech(self) -> None:
        """What was said and has not reached the assistant is not wanted."""
        self.controller.post(SpeechDropped())

    def start_fresh(self) -> str:
        """Go on in a new thread without the earlier context; the old one stays as it is.

        Returns what was typed there and got no answer, for the person to send again here.
        """
        unanswered = self._unanswered()
        self.recorder.on_entries([replace(entry, state="failed") for entry in unanswered])  # nobody sends them there
        self.new_thread()
        self.connect()
        return "\n".join(entry.text for entry in unanswered)

    def _unanswered(self) -> list[Entry]:
        """The typed texts at the end of the thread that the assistant has not taken."""
        found: list[Entry] = []
        for entry in reversed(self.controller.dialogue.entries):
            if entry.role == "assistant":
                break
            if entry.role == "user" and entry.source == "text" and entry.state in ("waiting", "failed"):
                found.insert(0, entry)
        return found

    async def save_again(self) -> None:
        """Try to write what could not be saved. Raises AppError when it still cannot."""
        await self.parts.save_again()

    def stop(self) -> None:
        """Silence the answer, or the one that is heard again."""
        if self.replay.playing is not None:
            self.replay.stop()
        else:
            self.controller.post(StopRequested())

    def set_muted(self, muted: bool) -> None:
        """Mute first: a microphone that is closed by that ends nobody's turn."""
        self.controller.post(MuteChanged(muted=muted))
        if muted:
            self.talker.stop()

    # --- talking -----------------------------------------------------------------------------------------------

    def press(self, up_s: float | None = None) -> None:
        """The talk key went down: it talks into the open thread, and connects if needed."""
        if self.key_test.running:
            self.key_test.press()
            return
        if self.session.muted:
            self.notice(Trouble(Code.MUTED))
            return
        self.talker.press(up_s)
        self.connect()

    def release(self, down_s: float | None = None) -> None:
        """The talk key came up."""
        self.key_test.release(down_s)
        self.talker.release(down_s)

    def test_key(self) -> None:
        """For ten seconds the talk key is counted, and talks to nobody."""
        self.talker.stop()
        self.key_test.start()

    def talk(self, what: str) -> None:
        """`ctl talk start|stop|toggle`; idempotent."""
        if what == "stop" or (what == "toggle" and self.talker.talks):
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

    def on_event(self, event: Event, session: Session) -> None:
        """A microphone that is gone lets go of the talk key; where it is always open it opens when one is back."""
        match event:
            case MicrophoneFailed(trouble=Trouble(code=code)) if code in NO_RECORDING:
                self._without_microphone = True
                self.talker.stop()
            case DevicesChanged() if self._without_microphone:
                self._without_microphone = False
                self._open_microphone_mode()
            case _:
                return

    def microphones_counted(self, count: int) -> None:
        """So many are plugged in now; when the last one goes, nobody talks any more."""
        went, self._microphones = count == 0 and self._microphones > 0, count
        if went and self.talker.talk.open:
            self._without_microphone = True
            self.talker.stop()

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
            answer, before = self.book.begin(0), self.session.link
            key = self.say(text)
            while any(e.key == key and e.state == "waiting" for e in self.controller.dialogue.entries):
                self.book.changed.clear()
                await self.book.changed.wait()
                self._raise_failure(before)
            since_s = self.parts.clock.monotonic()
            await whole_answer(self.book, answer, since_s=since_s, silence_s=ANSWER_SILENCE_S, clock=self.parts.clock)
            if not answer.answered:
                self._raise_failure()
                if answer.trouble is not None:
                    raise AppError.of(answer.trouble)
            return answer

    def _raise_failure(self, before: object = None) -> None:
        """Raise what the session failed by, unless it had done so `before`: a new one has not begun to be made yet."""
        if self.book.failed is not None and self.session.link is not before:
            raise AppError.of(self.book.failed)

    async def until_ready(self) -> None:
        """Return when the agent of the session that was asked for is there. Raises AppError when it fails."""
        before = self.session.link
        while True:
            if self.session.listens:
                return
            self._raise_failure(before)
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
        thread = await self.parts.history.thread(thread_id)
        if thread.conversation_id is not None:
            self.opener.titled(thread.identity, thread.conversation_id, title)
        return thread

    async def branch(self, key: str) -> Thread:
        """Open a new thread that goes on from the answer with this key; the open one stays as it is.

        Raises AppError: NOT_FOUND, and those of the history.
        """
        before = self.recorder.thread
        if before is None:
            raise AppError(Code.NOT_FOUND)
        await self.recorder.flush()
        history = self.parts.history
        items = await history.items(before.id)
        made, copied = branch(before, items, key, thread_id=uuid.uuid4().hex, now=self.parts.clock.now())
        await history.put_thread(made)
        for item in copied:
            await history.put_item(made.id, item)
        return await self.open_thread(made.id)

    async def pin_thread(self, thread_id: str, *, pinned: bool) -> Thread:
        await self.parts.history.pin(thread_id, pinned)
        return await self.parts.history.thread(thread_id)

    # --- settings ----------------------------------------------------------------------------------------------

    def set_setting(self, key: str, raw: object) -> Value:
        """Change and save one setting, at once. Raises AppError(BAD_SETTING) with the range."""
        value = setting(key).parse(raw)
        if value == self.settings[key]:
            return value
        self.settings = with_setting(self.settings, key, value)
        self._tune()
        try:
            self.parts.settings.save(self.settings)
        except AppError as error:
            self.notice(error.trouble)
        if key == "talk.mode":
            self._open_microphone_mode()
        self.on_setting(key)
        return value

    def _tune(self) -> None:
        """Bring what session and talk key need of the settings into force."""
        self.talker.settings = _talk_settings(self.settings)
        modes: dict[str, RenewalMode] = {"ahead": "ahead", "on_disconnect": "on_disconnect"}
        self.controller.tune(
            idle_s=60.0 * self.settings.number("session.idle_minutes"),
            renewal=modes.get(self.settings.text("session.renewal"), "auto"),
            open_mic=self.talker.settings.mode == "open",
            keep_ready=self.settings.flag("talk.ready"),
        )

    # --- notices -----------------------------------------------------------------------------------------------

    def notice(self, trouble: Trouble) -> None:
        """Show something that did not come out of the session."""
        self.controller.notice(trouble)

    def remark(self, trouble: Trouble) -> None:
        """Show something that can wait: why a session has failed stays in view."""
        if not isinstance(self.session.link, Failed):
            self.notice(trouble)

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
        dwell_ms=settings.number("talk.dwell_ms"),
        debounce_ms=settings.number("talk.debounce_ms"),
    )
