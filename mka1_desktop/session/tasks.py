"""The tasks of a session, each under a key: a new one under the same key replaces the old."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable

CLOSE_LIMIT_S = 5.0


class KeyedTasks:
    """Owner of tasks. A task that fails by a bug is reported to `on_defect`, never swallowed."""

    def __init__(self, on_defect: Callable[[BaseException], None]) -> None:
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()  # cancelled, still tidying up
        self._on_defect = on_defect

    def __len__(self) -> int:
        return len(self._tasks)

    def running(self, key: Hashable) -> bool:
        task = self._tasks.get(key)
        return task is not None and not task.done()

    def start(self, key: Hashable, work: Coroutine[object, object, None]) -> None:
        self.stop(key)
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work, name=str(key))
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._done(key, done))

    def stop(self, key: Hashable) -> None:
        task = self._tasks.pop(key, None)
        if task is not None:
            task.cancel()
            self._ending.add(task)

    def stop_where(self, wanted: Callable[[Hashable], bool]) -> None:
        for key in [k for k in self._tasks if wanted(k)]:
            self.stop(key)

    async def close(self) -> None:
        """Cancel all and wait for their end."""
        self.stop_where(lambda _: True)
        await self.finish(CLOSE_LIMIT_S)

    async def finish(self, limit_s: float) -> None:
        """Wait for the end of what runs, at most `limit_s` seconds."""
        own = asyncio.current_task()
        tasks = {task for task in (*self._tasks.values(), *self._ending) if task is not own}
        if tasks:
            await asyncio.wait(tasks, timeout=limit_s)

    def _done(self, key: Hashable, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_defect(error)
