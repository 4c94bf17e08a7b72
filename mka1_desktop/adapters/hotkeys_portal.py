"""Keys that work in every program on Wayland: the desktop portal's global shortcuts. The person decides on the keys."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from mka1_desktop.adapters.bus_jeepney import Bus, BusRefused
from mka1_desktop.adapters.bus_open import open_bus
from mka1_desktop.adapters.held_keys import HeldKeys
from mka1_desktop.adapters.owned_tasks import OwnedTasks
from mka1_desktop.adapters.portal_shortcuts import ShortcutSession, portal_owner, watch_portal
from mka1_desktop.adapters.portal_triggers import trigger_of
from mka1_desktop.domain.combos import Combo
from mka1_desktop.ports.hotkeys import Backend, Binding, HotkeyChanged, HotkeyName, HotkeyProblem
from mka1_desktop.ports.watchers import WatcherUnavailable

log = logging.getLogger(__name__)
ANSWER_S = 60.0  # the person may be looking at a dialog
WATCH_S = 0.5  # how often a portal is looked after while a key is down
IDLE_S = 10.0  # and while none is
DESCRIPTIONS: Mapping[HotkeyName, str] = {"talk": "Talk to the assistant", "quick_ask": "Ask a quick question"}


@dataclass(slots=True, kw_only=True, eq=False)
class _Wish:
    """What is to be bound, and what became of it."""

    wanted: dict[HotkeyName, Combo] = field(default_factory=dict)
    bindings: dict[HotkeyName, Binding] = field(default_factory=dict)
    settled: bool = False  # the portal holds keys for it
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def fail(self) -> None:
        """Nothing is bound, for no fault of the person's."""
        self.settled = False
        for name, combo in self.wanted.items():
            self.bindings[name] = Binding(key=str(combo), problem=HotkeyProblem.UNAVAILABLE)

    def key(self, shortcut: str, held: HeldKeys, *, down: bool, at_ms: int) -> None:
        for name in self.wanted:
            if name == shortcut:
                held.change(name, down=down, at_ms=at_ms)

    def changed(self, triggers: Mapping[str, str]) -> None:
        for name in self.wanted:
            if name in triggers:
                self.bindings[name] = Binding(key=triggers[name])


class PortalHotkeys:
    """See HotkeyPort. All on the loop's thread.

    Each wish gets a session and a connection of its own: the portal lets a session bind once, and whatever goes wrong,
    the bus itself frees the keys when the connection ends.
    """

    def __init__(
        self,
        *,
        emit: Callable[[HotkeyChanged], None],
        app_id: str = "com.mka1.Desktop",
        descriptions: Mapping[HotkeyName, str] = DESCRIPTIONS,
        answer_s: float = ANSWER_S,
        watch_s: float = WATCH_S,
        idle_s: float = IDLE_S,
    ) -> None:
        """`descriptions` is what the system's dialog shows for each key, in the person's language."""
        self._emit = emit
        self._app_id = app_id
        self._descriptions = descriptions
        self._answer_s = answer_s
        self._watch_s = watch_s
        self._idle_s = idle_s
        self._tasks = OwnedTasks()
        self._session: asyncio.Task[None] | None = None
        self._wish = _Wish()

    @property
    def backend(self) -> Backend:
        return "portal"

    @property
    def release_events(self) -> bool:
        return True

    @property
    def bindings(self) -> Mapping[HotkeyName, Binding]:
        """What is bound now; the person may change it at any time, and the portal may go away."""
        return dict(self._wish.bindings)

    async def bind(self, wanted: Mapping[HotkeyName, Combo]) -> Mapping[HotkeyName, Binding]:
        """See HotkeyPort. While the portal holds these very keys, the answer is `bindings`.

        Called while another call waits for the person, it ends that one, which answers UNAVAILABLE.
        """
        if self._wish.settled and self._wish.wanted == wanted:
            return self.bindings
        wish = self._wish = _Wish(wanted=dict(wanted))
        wish.fail()
        try:
            await self._stop()
            if wish is self._wish and wish.wanted:  # no other wish came while the old session said goodbye
                self._start(wish)
                await wish.answered.wait()
        except asyncio.CancelledError:
            if wish is self._wish and self._session is not None:
                self._session.cancel()
            raise
        if wish is not self._wish:
            wish.fail()
        return dict(wish.bindings)

    async def close(self) -> None:
        """See HotkeyPort."""
        self._wish = _Wish()
        await self._tasks.cancel()

    def _start(self, wish: _Wish) -> None:
        self._session = self._tasks.spawn(self._live(wish), "portal shortcuts")
        if self._session is None:  # closed for ever
            wish.answered.set()
        else:  # it may end before it began
            self._session.add_done_callback(lambda _: wish.answered.set())

    async def _stop(self) -> None:
        """End the session, and wait for it."""
        if self._session is not None:
            self._session.cancel()
            await asyncio.wait({self._session})

    async def _live(self, wish: _Wish) -> None:
        """Hold one session from its beginning to its end. Raises nothing."""
        held = HeldKeys(self._emit)
        try:
            async with open_bus("SESSION") as bus, asyncio.TaskGroup() as tasks:
                tasks.create_task(bus.ended(), name="portal bus ended")
                owner = await portal_owner(bus)
                tasks.create_task(watch_portal(bus, owner, lambda: self._pause(held)), name="portal watch")
                await self._hold(bus, wish, held)
        except* (BusRefused, WatcherUnavailable, TimeoutError) as group:
            log.info("no keys through the portal: %s", "; ".join(str(e) for e in group.exceptions))

    async def _hold(self, bus: Bus, wish: _Wish, held: HeldKeys) -> None:
        """Bind what is wished, and hold it. Raises WatcherUnavailable when the session is over."""
        session = ShortcutSession(bus, key=partial(wish.key, held=held), changed=wish.changed)
        try:
            await session.prepare(self._app_id)
            async with asyncio.timeout(self._answer_s):
                await self._ask(session, wish)
            wish.answered.set()
            if wish.settled:
                await session.closed()
            raise WatcherUnavailable("the session is over")
        finally:
            if wish.settled:
                wish.fail()
            held.end()
            await session.close()

    async def _ask(self, session: ShortcutSession, wish: _Wish) -> None:
        """Ask for the keys that have a name there, and write down what became of each."""
        triggers = {name: trigger_of(combo) for name, combo in wish.wanted.items()}
        shortcuts: dict[str, tuple[str, str]] = {
            name: (self._descriptions.get(name, name), trigger) for name, trigger in triggers.items() if trigger
        }
        ours = await session.bind(shortcuts) if shortcuts else None
        for name, combo in wish.wanted.items():
            if name not in shortcuts:
                problem = HotkeyProblem.UNKNOWN_KEY if combo.button is None else HotkeyProblem.NO_BUTTONS
                wish.bindings[name] = Binding(key=str(combo), problem=problem)
            elif ours is None or name not in ours:
                wish.bindings[name] = Binding(key=str(combo), problem=HotkeyProblem.NOT_GRANTED)
            else:
                wish.bindings[name] = Binding(key=ours[name])
                wish.settled = True

    async def _pause(self, held: HeldKeys) -> None:
        """Wait until it is time to look after the portal: soon while a key is down, or when one goes down."""
        if held.some.is_set():
            await asyncio.sleep(self._watch_s)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._idle_s):
                await held.some.wait()
