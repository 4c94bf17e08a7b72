"""Puts a session together: client, room, sound, history, controller; the same for the window and without one."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mka1_desktop.adapters.clock import SystemClock
from mka1_desktop.app.account import Account
from mka1_desktop.app.lazy import open_api
from mka1_desktop.app.session_parts import build_controller
from mka1_desktop.domain.conversation import Continuation, Identity
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.ports.api import ServicePort
from mka1_desktop.ports.audio import SoundPort
from mka1_desktop.ports.conversations import ConversationsPort
from mka1_desktop.ports.store import HistoryPort
from mka1_desktop.session.controller import SessionController
from mka1_desktop.session.opener import ConversationOpener
from mka1_desktop.session.recorder import Recorder

if TYPE_CHECKING:
    from mka1_desktop.adapters.history_sqlite import SqliteHistory
    from mka1_desktop.adapters.sound_file import FileSound

HANG_UP_LIMIT_S = 5.0


@dataclass(slots=True, eq=False)
class Kit:
    """A session's parts, built and not yet started."""

    api: ServicePort
    sound: SoundPort
    clock: SystemClock
    controller: SessionController
    recorder: Recorder | None
    history: HistoryPort | None
    warning: Trouble | None = None  # what the person should know about the history

    def file_sound(self) -> FileSound:
        """Return the file engine; raises AppError(NO_SOUND) when another one is in use."""
        from mka1_desktop.adapters.sound_file import FileSound  # noqa: PLC0415 - loads the SDK

        if not isinstance(self.sound, FileSound):
            raise AppError(Code.NO_SOUND)
        return self.sound

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open sound and session, and close them in the reverse order; what was said is saved in any case."""
        await self.sound.open(self.controller.post)
        try:
            async with asyncio.TaskGroup() as tasks:
                session = tasks.create_task(self.controller.run(), name="session")
                saving = tasks.create_task(self.recorder.run(), name="save") if self.recorder else None
                try:
                    yield
                finally:
                    self.controller.hang_up()
                    self.controller.stop()
                    await asyncio.wait((session,), timeout=HANG_UP_LIMIT_S)
                    if self.recorder is not None and saving is not None:
                        await self.recorder.flush()
                        saving.cancel()
        finally:
            await self.sound.close()
            await self.api.close()
            if self.history is not None:
                await self.history.close()


class OneService:
    """The service as the one account of a command."""

    def __init__(self, identity: Identity, api: ServicePort) -> None:
        self._identity = identity
        self._api = api

    @property
    def identity(self) -> Identity | None:
        return self._identity

    async def conversations(self) -> tuple[Identity, ConversationsPort]:
        return self._identity, self._api.conversations


async def build_kit(
    *,
    account: Account,
    request_for: Callable[[Continuation], SessionRequest],
    redactor: Redactor,
    recording: str | None,
    history: Path | None,
    opens: bool | None = None,
) -> Kit:
    """Build the parts of a session without a window.

    Args:
        account: who talks.
        request_for: makes a token request.
        redactor: learns the key.
        recording: file for what the agent says.
        history: where the conversation is kept; None: nowhere.
        opens: of what is kept, whether a new thread becomes a conversation of the service (True) or a chain (False);
            None: it is neither new nor ours to decide.

    Raises AppError: INSECURE_URL, TLS (the client), STORE_NEWER and the other STORE codes.
    """
    from mka1_desktop.adapters.room_livekit import LivekitRooms  # noqa: PLC0415 - heavy, and not needed before now
    from mka1_desktop.adapters.sound_file import FileSound  # noqa: PLC0415

    clock = SystemClock()
    store = await _opened(history)
    api = await open_api(account, redactor)
    sound = FileSound(clock=clock, recording=recording)
    rooms = LivekitRooms(host=sound, clock=clock)
    opener = None
    if store is not None and opens is not None:
        opener = ConversationOpener(
            service=OneService(account.identity, api), clock=clock, wanted=lambda: opens, spares=store,
            holder=f"converse {os.getpid()}",
            on_defect=lambda error: controller.defect(error),  # noqa: PLW0108 - it is not made yet
        )  # fmt: skip
    controller = build_controller(
        api=api, rooms=rooms, sound=sound, clock=clock, request_for=request_for, opener=opener
    )
    recorder = None
    if store is not None:
        recorder = Recorder(
            history=store, clock=clock, identity=account.identity, opener=opener, on_trouble=controller.notice
        )
        controller.watch(recorder)
    damaged = store is not None and store.set_aside is not None
    return Kit(
        api=api, sound=sound, clock=clock, controller=controller, recorder=recorder, history=store,
        warning=Trouble(Code.STORE_DAMAGED) if damaged else None,
    )  # fmt: skip


async def _opened(history: Path | None) -> SqliteHistory | None:
    if history is None:
        return None
    from mka1_desktop.adapters.history_sqlite import SqliteHistory  # noqa: PLC0415

    store = SqliteHistory(history)
    await store.open()
    return store
