"""Tasks with an owner: named, cancelled together, their failures never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class OwnedTasks:
    """The background tasks of one object. A failure goes to the loop's exception handler, at once."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def spawn(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None] | None:
        """Start `work`; after `cancel` it is closed unrun and None comes back."""
        if self._closed:
            work.close()
            return None
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            task.get_loop().call_exception_handler(
                {"message": f"task {task.get_name()} failed", "exception": error, "task": task}
            )

    async def cancel(self) -> None:
        """Cancel all and wait until they are gone; safe to call twice and from one of them."""
        self._closed = True
        current = asyncio.current_task()
        tasks = [t for t in self._tasks if t is not current]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=5)
