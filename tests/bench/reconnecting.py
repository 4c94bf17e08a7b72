"""Room deleted -> listening again, over the demo service and real WebRTC."""

from __future__ import annotations

import asyncio
import time

from mka1_desktop.session.state import Shown
from tests.bench.figures import summary
from tests.support.demo_beside import DemoBeside
from tests.support.desk_beside import desk_beside

TIMES = 50
LIMIT_S = 30.0


async def measure() -> dict[str, object]:
    """Delete the room 50 times; from the moment of the request to the session's word "listening"."""
    took: list[float] = []
    with DemoBeside("--fault", "no-greeting") as demo:
        async with desk_beside(demo.base_url, key=demo.api_key) as desk:
            desk.connect()
            await desk.until_ready()
            for _ in range(TIMES):
                ticket, began_s = desk.session.ticket, time.monotonic()
                await asyncio.to_thread(demo.fault, "room-delete", "once")
                async with asyncio.timeout(LIMIT_S):
                    while desk.session.ticket == ticket or desk.session.shown is not Shown.LISTENING:  # noqa: ASYNC110
                        await asyncio.sleep(0.005)  # finer than what is measured
                took.append(time.monotonic() - began_s)
                async with asyncio.timeout(LIMIT_S):  # the person asks something before it happens again
                    await desk.ask("What is two plus two?")
    return {"room_deleted_to_listening_s": summary(took)}
