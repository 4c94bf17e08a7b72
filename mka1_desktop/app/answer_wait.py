"""When an answer is whole."""

from __future__ import annotations

import asyncio
import contextlib

from mka1_desktop.app.answers import Answer, AnswerBook
from mka1_desktop.ports.system import ClockPort

SETTLED_S = 3.0  # after the input's end a quiet, answered session has nothing more to say
ID_ALONE_S = 5.0  # the first word comes within this time on a busy machine too
CHECK_S = 0.25  # time limits are looked at this often when nothing happens


async def next_sign(book: AnswerBook) -> None:
    """Wait for the next sign of life, a quarter of a second at most."""
    book.changed.clear()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CHECK_S):  # not wait_for: on Python 3.11 that can swallow a cancellation
            await book.changed.wait()


async def whole_answer(book: AnswerBook, answer: Answer, *, since_s: float, silence_s: float, clock: ClockPort) -> None:
    """Return when `answer` is complete, has failed, or nothing came for `silence_s` (first from `since_s` on).

    A sign that came before the input was out (a first sentence of a longer recording was answered already) is not
    the end: a new one is awaited for three seconds.
    """
    signs_at_end = answer.signs
    seen, seen_s = answer.signs, since_s
    while answer.trouble is None and book.failed is None:
        now_s = clock.monotonic()
        if answer.signs != seen:
            seen, seen_s = answer.signs, now_s
        if answer.lost and book.listening and not book.saying:
            return
        fresh = answer.signs > signs_at_end or now_s - since_s > SETTLED_S
        if answer.answered and fresh and book.listening and now_s - seen_s > _calm_s(answer):
            return
        if now_s - seen_s > silence_s:
            return
        await next_sign(book)


def _calm_s(answer: Answer) -> float:
    """How long after the last sign an answer is surely over: a sound may still follow words, and both an id alone."""
    if answer.sound:
        return 0.0
    return 1.0 if answer.entries else ID_ALONE_S
