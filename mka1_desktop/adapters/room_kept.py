"""Sending kept speech into one room, through reconnections of the SDK and until the room is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from livekit import rtc

from mka1_desktop.adapters.tracks import TrackHost
from mka1_desktop.domain.errors import AppError, Code


class KeptSender:
    """`RoomSession.send_kept` of one room. `steady` is unset while the SDK reconnects."""

    def __init__(self, room: rtc.Room, *, host: TrackHost, steady: asyncio.Event) -> None:
        self._room = room
        self._host = host
        self._steady = steady
        self._turn = asyncio.Lock()
        self._broken = asyncio.Event()
        self._stopped = self._withdrawn = False
        self._microphone: rtc.LocalTrackPublication | None = None
        room.on("reconnecting", self._broken.set)
        room.on("disconnected", self._disconnected)

    def published(self, publication: rtc.LocalTrackPublication | None) -> None:
        """The ordinary microphone is published, or (None) no more, and then nothing else is sent either."""
        self._microphone = publication
        self._withdrawn = publication is None
        if self._withdrawn:
            self._broken.set()

    def stop(self) -> None:
        """The room is being left."""
        self._stopped = True
        self._broken.set()

    async def send(self, *, again: bool) -> None:
        """See RoomSession.send_kept."""
        async with self._turn:
            while True:
                await self._steady.wait()
                self._require_room()
                self._broken.clear()
                if await self._unless_broken(self._host.send_kept(self._room, self._microphone, again=again)):
                    return
                again = False  # what went out before the break has been heard, as far as anybody knows

    async def _unless_broken(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do the work; False when the connection broke before its end, and then it is cancelled and gone."""
        loop = asyncio.get_running_loop()
        sending = loop.create_task(work, name="send kept speech")
        breaking = loop.create_task(self._broken.wait(), name="connection breaks")
        try:
            await asyncio.wait((sending, breaking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            breaking.cancel()
            ended = sending.done()
            if not ended:
                sending.cancel()
                await asyncio.wait((sending,))
        if not ended:
            return False
        try:
            await sending
        except AppError:
            self._require_room()  # of two causes, the room's loss says more
            raise
        return True

    def _require_room(self) -> None:
        if self._stopped or self._withdrawn or not self._room.isconnected():
            raise AppError(Code.ROOM_LOST, details="kept speech was not sent to its end")

    def _disconnected(self, *_: object) -> None:
        self._broken.set()
