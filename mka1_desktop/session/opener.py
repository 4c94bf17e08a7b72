"""Gets the conversation that a fresh thread begins with: an empty one that is there already, else a new one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from mka1_desktop.domain.conversation import NOTHING, UNTITLED, Continuation, Identity, Opened
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.ports.conversations import ConversationsPort
from mka1_desktop.ports.spares import SparePort
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.spares import Spares
from mka1_desktop.session.tasks import KeyedTasks

LIMIT_S = 3.0  # what a fresh thread waits for its conversation (issue on continuity)
LATE_S = 30.0  # a call that takes longer than that goes on for so long, and what it brings is kept
CLOSE_S = 2.0
LOOKED_AT = 20  # items of one that is reused
TRIES = 3  # spares that are looked at
TITLE_LIMIT = 200  # characters (open question 35)
METADATA = {"title": UNTITLED, "app": "mka1-desktop", "mode": "voice"}

Ask: TypeAlias = Callable[[Continuation], Awaitable[RoomGrant]]
log = logging.getLogger(__name__)


class Service(Protocol):
    """The service as the account that is in use; raises AppError."""

    async def conversations(self) -> tuple[Identity, ConversationsPort]:
        """Return who talks now, and their conversations; finds the account first."""

    @property
    def identity(self) -> Identity | None:
        """Who talks now; None before the account has been found."""


class ConversationOpener:
    """One for each session controller. Nothing here ends a session: what fails makes the thread a chain of answers.

    Everything that may outlast `open` runs in tasks of its own, which `close` ends.
    """

    def __init__(
        self,
        *,
        service: Service,
        clock: ClockPort,
        wanted: Callable[[], bool],
        on_defect: Callable[[BaseException], None],
        check: Callable[[Identity], None] = lambda _: None,
        spares: SparePort | None = None,
        holder: str = "app",
        close_s: float = CLOSE_S,
    ) -> None:
        """Take what it works with; nothing starts.

        Args:
            service: the account's conversations.
            clock: for the time limit, and for when a spare was kept.
            wanted: whether new threads are to be conversations.
            on_defect: is told of bugs.
            check: refuses an identity that must not go on here, by AppError, before anything is asked for.
            spares: keeps empty ones for the next run; None: they last for this one.
            holder: names this program among those that share `spares`.
            close_s: seconds that `close` may take for what still runs.
        """
        self._service = service
        self._clock = clock
        self._wanted = wanted
        self._check = check
        self._on_defect = on_defect
        self._close_s = close_s
        self._spares = Spares(spares, holder=holder, clock=clock)
        self._tasks = KeyedTasks(on_defect)
        self._making: dict[Identity, asyncio.Task[str]] = {}
        self._made: set[str] = set()  # by this opener, and not used

    @property
    def wanted(self) -> bool:
        """Whether new threads are to be conversations."""
        return self._wanted()

    # --- opening -----------------------------------------------------------------------------------------------

    async def open(self) -> Opened:
        """Return the conversation to begin with, or why there is none, within 3 s (finding the account aside)."""
        if not self._wanted():
            return Opened()
        try:
            owner, port = await self._service.conversations()
            self._check(owner)
            found = await self._within_limit(owner, port)
        except AppError as error:
            log.info("a fresh thread becomes a chain: %s", error)
            return Opened(refused=error.trouble)
        return Opened(continuation=Continuation(conversation_id=found))

    async def open_again(self, refused: Opened) -> Opened:
        """The token request says that what `open` returned is gone: forget it and return another.

        One that was made just now is not replaced: then the refusal has another reason, and the thread is a chain.
        """
        gone = refused.continuation.conversation_id
        if gone is None or gone in self._made:
            return Opened(refused=AppError(Code.CONTINUATION_REFUSED).trouble)
        await self._spares.forget(gone)
        self._tasks.start(("delete", gone), self._delete(gone))
        return await self.open()

    async def granted(self, ask: Ask) -> tuple[Opened, RoomGrant]:
        """Open, and ask for a room with it: with another one when it is gone, else with nothing.

        Raises AppError: what the last token request says.
        """
        opened = await self.open()
        for _ in range(2):
            if not opened.continuation:
                break
            try:
                return opened, await ask(opened.continuation)
            except AppError as error:
                if error.code is not Code.CONTINUATION_REFUSED:
                    raise
            opened = await self.open_again(opened)
        else:
            opened = Opened(refused=AppError(Code.CONTINUATION_REFUSED).trouble)
        return opened, await ask(NOTHING)

    async def _within_limit(self, owner: Identity, port: ConversationsPort) -> str:
        making = self._making.get(owner)
        if making is None or making.done():
            making = asyncio.get_running_loop().create_task(self._find_or_make(owner, port), name="open conversation")
            making.add_done_callback(self._settled)
            self._making[owner] = making
        limit = asyncio.get_running_loop().create_task(self._clock.sleep(LIMIT_S), name="open limit")
        try:
            await asyncio.wait((making, limit), return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()
        if not making.done() or making.cancelled():
            raise AppError(Code.TIMED_OUT)
        return making.result()

    def _settled(self, making: asyncio.Task[str]) -> None:
        """Nobody may be waiting any more: look at how it ended, so that a bug is not lost."""
        if making.cancelled():
            return
        error = making.exception()
        if isinstance(error, AppError):
            log.info("no conversation could be opened: %s", error)
        elif error is not None:
            self._on_defect(error)

    async def _find_or_make(self, owner: Identity, port: ConversationsPort) -> str:
        for _ in range(TRIES):
            spare = await self._spares.take(owner)
            if spare is None:
                break
            if await _is_empty(port, spare):
                return spare
            await self._spares.forget(spare)
        made = await port.create(METADATA, limit_s=LATE_S)
        self._made.add(made.id)
        await self._spares.keep(owner, made.id)
        return made.id

    async def _delete(self, conversation_id: str) -> None:
        try:
            _, port = await self._service.conversations()
            await port.delete(conversation_id)
        except AppError as error:
            log.info("a conversation that cannot be used stays on the service: %s", error)

    # --- what becomes of it ------------------------------------------------------------------------------------

    def used(self, conversation_id: str) -> None:
        """The person has said something in it: it is a thread's own from now on."""
        self._made.discard(conversation_id)
        if self._spares.holds(conversation_id):
            self._spares.let_go(conversation_id)
            self._tasks.start(("used", conversation_id), self._spares.forget(conversation_id))

    def titled(self, owner: Identity | None, conversation_id: str, title: str) -> None:
        """Write the thread's title into the metadata, in the background; the newest title wins.

        What fails is logged only, and done again with the next title.
        """
        if owner is not None:
            self._tasks.start(("title", conversation_id), self._put_title(owner, conversation_id, title))

    async def _put_title(self, owner: Identity, conversation_id: str, title: str) -> None:
        if self._service.identity != owner:
            log.info("a title was not sent: the conversation belongs to another account")
            return
        try:
            now, port = await self._service.conversations()
            if now == owner:
                await port.update_metadata(conversation_id, {"title": title[:TITLE_LIMIT]})
        except AppError as error:
            log.info("a title was not sent: %s", error)

    async def close(self) -> None:
        """End what runs, within 2 s: what is made by then is kept as a spare, unless it was used."""
        making = [task for task in self._making.values() if not task.done()]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tasks.finish(self._close_s))
            if making:
                await asyncio.wait(making, timeout=self._close_s)
        for task in making:
            task.cancel()
        if making:
            await asyncio.wait(making)
        await self._tasks.close()
        await self._spares.release()


async def _is_empty(port: ConversationsPort, conversation_id: str) -> bool:
    """Whether it is there and the person has said nothing in it; a greeting of the assistant does not count."""
    try:
        page = await port.items(conversation_id, limit=LOOKED_AT)
    except AppError as error:
        if error.code is Code.NOT_FOUND:
            return False
        raise
    return not any(item.role == "user" for item in page.items)
