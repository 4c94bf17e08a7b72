"""The real windowed app with somebody at it who measures.

Run as `python -m tests.bench.probe SCRIPT FOLDER [OPTION …]`. SCRIPT is one of the coroutines below; each prints one
JSON object on standard output and quits the app.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.app.crash_qt import install_qt_log
from mka1_desktop.app.desktop import Desktop
from mka1_desktop.app.ending import Ending
from mka1_desktop.app.front import Front
from mka1_desktop.app.options import parse
from mka1_desktop.app.paths import find_paths
from mka1_desktop.domain.events import AgentSoundStarted, Event, MicrophoneClosed
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.session.effects import Tell
from mka1_desktop.session.state import Live, Phase, Session
from mka1_desktop.session.watch import Watcher

WARM_S = 4.0  # the app's own warm-up after the first paint
SESSIONS = 7
STOPS = 12
PRESSES = 8
HELD_S = 1.2  # longer than a tap
CLOSED_S = 1.5  # the recording is closed and at rest when the key goes down
IDLE_S = 20.0
STALL_S = 0.2
LIMIT_S = 30.0


class Times(Watcher):
    """When things happened, monotonic."""

    def __init__(self, desktop: Desktop) -> None:
        self._now = desktop.desk.parts.clock.monotonic
        self.at: dict[str, float] = {}
        self.changed = asyncio.Event()
        desktop.desk.controller.watch(self)

    def _note(self, name: str) -> None:
        self.at.setdefault(name, self._now())
        self.changed.set()

    def on_told(self, told: Tell) -> None:
        self._note(told.news)

    def on_event(self, event: Event, session: Session) -> None:
        if isinstance(event, AgentSoundStarted):
            self._note("sound")
        if isinstance(event, MicrophoneClosed):
            self._note("closed")
        if isinstance(session.link, Live) and session.link.phase is Phase.LISTENING:
            self._note("listening")

    async def until(self, name: str) -> float:
        async with asyncio.timeout(LIMIT_S):
            while name not in self.at:
                self.changed.clear()
                await self.changed.wait()
        return self.at[name]


async def joining(desktop: Desktop) -> dict[str, object]:
    """Click to room joined and to the first sound of the assistant, several sessions."""
    times = Times(desktop)
    joined, sound = [], []
    for _ in range(SESSIONS):
        times.at.clear()
        clicked_s = desktop.desk.parts.clock.monotonic()
        desktop.desk.connect()
        joined.append(await times.until("joined") - clicked_s)
        sound.append(await times.until("sound") - clicked_s)
        desktop.desk.hang_up()
        await times.until("ended")
    return {"joined": joined, "sound": sound}


async def idle(desktop: Desktop) -> dict[str, object]:
    """CPU and memory of the window at rest, and of a quiet session."""
    process = psutil.Process()
    rest = await _rest(process)
    times = Times(desktop)
    desktop.desk.connect()
    await times.until("listening")
    return {"window": rest, "session": await _rest(process)}


async def _rest(process: psutil.Process) -> dict[str, float]:
    process.cpu_percent()
    await asyncio.sleep(IDLE_S)
    memory = process.memory_full_info()
    return {"cpu_percent": process.cpu_percent(), "rss_mb": memory.rss / 1e6, "uss_mb": memory.uss / 1e6}


async def open_microphone(desktop: Desktop) -> dict[str, object]:
    """A session with an open microphone, until standard input closes; says when it is there."""
    desktop.desk.set_setting("talk.mode", "open")
    desktop.desk.connect()
    await desktop.desk.until_ready()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    return {}


async def stalled_microphone(desktop: Desktop) -> dict[str, object]:
    """Like `open_microphone`, with everything collected and the main thread held for 200 ms once a second."""
    desktop.desk.set_setting("talk.mode", "open")
    desktop.desk.connect()
    await desktop.desk.until_ready()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    reading = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    while not reading.done():
        await asyncio.sleep(1.0 - STALL_S)
        gc.collect()
        time.sleep(STALL_S)  # noqa: ASYNC251, TID251 - the stall is what is measured
    return {}


async def stopping(desktop: Desktop) -> dict[str, object]:
    """Ask for the long story and stop it, again and again; returns the moments of stopping."""
    times, desk = Times(desktop), desktop.desk
    desk.connect()
    await times.until("listening")
    stops = []
    for _ in range(STOPS):
        times.at.clear()
        desk.say("Tell me a long story.")
        await times.until("sound")
        await asyncio.sleep(2.0)
        stops.append(desk.parts.clock.monotonic())
        desk.stop()
        await asyncio.sleep(2.0)
    return {"stops_at_s": stops}


async def key_down(desktop: Desktop) -> dict[str, object]:
    """Press and hold the talk key, again and again; returns the moments of pressing."""
    times, desk = Times(desktop), desktop.desk
    desk.connect()
    await desk.until_ready()
    presses = []
    for _ in range(PRESSES):
        await asyncio.sleep(CLOSED_S)
        times.at.clear()
        presses.append(desk.parts.clock.monotonic())
        desk.press()
        await asyncio.sleep(HELD_S)
        desk.release()
        await times.until("closed")
    return {"presses_at_s": presses}


SCRIPTS: dict[str, Callable[[Desktop], Awaitable[dict[str, object]]]] = {
    "joining": joining, "idle": idle, "open_microphone": open_microphone, "stalled_microphone": stalled_microphone,
    "stopping": stopping, "key_down": key_down,
}  # fmt: skip


def main(script: str, folder: str, options: list[str]) -> None:
    paths = find_paths(folder)
    paths.prepare()
    install_qt_log()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    settings = SettingsFile(Path(paths.settings))
    front = Front(app, settings=settings.load(), resources=paths.resources, ending=Ending())
    front.show()
    desktop = Desktop(
        front, options=parse(["--data-dir", folder, *options]), paths=paths, redactor=Redactor(), settings=settings
    )
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        runner.run(_both(desktop, SCRIPTS[script]))


async def _both(desktop: Desktop, script: Callable[[Desktop], Awaitable[dict[str, object]]]) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desktop.run())
        working = tasks.create_task(_measured(desktop, script))
        await asyncio.wait((running, working), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()


async def _measured(desktop: Desktop, script: Callable[[Desktop], Awaitable[dict[str, object]]]) -> None:
    await asyncio.sleep(WARM_S)
    try:
        sys.stdout.write(json.dumps(await script(desktop)) + "\n")
        sys.stdout.flush()
    finally:
        desktop.quit()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
