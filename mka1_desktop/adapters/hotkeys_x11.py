"""Keys and mouse buttons that work in every program, on X11: grabbed at the root window.

So the program in front never gets them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from mka1_desktop.adapters.daemon_worker import DaemonWorker
from mka1_desktop.adapters.hotkeys_x11_link import KeyEvent, MappingChanged, Settled, XEvent, XLink, open_link
from mka1_desktop.adapters.hotkeys_x11_pairs import KeyPairs
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.domain.combos import Combo
from mka1_desktop.ports.hotkeys import Backend, Binding, HotkeyChanged, HotkeyName, HotkeyProblem

LIMIT_S = 5.0  # for the server to answer
LOOK_S = 0.1  # between looks at the keyboard while a key is held: a lost release ends it by then
MAPPING_S = 0.05  # programs change a keyboard key by key, and servers with each change between two keyboards

log = logging.getLogger(__name__)
T = TypeVar("T")


class X11Hotkeys:
    """See HotkeyPort. Requests that wait run in a thread, in which time nobody else uses the connection."""

    def __init__(
        self, *, emit: Callable[[HotkeyChanged], None], display: str | None = None, limit_s: float = LIMIT_S
    ) -> None:
        """`display` as in DISPLAY, None for the one of the environment. `limit_s`: how long the server may take."""
        self._emit = emit
        self._name = display
        self._limit_s = limit_s
        self._wanted: Mapping[HotkeyName, Combo] = {}
        self._pairs = KeyPairs()
        self._turn = asyncio.Lock()
        self._worker: DaemonWorker | None = None
        self._opening: Future[XLink | None] | None = None
        self._link: XLink | None = None
        self._next_look: asyncio.TimerHandle | None = None
        self._remapping = False
        self._tasks = OwnedTasks()

    @property
    def backend(self) -> Backend:
        return "x11"

    @property
    def release_events(self) -> bool:
        return True

    async def bind(self, wanted: Mapping[HotkeyName, Combo]) -> Mapping[HotkeyName, Binding]:
        """See HotkeyPort."""
        async with self._turn:
            self._wanted = dict(wanted)
            settled = await self._settle() if wanted or self._link is not None else None
            if not wanted:
                self._leave()
                return {}
            problems: Mapping[HotkeyName, HotkeyProblem | None] = (
                dict.fromkeys(wanted, HotkeyProblem.UNAVAILABLE) if settled is None else settled.problems
            )
            return {name: Binding(key=str(combo), problem=problems.get(name)) for name, combo in wanted.items()}

    async def close(self) -> None:
        """See HotkeyPort."""
        await self.bind({})
        await self._tasks.cancel()
        self._tasks, self._remapping = OwnedTasks(), False

    async def _settle(self) -> Settled | None:
        """Make the grabs what is wanted; None where there is no server (any more)."""
        link = await self._opened()
        if link is None:
            return None
        settled = await self._waiting(link, partial(link.settle, self._wanted))
        if settled is None:
            return None
        self._tell(self._pairs.set_grips(settled.grips, down=settled.down))
        asyncio.get_running_loop().add_reader(link.fileno, self._read, link)
        self._read(link)  # what python-xlib has read while it waited wakes nobody
        return settled if self._link is link else None

    async def _opened(self) -> XLink | None:
        """Return the connection. One that is slow to open is waited for again the next time."""
        if self._link is None:
            if self._opening is None:
                self._worker = DaemonWorker("hotkeys-x11")
                self._opening = self._worker.submit(partial(open_link, self._name))
            opening = asyncio.wrap_future(self._opening)
            await asyncio.wait({opening}, timeout=self._limit_s)
            if not opening.done():
                return None
            self._opening, self._link = None, opening.result()
            if self._link is None:
                self._leave()
        return self._link

    async def _waiting(self, link: XLink, work: Callable[[], T]) -> T | None:
        """Do in the thread what waits for the server. None: the connection is lost, or took too long and was cut.

        Afterwards nobody reads the connection until the caller lets the loop do so again.
        """
        asyncio.get_running_loop().remove_reader(link.fileno)
        if self._worker is None:
            return None
        answer = asyncio.wrap_future(self._worker.submit(partial(_or_none, work)))
        try:
            await asyncio.wait({answer}, timeout=self._limit_s)
        except asyncio.CancelledError:
            self._lose(link)
            raise
        result = answer.result() if answer.done() else None
        if result is None:
            self._lose(link)
        return result

    def _read(self, link: XLink, *, look: bool = False) -> None:
        """Take what has come, and look at the keyboard where a release needs proof."""
        told: list[HotkeyChanged] = []
        try:
            self._follow(link, told, look=look)
        except Exception as e:  # noqa: BLE001 - a server that goes, or sends nonsense, makes python-xlib raise anything
            log.info("the X display is lost: %s", type(e).__name__)
            self._lose(link, told)
            return
        self._tell(told)
        if self._pairs.holding and self._next_look is None:
            self._next_look = asyncio.get_running_loop().call_later(LOOK_S, self._look_again, link)

    def _follow(self, link: XLink, told: list[HotkeyChanged], *, look: bool = False) -> None:
        """Add to `told` what has come, until there is nothing more to read and nothing more to ask."""
        while True:
            events = link.events()
            for event in events:
                told += self._take(event)
            keymap = link.seen()
            if keymap is not None and not events:  # else it may be older than some of them
                told += self._pairs.looked(keymap)
            if link.looking or not (look or self._pairs.unsure):
                return
            look = False
            link.look()

    def _look_again(self, link: XLink) -> None:
        self._next_look = None
        if self._link is link and not self._turn.locked():  # else the thread has it, and it is read again afterwards
            self._read(link, look=True)

    def _take(self, event: XEvent) -> Iterable[HotkeyChanged]:
        match event:
            case KeyEvent(down=True):
                return self._pairs.press(event.keycode, event.state, event.at_ms)
            case KeyEvent():
                return self._pairs.release(event.keycode, event.at_ms)
            case MappingChanged():
                if not self._remapping:
                    self._remapping = True
                    self._tasks.spawn(self._remap(), "keys after a change of the keyboard")
        return ()

    async def _remap(self) -> None:
        """Grab anew where the keys are now."""
        await asyncio.sleep(MAPPING_S)
        async with self._turn:
            self._remapping = False
            if self._link is None:
                return
            settled = await self._settle()
            for name, problem in {} if settled is None else settled.problems.items():
                log.warning("after a change of the keyboard the key for %s is %s", name, problem)

    def _tell(self, changes: Iterable[HotkeyChanged]) -> None:
        for change in changes:
            self._emit(change)

    def _lose(self, link: XLink, told: Iterable[HotkeyChanged] = ()) -> None:
        """The connection is of no use any more; `told` happened before."""
        if self._link is link:
            link.cut()
            self._leave(told)

    def _leave(self, told: Iterable[HotkeyChanged] = ()) -> None:
        """Close the connection, or what is still opening, without waiting; the thread ends with it."""
        link, worker, opening = self._link, self._worker, self._opening
        self._link, self._worker, self._opening = None, None, None
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        if link is not None:
            asyncio.get_running_loop().remove_reader(link.fileno)
        if worker is not None:
            if link is not None:
                worker.submit(link.close)
            if opening is not None:
                opening.add_done_callback(_close_late)
            worker.stop()
        self._tell([*told, *self._pairs.clear()])


def _or_none(work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Exception as e:  # noqa: BLE001 - a server that goes makes python-xlib raise anything
        log.info("the X display is lost: %s", type(e).__name__)
        return None


def _close_late(opening: Future[XLink | None]) -> None:
    if (link := opening.result()) is not None:
        link.close()
