"""One connection of the control socket, whatever carries it: limits, and an answer for each line."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from typing import TypeAlias

from mka1_desktop.app.control_wire import MESSAGES_A_SECOND, failure, read_request, success
from mka1_desktop.domain.errors import AppError, Code, Trouble

Fields: TypeAlias = Mapping[str, object]
Answer: TypeAlias = Fields | AsyncIterator[Fields]
Handler: TypeAlias = Callable[[str, dict[str, object]], Awaitable[Answer]]

TOO_LONG = failure(Trouble(Code.BAD_MESSAGE, message="The message is longer than 64 KiB."))
TOO_MANY = failure(Trouble(Code.BUSY))


class Caller:
    """Counts what one connection asks for and answers it."""

    def __init__(self, handle: Handler, now: Callable[[], float]) -> None:
        self._handle = handle
        self._now = now
        self._times: deque[float] = deque(maxlen=MESSAGES_A_SECOND)

    def floods(self) -> bool:
        """Count a message; True when there were more than 50 within a second."""
        now_s = self._now()
        full = len(self._times) == MESSAGES_A_SECOND and now_s - self._times[0] < 1.0
        self._times.append(now_s)
        return full

    async def reply(self, line: bytes) -> bytes | AsyncGenerator[bytes, None]:
        """Return the line of the answer, or the lines of one that goes on; that is the connection's last answer."""
        try:
            verb, fields = read_request(line)
            answer = await self._handle(verb, fields)
        except AppError as error:
            return failure(error.trouble)
        return success(answer) if isinstance(answer, Mapping) else _lines(answer)


async def _lines(answers: AsyncIterator[Fields]) -> AsyncGenerator[bytes, None]:
    async for fields in answers:
        yield success(fields)


async def send_until_gone(sending: Coroutine[object, object, None], gone: Coroutine[object, object, None]) -> None:
    """Send a stream until it ends or the other side is gone; a quiet stream must not hold its connection for ever.

    Raises what sending failed with.
    """
    loop = asyncio.get_running_loop()
    tasks = (loop.create_task(sending, name="control stream"), loop.create_task(gone, name="control watch"))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    if not tasks[0].cancelled():
        tasks[0].result()
