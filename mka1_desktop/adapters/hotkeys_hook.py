"""Keys and mouse buttons in every program on Windows and macOS, through a hook that exists only while one is bound."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from mka1_desktop.adapters.hook_macos import MacFrameworks, MacHook
from mka1_desktop.adapters.hook_windows import WindowsHook, load_windows
from mka1_desktop.adapters.hotkeys_pressed import PressedKeys, Told
from mka1_desktop.adapters.key_hook import HookMissing, HookRefused, KeyHook
from mka1_desktop.adapters.key_names import known_key
from mka1_desktop.domain.combos import Combo
from mka1_desktop.ports.hotkeys import Binding, HotkeyChanged, HotkeyName, HotkeyProblem

log = logging.getLogger(__name__)
START_LIMIT_S = 10.0  # loading the libraries from a slow disk
STOP_LIMIT_S = 3.0


class HookHotkeys:
    """See HotkeyPort. What is swallowed is decided on the hook's thread; what it meant is told on the loop's."""

    release_events = True

    def __init__(
        self,
        *,
        backend: Literal["windows", "macos"],
        emit: Callable[[HotkeyChanged], None],
        load: Callable[[], Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`load` gives what of the system is needed (WindowsCalls, MacFrameworks), on the hook's thread.

        `clock` is asked where the events have no usable time of their own.
        """
        self.backend = backend
        self._emit = emit
        self._load = load
        self._clock = clock
        self._turn = asyncio.Lock()
        self._run: _Run | None = None

    async def bind(self, wanted: Mapping[HotkeyName, Combo]) -> Mapping[HotkeyName, Binding]:
        """See HotkeyPort."""
        async with self._turn:
            hook = self._new_hook(mouse=any(combo.button is not None for combo in wanted.values()))
            combos, answers = _sorted(wanted, hook)
            problem = await self._started(hook) if combos else None
            for name, combo in list(combos.items()):
                found = problem or self._refused(name, combo)
                answers[name] = Binding(key=hook.called(combo), problem=found)
                if found is not None:
                    del combos[name]
            if self._run is not None and combos:
                self._run.want(combos)
            else:
                await self._stop()
            return {name: answers[name] for name in wanted}

    async def close(self) -> None:
        """See HotkeyPort."""
        async with self._turn:
            await self._stop()

    def _new_hook(self, *, mouse: bool) -> KeyHook:
        if self.backend == "windows":
            return WindowsHook(self._load or load_windows, mouse=mouse)
        return MacHook(self._load or MacFrameworks, clock=self._clock, mouse=mouse)

    async def _started(self, hook: KeyHook) -> HotkeyProblem | None:
        """Have a hook that listens: the one that runs, if it hears the same, or else this one."""
        if self._run is not None and not self._run.ended.is_set() and self._run.hook.mouse is hook.mouse:
            return None
        await self._stop()
        self._run = run = _Run(hook, self._emit, asyncio.get_running_loop())
        try:
            async with asyncio.timeout(START_LIMIT_S):
                return await run.start()
        except TimeoutError:
            log.warning("the keyboard hook did not start in time")
            return HotkeyProblem.UNAVAILABLE
        except asyncio.CancelledError:  # the next wish must not take it for one that listens
            self._run = None
            run.close()
            raise

    def _refused(self, name: HotkeyName, combo: Combo) -> HotkeyProblem | None:
        run = self._run
        if run is None or run.wanted.get(name) == combo or run.hook.is_free(combo):
            return None
        return HotkeyProblem.TAKEN

    async def _stop(self) -> None:
        run, self._run = self._run, None
        if run is None:
            return
        run.close()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await run.ended.wait()
        except TimeoutError:
            log.warning("the keyboard hook did not end in time")


class _Run:
    """The life of one hook. Also its KeyEars."""

    def __init__(self, hook: KeyHook, emit: Callable[[HotkeyChanged], None], loop: asyncio.AbstractEventLoop) -> None:
        self.hook = hook
        self.wanted: dict[HotkeyName, Combo] = {}
        self.ended = asyncio.Event()
        self._emit = emit
        self._loop = loop
        self._started: asyncio.Future[HotkeyProblem | None] = loop.create_future()
        self._lock = threading.Lock()  # around the two below, and so around their order
        self._keys = PressedKeys()
        self._news: deque[HotkeyChanged] = deque()

    async def start(self) -> HotkeyProblem | None:
        """Return once it listens, or why it does not."""
        threading.Thread(target=self._listen, name="hotkeys", daemon=True).start()
        return await self._started

    def want(self, combos: Mapping[HotkeyName, Combo]) -> None:
        """On the loop's thread, as `close`."""
        self.wanted = dict(combos)
        with self._lock:
            self._news += self._keys.want(combos)
        self._deliver()

    def close(self) -> None:
        """Tell what is down as up, swallow nothing more, and ask the hook to end."""
        self.want({})
        self.hook.stop()

    # --- on the hook's thread

    def key(self, name: str, down: bool, at_s: float, held: Callable[[], Iterable[str]]) -> bool:
        """See KeyEars."""
        with self._lock:
            answer = self._keys.event(name, down, at_s, held)
            self._tell(answer.told)
        return answer.swallow

    def modifiers(self, held: Iterable[str], at_s: float) -> None:
        """See KeyEars."""
        with self._lock:
            self._tell(self._keys.set_modifiers(held, at_s))

    def interrupted(self) -> None:
        """See KeyEars."""
        with self._lock:
            self._tell(self._keys.let_go())

    def _listen(self) -> None:
        problem: HotkeyProblem | None = None
        try:
            self.hook.run(self, lambda: self._on_loop(self._settle, None))
        except HookRefused:
            problem = HotkeyProblem.NOT_GRANTED
        except HookMissing as e:
            log.info("there is no keyboard hook here: %s", e)
            problem = HotkeyProblem.UNAVAILABLE
        except Exception as e:  # noqa: BLE001 - pynput passes on whatever ended its listener
            log.warning("the keyboard hook failed: %s", type(e).__name__)
        self._on_loop(self._end, problem or HotkeyProblem.UNAVAILABLE)

    def _tell(self, told: Told) -> None:
        if told:
            self._news += told
            self._on_loop(self._deliver)

    def _on_loop(self, work: Callable[..., None], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(work, *args)
        except RuntimeError:  # the loop is closed: the program ends
            log.debug("a key came too late")

    # --- on the loop's thread

    def _settle(self, problem: HotkeyProblem | None) -> None:
        if not self._started.done():
            self._started.set_result(problem)

    def _end(self, problem: HotkeyProblem) -> None:
        with self._lock:
            self._news += self._keys.forget()
        self._deliver()
        self._settle(problem)
        self.ended.set()

    def _deliver(self) -> None:
        while self._news:
            self._emit(self._news.popleft())


def _sorted(
    wanted: Mapping[HotkeyName, Combo], hook: KeyHook
) -> tuple[dict[HotkeyName, Combo], dict[HotkeyName, Binding]]:
    """Return what can be asked for, spelled as the hook spells it, and the answers to what cannot."""
    combos: dict[HotkeyName, Combo] = {}
    answers: dict[HotkeyName, Binding] = {}
    for name, combo in wanted.items():
        key = known_key(combo.key, hook.keys)
        found = None if key is None else Combo(modifiers=combo.modifiers, key=key)
        if found is None:
            answers[name] = Binding(key=str(combo), problem=HotkeyProblem.UNKNOWN_KEY)
        elif found in combos.values():
            answers[name] = Binding(key=hook.called(found), problem=HotkeyProblem.TAKEN)
        else:
            combos[name] = found
    return combos, answers
