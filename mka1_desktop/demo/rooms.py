"""All rooms of the service: who may enter, who comes back, and how everything ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from livekit.protocol import models

from mka1_desktop.demo.crew import Crew
from mka1_desktop.demo.endpoint import Endpointer
from mka1_desktop.demo.join_request import JoinRequest
from mka1_desktop.demo.people import Person
from mka1_desktop.demo.session import Session
from mka1_desktop.demo.tokens import Grant, Tokens
from mka1_desktop.demo.turn import Faculties, Thread

log = logging.getLogger(__name__)

MAX_ROOMS = 1_000  # rooms whose talk is remembered; the oldest goes first
MAX_SESSIONS = 32  # at the same time
FAREWELL_S = 0.5  # how long the leave messages of a closing service may take
CLOSE_S = 2.0


class ServiceFullError(Exception):
    """No further room can be opened now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOptions:
    """How rooms of this service differ from the usual."""

    enforce_ttl: bool = False  # the user is removed when the token ends
    echo: bool = False  # the agent sends the microphone back


class Rooms:
    """Owner of all sessions; use as an async context manager, leaving it closes them."""

    def __init__(self, *, tokens: Tokens, faculties: Faculties, options: RoomOptions) -> None:
        self._tokens = tokens
        self._able = faculties
        self._options = options
        self._threads: dict[str, Thread] = {}
        self._sessions: dict[str, Session] = {}  # by the user's identity
        self._running: set[asyncio.Task[None]] = set()

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Those that live now, oldest first."""
        return tuple(self._sessions.values())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def back(self, grant: Grant, sid: str) -> Session | None:
        """Return the session that a user resumes, None when it is gone."""
        session = self._sessions.get(grant.identity)
        return session if session is not None and session.user.sid == sid else None

    def enter(self, grant: Grant, join: JoinRequest) -> Session:
        """Open a session for the user of this grant; an older one of the same user ends.

        Raises:
            ServiceFullError: too many at the same time.
        """
        old = self._sessions.pop(grant.identity, None)
        if old is not None:
            old.dismiss(models.DisconnectReason.DUPLICATE_IDENTITY)
        if len(self._sessions) >= MAX_SESSIONS:
            raise ServiceFullError
        enforce = self._options.enforce_ttl
        session = Session(
            room=grant.room,
            user=Person(grant.identity),
            join=join,
            crew=self._crew(grant),
            faults=self._able.faults,
            refresh=None if enforce else lambda: self._tokens.refresh(grant),
            expires_in_s=max(0.0, grant.expires_at - time.time()) if enforce else None,
        )
        self._sessions[grant.identity] = session
        task = asyncio.get_running_loop().create_task(self._live(grant.identity, session))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return session

    async def close(self) -> None:
        """Say goodbye to everybody and end all sessions; takes at most about 2.5 s."""
        for session in self.sessions:
            session.dismiss(models.DisconnectReason.SERVER_SHUTDOWN)
        if self._running:
            await asyncio.wait(self._running, timeout=FAREWELL_S)
        for task in tuple(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=CLOSE_S)

    async def _live(self, identity: str, session: Session) -> None:
        try:
            await session.run()
        # One room's defect must not end the others; the log has the whole story.
        except Exception:
            log.exception("a room ended by a defect")
        finally:
            if self._sessions.get(identity) is session:
                with contextlib.suppress(KeyError):
                    del self._sessions[identity]

    def _crew(self, grant: Grant) -> Crew:
        thread = self._threads.get(grant.room)
        if thread is None:
            if len(self._threads) >= MAX_ROOMS:
                del self._threads[next(iter(self._threads))]
            thread = self._threads[grant.room] = _thread(grant)
        stt = grant.stt
        return Crew(
            faculties=self._able,
            thread=thread,
            endpointer=lambda: Endpointer(**_timeouts(stt)),
            echo=self._options.echo,
        )


def _thread(grant: Grant) -> Thread:
    llm = grant.llm
    conversation = llm.get("conversation")
    if isinstance(conversation, Mapping):
        conversation = conversation.get("id")
    metadata = llm.get("metadata")
    return Thread(
        owner=grant.owner,
        model=_text(llm.get("model")) or "auto",
        metadata={str(k): str(v) for k, v in metadata.items()} if isinstance(metadata, Mapping) else {},
        language=grant.language,
        conversation_id=_text(conversation),
        previous_response_id=_text(llm.get("previous_response_id")),
    )


def _timeouts(stt: Mapping[str, object]) -> dict[str, int]:
    names = ("silence_timeout_ms", "initial_silence_timeout_ms")
    return {name: value for name in names if isinstance(value := stt.get(name), int)}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
