"""The app without its window, over the demo service and real WebRTC; its sound goes nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mka1_desktop.adapters.clock import SystemClock
from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.adapters.room_livekit import LivekitRooms
from mka1_desktop.adapters.sound_file import FileSound
from mka1_desktop.app.account import Account
from mka1_desktop.app.desk import Desk, Parts
from mka1_desktop.app.lazy import LazyApi, LazyRooms, open_api
from mka1_desktop.app.switch_sound import SwitchSound
from mka1_desktop.domain.conversation import Identity
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.settings import Settings
from mka1_desktop.ports.api import ServicePort
from tests.fakes.fake_desk import FakeSettings

WAIT_S = 20.0


async def nothing() -> None:
    return


@asynccontextmanager
async def desk_beside(base_url: str, *, key: str = "mk-demo-test") -> AsyncIterator[Desk]:
    """Run a desk that talks with the service at `base_url`."""
    identity = Identity(origin=base_url, fingerprint="00000000")
    account = Account(name="default", base_url=base_url, key=key, on_behalf_of=None, identity=identity)

    async def resolve() -> Account:
        return account

    async def open_one(wanted: Account) -> ServicePort:
        return await open_api(wanted, Redactor())

    clock, sound = SystemClock(), SwitchSound()
    parts = Parts(
        api=LazyApi(resolve=resolve, open_one=open_one),
        rooms=LazyRooms(lambda: LivekitRooms(host=sound, clock=clock)), sound=sound, history=MemoryHistory(),
        settings=FakeSettings(), clock=clock, save_again=nothing,
    )  # fmt: skip
    desk = Desk(parts, settings=Settings({}))
    await parts.rooms.warm_up()
    engine = FileSound(clock=clock)
    await engine.open(sound.emit)
    await sound.use(engine)
    running = asyncio.get_running_loop().create_task(desk.run(), name="desk")
    try:
        yield desk
    finally:
        desk.hang_up()
        desk.controller.stop()
        async with asyncio.timeout(WAIT_S):
            await running
