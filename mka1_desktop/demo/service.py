"""The demo service as a whole: HTTP API, rooms, voice and ears, on one loopback port."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from aiohttp import web

from mka1_desktop.demo import http_api, http_guard, signal
from mka1_desktop.demo.audio import Samples
from mka1_desktop.demo.captions import Channels
from mka1_desktop.demo.data import Data
from mka1_desktop.demo.ears_process import EarsProcess
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.network import prepare
from mka1_desktop.demo.rooms import RoomOptions, Rooms
from mka1_desktop.demo.settings import DemoSettings
from mka1_desktop.demo.speak import Speech, Voice
from mka1_desktop.demo.think import Mind
from mka1_desktop.demo.tokens import Tokens
from mka1_desktop.demo.turn import Faculties

HOST = "127.0.0.1"
MAX_HEADER_B = 32_768  # a large `llm` travels in the token's header, a join request in the request line
MAX_BODY_B = 4_000_000
SHUTDOWN_S = 0.3  # for requests that are being answered while the service closes


class Ears(Protocol):
    """What understands speech."""

    async def start(self) -> None: ...
    async def hear(self, samples: Samples) -> str | None: ...
    async def close(self) -> None: ...


class Mouth(Protocol):
    """What speaks; called in a thread of its own."""

    def say(self, text: str) -> Speech: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """How one service is started; `port` 0 takes any free one."""

    settings: DemoSettings
    rooms: RoomOptions
    channels: Channels = Channels.BOTH
    port: int = 0


class Service:
    """Use as an async context manager: it listens inside, and has closed everything afterwards."""

    def __init__(
        self, options: ServiceOptions, faults: Faults, *, ears: Ears | None = None, voice: Mouth | None = None,
        data: Data | None = None,
    ) -> None:  # fmt: skip
        """Collaborators.

        Args:
            options: how it is started.
            faults: what goes wrong, changeable while it runs.
            ears: who understands speech; None: a recogniser process of its own.
            voice: who speaks; None: espeak-ng.
            data: what is remembered from a service before; None: nothing.
        """
        self._options = options
        self._faults = faults
        self._voice = Voice() if voice is None else voice
        self._ears = EarsProcess() if ears is None else ears
        self._speaker = ThreadPoolExecutor(1, "voice")
        self._closing = AsyncExitStack()
        self.data = data or Data()
        self.tokens = Tokens()
        self.rooms = self._rooms()
        self.base_url = ""

    async def __aenter__(self) -> Self:
        """Listen; raises OSError when the port is taken."""
        prepare()
        app = self._app()
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=SHUTDOWN_S,
            max_line_size=2 * MAX_HEADER_B, max_field_size=MAX_HEADER_B,
        )  # fmt: skip
        async with AsyncExitStack() as opening:
            opening.push_async_callback(self._ears.close)
            opening.callback(self._speaker.shutdown, wait=False, cancel_futures=True)
            await runner.setup()
            opening.push_async_callback(runner.cleanup)
            await opening.enter_async_context(self.rooms)  # closed before the server that carries its goodbyes
            site = web.TCPSite(runner, HOST, self._options.port)
            await site.start()
            self._closing = opening.pop_all()
        port = runner.addresses[0][1]
        self.base_url = f"http://{HOST}:{port}"
        await self._ears.start()
        self._speaker.submit(self._voice.say, "Hello.")  # loads the voice before the first greeting needs it
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._closing.aclose()

    def _app(self) -> web.Application:
        settings = self._options.settings
        app = web.Application(middlewares=http_guard.middlewares(cors=settings.cors), client_max_size=MAX_BODY_B)
        http_api.add_routes(
            app, data=self.data, tokens=self.tokens, faults=self._faults, settings=settings,
            open_rooms=lambda: len(self.rooms.sessions),
        )  # fmt: skip
        signal.add_routes(app, tokens=self.tokens, rooms=self.rooms, faults=self._faults)
        return app

    def _rooms(self) -> Rooms:
        faculties = Faculties(
            data=self.data,
            mind=Mind(),
            faults=self._faults,
            channels=self._options.channels,
            speak=self._speak,
            hear=self._ears.hear,
        )
        return Rooms(tokens=self.tokens, faculties=faculties, options=self._options.rooms)

    async def _speak(self, text: str) -> Speech:
        return await asyncio.get_running_loop().run_in_executor(self._speaker, self._voice.say, text)
