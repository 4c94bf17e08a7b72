from __future__ import annotations

import asyncio

from mka1_desktop.app.ending import Ending
from mka1_desktop.app.exit_codes import Exit


async def test_the_first_reason_to_end_counts() -> None:
    ending = Ending()
    waiting = asyncio.get_running_loop().create_task(ending.wait())
    assert (ending.is_set(), ending.exit) == (False, None)
    ending.quit(Exit.TERMINATED)
    ending.quit()
    await waiting
    assert (ending.is_set(), ending.exit) == (True, Exit.TERMINATED)
