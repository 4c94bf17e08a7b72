"""A session with fakes all around, and what it told its watchers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeVar

from mka1_desktop.domain.captions import Record
from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.errors import Trouble
from mka1_desktop.domain.events import (
    AgentJoined,
    AgentSoundStarted,
    AgentSoundStopped,
    CaptionReceived,
    Channel,
    Event,
    ResponseStarted,
    RoomEvent,
    Speaker,
)
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.session.controller import SessionController
from mka1_desktop.session.delivery import DeliveryPort
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.runner import EffectRunner
from mka1_desktop.session.state import Link, Live, Session, Shown
from mka1_desktop.session.watch import Watcher
from tests.fakes.fake_api import FakeApi
from tests.fakes.fake_clock import FakeClock, settle
from tests.fakes.fake_rooms import FakeRoom, FakeRooms
from tests.fakes.fake_sound import FakeSound

L = TypeVar("L", bound=Link)
AGENT = "agent-1"


class Witness(Watcher):
    """Keeps everything that a session tells."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self.entries: dict[str, Entry] = {}
        self.records: list[Record] = []
        self.told: list[Tell] = []
        self.notices: list[Trouble] = []
        self.cleared = 0
        self.failed_turns: list[Trouble] = []

    def on_session(self, session: Session) -> None:
        if not self.shown or self.shown[-1] is not session.shown:
            self.shown.append(session.shown)

    def on_entries(self, entries: Sequence[Entry]) -> None:
        self.entries.update({e.key: e for e in entries})

    def on_records(self, records: Sequence[Record]) -> None:
        self.records.extend(records)

    def on_told(self, told: Tell) -> None:
        self.told.append(told)

    def on_notice(self, trouble: Trouble) -> None:
        self.notices.append(trouble)

    def on_notice_cleared(self) -> None:
        self.cleared += 1

    def on_turn_failed(self, trouble: Trouble) -> None:
        self.failed_turns.append(trouble)


class Desk:
    """Made inside a running loop; `async with` runs the controller and proves that nothing of it is left."""

    def __init__(self, *, delivery: DeliveryPort | None = None, api: FakeApi | None = None) -> None:
        self.clock = FakeClock()
        self.api = api or FakeApi()
        self.rooms = FakeRooms()
        self.sound = FakeSound()
        self.seen = Witness()
        self.defects: list[BaseException] = []
        self.controller = SessionController(
            runner=lambda post: EffectRunner(
                api=self.api, rooms=self.rooms, sound=self.sound, clock=self.clock,
                request_for=request_for, post=post, on_defect=self._defect,
            ),
            clock=self.clock, delivery=delivery,
        )  # fmt: skip
        self.controller.watch(self.seen)
        self._running: asyncio.Task[None] | None = None
        self._before: set[asyncio.Task[object]] = set()

    def _defect(self, error: BaseException) -> None:
        self.defects.append(error)
        self.controller.defect(error)

    async def __aenter__(self) -> Desk:
        self._before = set(asyncio.all_tasks())
        await self.sound.open(self.controller.post)
        self._running = asyncio.get_running_loop().create_task(self.controller.run(), name="session")
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running is not None and not self._running.done():
            await self.stop()
        self.left_over()

    async def stop(self) -> None:
        """End the controller politely; raises what it failed with."""
        self.controller.stop()
        if self._running is not None:
            await self._running

    async def cancel(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    def left_over(self) -> None:
        """Fail when a task outlived the controller."""
        left = {t.get_name() for t in asyncio.all_tasks() - self._before if t is not asyncio.current_task()}
        assert left == set()

    # --- looking -----------------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        return self.controller.session

    def shown(self) -> Shown:
        """The state's word. A method like those below, so that no type checker takes what was for what is."""
        return self.session.shown

    @property
    def room(self) -> FakeRoom:
        return self.rooms.room

    @property
    def asked(self) -> list[Continuation]:
        """What the service was asked to go on from, call by call."""
        return [_continuation(request) for request in self.api.asked]

    def sending(self) -> bool:
        return self.sound.sending

    def silent(self) -> bool:
        return self.sound.silent

    def link(self, kind: type[L]) -> L:
        link = self.session.link
        assert isinstance(link, kind), link
        return link

    def texts(self) -> list[tuple[str, str]]:
        return [(e.role, e.text) for e in self.controller.dialogue.entries]

    # --- acting ------------------------------------------------------------------------------------------------

    async def post(self, *events: Event) -> None:
        for event in events:
            self.controller.post(event)
        await settle()

    async def settle(self) -> None:
        await settle()

    async def live(self) -> FakeRoom:
        """Connect, and let the agent come."""
        self.controller.connect()
        await settle()
        await self.hear(AgentJoined(ticket=self.session.ticket, identity=AGENT))
        self.link(Live)
        return self.room

    async def listening(self) -> FakeRoom:
        room = await self.live()
        await self.clock.advance(1.0)
        assert self.shown() is Shown.LISTENING
        return room

    async def hear(self, event: RoomEvent) -> None:
        """An event of the newest room."""
        self.room.emit(event)
        await settle()

    async def caption(
        self, text: str, *, speaker: Speaker = "agent", segment: str = "s1", final: bool = False,
        channel: Channel = "event",
    ) -> None:  # fmt: skip
        await self.hear(
            CaptionReceived(
                ticket=self.session.ticket, segment_id=segment, speaker=speaker, text=text, final=final,
                channel=channel, at_s=self.clock.monotonic(),
            )
        )  # fmt: skip

    async def sound_on(self) -> None:
        await self.hear(AgentSoundStarted(ticket=self.session.ticket, at_s=self.clock.monotonic()))

    async def sound_off(self) -> None:
        await self.hear(AgentSoundStopped(ticket=self.session.ticket, at_s=self.clock.monotonic()))

    async def response(self, response_id: str | None, conversation_id: str | None = None) -> None:
        await self.hear(
            ResponseStarted(
                ticket=self.session.ticket, response_id=response_id, conversation_id=conversation_id
            )
        )  # fmt: skip


def request_for(continuation: Continuation) -> SessionRequest:
    return SessionRequest(
        llm={"previous_response_id": continuation.response_id, "conversation": continuation.conversation_id}
    )


def _continuation(request: SessionRequest) -> Continuation:
    response, conversation = request.llm["previous_response_id"], request.llm["conversation"]
    return Continuation(
        response_id=response if isinstance(response, str) else None,
        conversation_id=conversation if isinstance(conversation, str) else None,
    )
