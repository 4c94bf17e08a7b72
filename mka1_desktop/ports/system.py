"""Time."""

from __future__ import annotations

from typing import Protocol


class ClockPort(Protocol):
    def monotonic(self) -> float:
        """Seconds that never go back."""

    def now(self) -> float:
        """Unix seconds."""

    async def sleep(self, seconds: float) -> None: ...
