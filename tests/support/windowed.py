"""The real windowed program on a private screen, and a person in front of it.

`ctl state --follow` tells what the app does; nothing here waits for time to pass.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.hands import Hands
from tests.support.screen import Screen
from tests.support.sight import Sight, Thing

LIMIT_S = 40.0  # a loaded machine is slow; nothing here waits so long unless it hangs
LOOK_EVERY_S = 0.05
ROOT = Path(__file__).parents[2]
State = dict[str, Any]
PROGRAM = (sys.executable, "-m", "mka1_desktop")


class Windowed:
    """`with Windowed(screen, folder, "--demo") as app: ...`; several may follow each other on one data folder.

    Attributes: `hands` and `sight` of the person, `pid` of the app.
    """

    def __init__(self, screen: Screen, folder: Path, *options: str, **environment: str) -> None:
        self._folder = folder
        self._options = options
        self.environment: dict[str, str] = {
            **screen.environment,
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "MKA1_DATA_DIR": str(folder / "data"),
            "PULSE_SERVER": f"unix:{folder / 'no-sound'}",
            **environment,
        }
        self.hands = Hands(screen.environment)
        self.sight = Sight(screen.address)
        self._stack = ExitStack()
        self._changed = threading.Condition()
        self._states: list[State] = []
        self._process: subprocess.Popen[bytes] | None = None

    # --- starting and ending ---------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._errors = self._folder / f"stderr-{time.monotonic_ns()}.txt"
            errors = stack.enter_context(self._errors.open("wb"))
            self._process = subprocess.Popen(
                [*PROGRAM, *self._options], env=self.environment, cwd=self._folder, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=errors,
            )  # fmt: skip
            stack.callback(self._end)
            stack.enter_context(self.sight)
            self._follow(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if error is None:
            said = self._errors.read_text("utf-8", "replace")
            assert self.process.returncode in (0, 143), f"{self.process.returncode} {said}"
            assert "Traceback" not in said, said

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the app was not started"
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    def _end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def quit(self) -> int:
        """End it as the desktop does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_S)

    def _follow(self, stack: ExitStack) -> None:
        """Start `ctl state --follow` as soon as the app answers, and read it in a thread."""
        end_s = time.monotonic() + LIMIT_S
        while self.ctl("state", check=False) is None:
            assert self.process.poll() is None, self._errors.read_text("utf-8", "replace")
            assert time.monotonic() < end_s, "the app never answered"
        follower = subprocess.Popen(
            [*PROGRAM, "ctl", "state", "--follow", "--json"], env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        reader = threading.Thread(target=self._read, args=(follower,), daemon=True)
        reader.start()

        def end() -> None:
            follower.terminate()
            follower.wait(LIMIT_S)
            reader.join(LIMIT_S)
            if follower.stdout is not None:
                follower.stdout.close()

        stack.callback(end)
        self.until(lambda _: True)

    def _read(self, follower: subprocess.Popen[bytes]) -> None:
        assert follower.stdout is not None
        for line in follower.stdout:
            with self._changed:
                self._states.append(json.loads(line))
                self._changed.notify_all()

    # --- asking ----------------------------------------------------------------------------------------------------

    def ctl(self, *words: str, check: bool = True) -> State | None:
        """Run one command of `ctl`; None when it is refused and `check` is off."""
        done = subprocess.run(
            [*PROGRAM, "ctl", *words, "--json"], env=self.environment, capture_output=True, timeout=LIMIT_S, check=False
        )
        if done.returncode != 0:
            assert not check, done.stderr.decode()
            return None
        answer: State = json.loads(done.stdout)
        return answer

    def set(self, key: str, value: str) -> None:
        """Change a setting of the running app, as scripts do."""
        subprocess.run(
            [*PROGRAM, "settings", "set", key, value], env=self.environment, check=True, capture_output=True,
            timeout=LIMIT_S,
        )  # fmt: skip

    @property
    def state(self) -> State:
        """What the app told last."""
        with self._changed:
            return self._states[-1]

    def mark(self) -> int:
        """A place in what was told, for `until` and `since`."""
        with self._changed:
            return len(self._states)

    def since(self, mark: int) -> list[State]:
        with self._changed:
            return self._states[mark:]

    def until(self, true: Callable[[State], Any], *, since: int | None = None, limit_s: float = LIMIT_S) -> State:
        """Wait for a state of which `true` is true: the newest one, or any since a mark."""
        with self._changed:
            place = max(0, len(self._states) - 1) if since is None else since

            def found() -> State | None:
                nonlocal place
                for state in self._states[place:]:
                    if true(state):
                        return state
                place = len(self._states)
                return None

            end_s = time.monotonic() + limit_s
            while (state := found()) is None:
                left_s = end_s - time.monotonic()
                assert left_s > 0, f"it never came; last: {self._states[-1:]}"
                self._changed.wait(left_s)
            return state

    # --- looking and touching --------------------------------------------------------------------------------------

    def see(self, name: str, *, role: str = "", limit_s: float = LIMIT_S) -> Thing:
        """Wait until something of this name is shown (* stands for anything)."""
        found: Thing = self.look(lambda: self.sight.find(name, role=role), f"{role} {name!r} was never shown", limit_s)
        return found

    def see_gone(self, name: str, *, role: str = "") -> None:
        """Wait until nothing of this name is shown."""
        self.look(lambda: self.sight.find(name, role=role) is None, f"{name!r} did not go")

    def click(self, name: str, *, role: str = "push button") -> None:
        self.hands.click(self.see(name, role=role).box.middle)

    def written(self) -> str:
        """What stands in the text box."""
        return self.sight.text_of(self.see("Type a message", role="text"))

    def look(self, ask: Callable[[], Any], problem: str, limit_s: float = LIMIT_S) -> Any:
        """Look again and again until the answer is true; returns it."""
        end_s = time.monotonic() + limit_s
        pause = threading.Event()
        while not (answer := ask()):
            assert time.monotonic() < end_s, (
                f"{problem}: {', '.join(str(t) for t in self.sight.everything() if t.name)}"
            )
            pause.wait(LOOK_EVERY_S)
        return answer


def sound_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What a program needs of the private sound card's environment."""
    names = ("PULSE_SERVER", "PULSE_COOKIE", "ALSA_CONFIG_PATH")
    return {name: environment[name] for name in names}
