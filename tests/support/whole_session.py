"""A whole session over real HTTP and WebRTC: client, room SDK, file engine, history, recorder; nothing of it a fake."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np

from mka1_desktop.adapters.clock import SystemClock
from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.adapters.room_livekit import LivekitRooms
from mka1_desktop.adapters.sound_file import FileSound
from mka1_desktop.app.account import Account
from mka1_desktop.app.lazy import LazyApi, open_api
from mka1_desktop.app.session_parts import build_controller
from mka1_desktop.domain.audio import RATE_HZ, Samples
from mka1_desktop.domain.conversation import Continuation, Identity, Item, Thread
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import Event, RetryRequested, SpeechDropped, TalkChanged
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import SessionRequest, build_request
from mka1_desktop.ports.api import ApiPort, ServicePort
from mka1_desktop.ports.store import HistoryPort
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.delivery import ServiceDelivery
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.opener import ConversationOpener
from mka1_desktop.session.recorder import Recorder
from mka1_desktop.session.runner import ExpiryMemory
from mka1_desktop.session.state import Failed, Session, Shown
from mka1_desktop.session.watch import Watcher
from tests.fakes.session_desk import Witness
from tests.support.demo_service import OWNER

WAIT_S = 40.0  # a loaded machine
LOOK_S = 0.05
NAMELESS = "Task-"  # our own tasks have names; a service in the same process, and the SDK, give none
EARLIER = "What did I ask you earlier?"


class _Changes(Watcher):
    """Wakes whoever waits for something to happen."""

    def __init__(self) -> None:
        self.happened = asyncio.Event()

    def on_session(self, session: Session) -> None:
        self.happened.set()

    def on_event(self, event: Event, session: Session) -> None:
        self.happened.set()


class Whole:
    """One session of one person with one service.

    `kind`: what a new thread becomes. `clock`: of the machine's own timers; sound and rooms live in real time.
    `grants`: what stands between the machine and the client.
    """

    def __init__(
        self, base_url: str, *, key: str = OWNER.key, kind: str = "conversation", recording: Path | None = None,
        history: HistoryPort | None = None, clock: ClockPort | None = None, expiry: ExpiryMemory | None = None,
        stt: dict[str, object] | None = None, grants: Callable[[ApiPort], ApiPort] = lambda api: api,
    ) -> None:  # fmt: skip
        self.base_url, self.key = base_url, key
        self._stt = stt
        real = SystemClock()
        clock = clock or real
        self.api = LazyApi(resolve=self._account, open_one=self._open)
        self.sound = FileSound(clock=real, recording=None if recording is None else str(recording))
        self.history = history or MemoryHistory()
        self.defects: list[BaseException] = []
        opener = ConversationOpener(
            service=self.api, clock=clock, wanted=lambda: kind == "conversation", on_defect=self._defect
        )
        self.controller = build_controller(
            api=grants(self.api), rooms=LivekitRooms(host=self.sound, clock=real), sound=self.sound, clock=clock,
            request_for=self._request, opener=opener, expiry=expiry, delivery=ServiceDelivery(self.api),
        )  # fmt: skip
        self.recorder = Recorder(
            history=self.history, clock=clock, identity=None, opener=opener, on_trouble=self.controller.notice
        )
        self.controller.mail.saved = self.recorder.flush
        self.seen = Witness()
        self._changes = _Changes()
        for watcher in (self.recorder, self.seen, self._changes):
            self.controller.watch(watcher)
        self.asked: list[Continuation] = []  # what each token request went on from

    async def _account(self) -> Account:
        identity = Identity(origin=self.base_url, fingerprint="00000000")
        return Account(name="test", base_url=self.base_url, key=self.key, on_behalf_of=None, identity=identity)

    @staticmethod
    async def _open(account: Account) -> ServicePort:
        return await open_api(account, Redactor())

    def _request(self, continuation: Continuation) -> SessionRequest:
        self.asked.append(continuation)
        return build_request(continuation=continuation, stt_extra=self._stt)[0]

    def _defect(self, error: BaseException) -> None:
        self.controller.defect(error)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it; at the end everything is left, and no task of it remains."""
        before = asyncio.all_tasks()
        await self.sound.open(self.controller.post)
        try:
            async with asyncio.TaskGroup() as tasks:
                session = tasks.create_task(self.controller.run(), name="session")
                saving = tasks.create_task(self.recorder.run(), name="save")
                try:
                    yield
                finally:
                    self.controller.hang_up()
                    self.controller.stop()
                    await asyncio.wait((session,), timeout=WAIT_S)
                    await self.recorder.flush()
                    saving.cancel()
        finally:
            await self.sound.close()
            await self.api.close()
        left = {
            t.get_name() for t in asyncio.all_tasks() - before if not t.done() and not t.get_name().startswith(NAMELESS)
        }
        assert left == set(), f"left behind: {left}"

    # --- waiting -----------------------------------------------------------------------------------------------

    async def until(self, true: Callable[[], object], what: str, *, limit_s: float = WAIT_S) -> None:
        """Wait until `true` is; looked at after everything that happens, and now and then."""
        try:
            async with asyncio.timeout(limit_s):
                while not true():
                    self._changes.happened.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_S):
                            await self._changes.happened.wait()
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what}: {self.story()}") from None

    async def until_shown(self, *shown: Shown, limit_s: float = WAIT_S) -> None:
        await self.until(lambda: self.shown in shown, f"{shown}", limit_s=limit_s)

    async def until_renewed(self, times: int = 1) -> None:
        """Wait until another room listens, the `times`th one after the first."""
        await self.until(lambda: len(self.news("renewed")) >= times and self.session.listens, "another room")

    async def listening(self) -> None:
        """Connect, and let a greeting end."""
        self.controller.connect()
        await self.until_shown(Shown.LISTENING, Shown.MUTED)

    async def ask(self, question: str) -> str:
        """Type a question and return the whole answer."""
        entry = self.controller.say(question)
        return await self.answer_to(entry.key)

    async def answer_to(self, key: str) -> str:
        def found() -> Entry | None:
            entries = self.entries
            place = next(i for i, e in enumerate(entries) if e.key == key)
            return next((e for e in entries[place + 1 :] if e.role == "assistant" and e.final), None)

        await self.until(found, "an answer")
        await self.until_shown(Shown.LISTENING, Shown.MUTED)
        answer = found()
        assert answer is not None
        return answer.text

    async def until_failed(self) -> Trouble:
        """Wait until the session has ended by a failure, and return it."""
        await self.until_shown(Shown.ERROR)
        link = self.session.link
        assert isinstance(link, Failed)
        return link.trouble

    # --- acting ------------------------------------------------------------------------------------------------

    async def use(self, *, base_url: str | None = None, key: str | None = None) -> None:
        """Ask another address, or with another key, from now on."""
        self.base_url, self.key = base_url or self.base_url, key or self.key
        await self.api.reset()

    def talk(self, open_: bool) -> None:
        self.controller.post(TalkChanged(open=open_))

    def drop_speech(self) -> None:
        self.controller.post(SpeechDropped())

    def retry(self) -> None:
        self.controller.post(RetryRequested())

    # --- looking -----------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        return self.controller.session

    @property
    def shown(self) -> Shown:
        return self.session.shown

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.controller.dialogue.entries

    def texts(self, role: str | None = None) -> list[str]:
        return [e.text for e in self.entries if role in (None, e.role)]

    def news(self, kind: str) -> list[str | None]:
        """The causes of what was told of this kind."""
        return [told.cause for told in self.seen.told if told.news == kind]

    @property
    def codes(self) -> list[str]:
        """The notices so far."""
        return [trouble.code.value for trouble in self.seen.notices]

    async def saved(self) -> list[Item]:
        await self.recorder.flush()
        thread = await self.thread()
        return list(await self.history.items(thread.id))

    async def thread(self) -> Thread:
        await self.recorder.flush()
        (thread,) = (await self.history.threads()).threads
        return thread

    def story(self) -> str:
        told = ", ".join(f"{t.news}({t.cause})" for t in self.seen.told[-8:])
        return f"{self.shown} {self.session.link!r} | {told} | {self.codes[-4:]} | {self.texts()[-4:]}"


def tone(seconds: float, hz: float = 440.0) -> Samples:
    """48 kHz, loud."""
    angle = np.arange(int(seconds * RATE_HZ)) * (2 * np.pi * hz / RATE_HZ)
    wave: Samples = (12_000 * np.sin(angle)).astype(np.int16)
    return wave
