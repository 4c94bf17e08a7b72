"""The app without its window, with fakes all around: what the window's glue is tried with."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.app.account import Account
from mka1_desktop.app.cue_sounds import OpenCues
from mka1_desktop.app.desk import Desk, Parts
from mka1_desktop.app.lazy import LazyApi, LazyRooms, OpenApi, Resolve
from mka1_desktop.app.switch_sound import SwitchSound
from mka1_desktop.domain.conversation import Identity
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import AgentJoined, CaptionReceived, RoomEvent, Speaker
from mka1_desktop.domain.settings import Settings
from mka1_desktop.ports.api import ServicePort
from tests.fakes.fake_api import FakeApi
from tests.fakes.fake_clock import FakeClock, settle
from tests.fakes.fake_player import FakePlayer
from tests.fakes.fake_rooms import FakeRoom, FakeRooms
from tests.fakes.fake_sound import FakeSound
from tests.fakes.session_desk import Witness

if TYPE_CHECKING:
    from livekit import rtc

OWNER = Identity(origin="https://mka1.example", fingerprint="00000000")


class FakeEngine(FakeSound):
    """A sound engine without tracks."""

    async def microphone_track(self) -> rtc.LocalAudioTrack | None:
        return None

    def microphone_published(self, track: rtc.LocalAudioTrack, room: rtc.Room) -> None: ...

    def microphone_unpublished(self, track: rtc.LocalAudioTrack) -> None: ...

    async def send_kept(self, room: rtc.Room, microphone: rtc.LocalTrackPublication | None, *, again: bool) -> None: ...

    def agent_track_added(self, track: rtc.RemoteAudioTrack, publication: rtc.RemoteTrackPublication) -> None: ...

    def agent_track_removed(self, track: rtc.RemoteAudioTrack) -> None: ...

    def agent_frame(self, frame: rtc.AudioFrame) -> None: ...


class FakeSettings:
    """SettingsPort in memory. `failure` is raised by the next save."""

    def __init__(self) -> None:
        self.saved: list[Settings] = []
        self.failure: AppError | None = None

    def load(self) -> Settings:
        return self.saved[-1] if self.saved else Settings({})

    def save(self, settings: Settings) -> None:
        if self.failure is not None:
            raise self.failure
        self.saved.append(settings)


class DeskPlay:
    """`async with DeskPlay() as play` runs the desk; the test plays service, room and sound card."""

    def __init__(self, settings: Settings | None = None, *, cues: OpenCues | None = None) -> None:
        self.api, self.rooms, self.sound = FakeApi(), FakeRooms(), FakeEngine()
        self.clock, self.settings, self.history = FakeClock(), FakeSettings(), MemoryHistory()
        self.saves = 0
        self.player = FakePlayer()
        self.resolve: Resolve = _owner
        self.open_one: OpenApi = self._fake
        parts = Parts(
            api=LazyApi(resolve=self._resolve, open_one=self._open), rooms=LazyRooms(lambda: self.rooms),
            sound=SwitchSound(), history=self.history, settings=self.settings, clock=self.clock,
            save_again=self._save_again, player=self._open_player, cues=cues,
        )  # fmt: skip
        self.desk = Desk(parts, settings=settings or Settings({}))
        self._running: asyncio.Task[None] | None = None

    async def _resolve(self) -> Account:
        return await self.resolve()  # a test may set another one

    async def _open(self, account: Account) -> ServicePort:
        return await self.open_one(account)  # here too

    async def _fake(self, _: Account) -> ServicePort:
        return self.api

    async def _open_player(self) -> FakePlayer:
        return self.player

    async def _save_again(self) -> None:
        self.saves += 1

    async def __aenter__(self) -> DeskPlay:
        parts = self.desk.parts
        await parts.rooms.warm_up()
        await self.sound.open(parts.sound.emit)
        await parts.sound.use(self.sound)
        self._running = asyncio.get_running_loop().create_task(self.desk.run(), name="desk")
        await settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.desk.controller.stop()
        await settle()
        if self._running is not None:
            with suppress(asyncio.CancelledError):
                await self._running

    def watch(self) -> Witness:
        """Return what keeps everything that the session tells from now on."""
        witness = Witness()
        self.desk.controller.watch(witness)
        return witness

    @property
    def room(self) -> FakeRoom:
        return self.rooms.room

    async def live(self) -> FakeRoom:
        """Connect, let the agent come, and its greeting pass."""
        self.desk.connect()
        await settle()
        await self.hear(AgentJoined(ticket=self.room.ticket, identity="agent"))
        await self.clock.advance(1.0)
        return self.room

    async def hear(self, event: RoomEvent) -> None:
        self.room.emit(event)
        await settle()

    async def caption(self, text: str, *, speaker: Speaker = "agent", segment: str = "s1", final: bool = False) -> None:
        await self.hear(
            CaptionReceived(
                ticket=self.room.ticket, segment_id=segment, speaker=speaker, text=text, final=final, channel="event",
                at_s=self.clock.monotonic(),
            )
        )  # fmt: skip


async def _owner() -> Account:
    return Account(name="default", base_url=OWNER.origin, key="k", on_behalf_of=None, identity=OWNER)
