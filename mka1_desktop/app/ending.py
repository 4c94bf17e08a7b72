"""How the windowed app is asked to end, from its first moment on."""

from __future__ import annotations

import asyncio

from mka1_desktop.app.exit_codes import Exit


class Ending:
    """Whether the app is to end, and with which code; the first one that is asked for counts."""

    def __init__(self) -> None:
        self.exit: Exit | None = None
        self._asked = asyncio.Event()

    def quit(self, code: Exit = Exit.DONE) -> None:
        self.exit = self.exit or code
        self._asked.set()

    def is_set(self) -> bool:
        return self._asked.is_set()

    async def wait(self) -> None:
        """Return when the app is to end."""
        await self._asked.wait()
