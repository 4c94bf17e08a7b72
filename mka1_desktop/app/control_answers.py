"""One connection of the control socket, whatever carries it: limits, and an answer for each line."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
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

    async def answers(self, line: bytes) -> AsyncGenerator[bytes, None]:
        """Yield the lines of the answer: one, or those of a stream."""
        try:
            verb, fields = read_request(line)
            answer = await self._handle(verb, fields)
        except AppError as error:
            yield failure(error.trouble)
            return
        if isinstance(answer, Mapping):
            yield success(answer)
            return
        async for fields_out in answer:
            yield success(fields_out)
