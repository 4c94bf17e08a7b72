"""A burst of news is answered once, and an endless one is answered too."""

from __future__ import annotations

import asyncio

import pytest

from mka1_desktop.adapters.quiet_moment import QuietMoment

LONG_S = 30.0


async def test_a_burst_is_one() -> None:
    news = QuietMoment(quiet_s=0.0)
    for _ in range(5):
        news.touch()
    await news.next()
    second = asyncio.get_running_loop().create_task(news.next())
    await asyncio.sleep(0)
    assert not second.done()
    news.touch()
    await second


async def test_an_endless_burst_does_not_hold_the_news_back() -> None:
    news = QuietMoment(quiet_s=LONG_S, burst_s=0.01)
    loop = asyncio.get_running_loop()
    ended = False

    def again() -> None:
        news.touch()
        if not ended:
            loop.call_later(0.001, again)

    again()
    async with asyncio.timeout(LONG_S / 2):
        await news.next()
    ended = True


async def test_a_failure_reaches_whoever_waits() -> None:
    news = QuietMoment(quiet_s=LONG_S)
    waiting = asyncio.get_running_loop().create_task(news.next())
    news.touch()
    await asyncio.sleep(0)
    news.fail(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await waiting
