"""The history of the windowed app: on disk where that works, in memory where it does not, never lost in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mka1_desktop.adapters.history_buffered import BufferedHistory
from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.ports.spares import SparePort
from mka1_desktop.ports.store import HistoryPort


class Store:
    """`open` tells what is wrong with the file; the history can be used in any case."""

    def __init__(self, path: Path, *, on_problem: Callable[[AppError | None], None]) -> None:
        self._file = SqliteHistory(path)
        self._buffered = BufferedHistory(store=self._file, on_problem=on_problem)

    @property
    def history(self) -> HistoryPort:
        return self._buffered

    @property
    def spares(self) -> SparePort:
        """Empty conversations of the service; what cannot be kept there is no loss of the person's."""
        return self._file

    async def open(self) -> Trouble | None:
        """Open the file now; return what the person should know."""
        try:
            await self._file.open()
        except AppError as error:
            return error.trouble
        return Trouble(Code.STORE_DAMAGED) if self._file.set_aside is not None else None

    async def retry(self) -> None:
        """Write what could not be saved. Raises AppError when it still cannot."""
        if not await self._buffered.retry():
            raise AppError(Code.STORE_FULL)

    async def close(self) -> None:
        await self._buffered.close()
