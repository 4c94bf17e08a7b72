"""`python -m mka1_desktop.app.offscreen FOLDER`: one spoken exchange with the demo, in the real window, off screen.

Leaves `window.png` and `answer.wav` in the folder and prints what was said. For machines without a display.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication

from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.adapters.sound_file import FileSound
from mka1_desktop.adapters.wav_read import read_wav
from mka1_desktop.app.answer_wait import next_sign, whole_answer
from mka1_desktop.app.crash_qt import install_qt_log
from mka1_desktop.app.desktop import Desktop
from mka1_desktop.app.ending import Ending
from mka1_desktop.app.exit_codes import Exit, exit_for
from mka1_desktop.app.front import Front
from mka1_desktop.app.options import parse, say
from mka1_desktop.app.paths import find_paths
from mka1_desktop.app.spoken import Spoken
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import SoundEvent
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.settings import Settings
from mka1_desktop.ports.system import ClockPort

SIZE = (960, 680)
GREETING_LIMIT_S = 15.0
ANSWER_SILENCE_S = 15.0
PAINT_S = 0.5  # figures and rows come to rest


class Exchange:
    """The person at this window: waits for the greeting, asks by voice, hears the answer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sound: FileSound | None = None

    async def open_sound(self, _: Settings, *, emit: Callable[[SoundEvent], None], clock: ClockPort) -> FileSound:
        sound = FileSound(clock=clock, recording=str(self._folder / "answer.wav"))
        await sound.open(emit)
        self._sound = sound
        return sound

    async def hold(self, desktop: Desktop, question: Path) -> Exit:
        """Hold the exchange; raises AppError when the session fails."""
        desk, clock = desktop.desk, desktop.desk.parts.clock
        desk.controller.watch(Spoken(sys.stdout))
        desk.connect()
        async with asyncio.timeout(GREETING_LIMIT_S + 30):
            await desk.until_ready()
            while self._sound is None or not (desk.book.listening and desk.book.greeting.signs):
                await next_sign(desk.book)
        answer = desk.book.begin(0)
        desk.talk("start")
        played = await self._sound.play(read_wav(str(question)))
        desk.talk("stop")
        await whole_answer(desk.book, answer, since_s=played.ended_at_s, silence_s=ANSWER_SILENCE_S, clock=clock)
        await clock.sleep(PAINT_S)
        picture = self._folder / "window.png"
        desktop.frame.window.grab().save(str(picture))
        picture.chmod(0o600)
        return Exit.DONE if answer.answered else Exit.UNANSWERED


def main(folder: Path) -> int:
    """Run the exchange; returns the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="mka1-") as data:
        options = parse(["--demo", "--data-dir", data])
        paths = find_paths(data)
        paths.prepare()
        install_qt_log()
        app = QApplication([])
        app.setQuitOnLastWindowClosed(False)
        from qasync import QEventLoop  # noqa: PLC0415 - after QApplication, whose Qt it must use

        exchange = Exchange(folder)
        front = Front(app, settings=SettingsFile(paths.settings).load(), resources=paths.resources, ending=Ending())
        desktop = Desktop(
            front, options=options, paths=paths, redactor=Redactor(), settings=SettingsFile(paths.settings),
            sound=exchange.open_sound,
        )  # fmt: skip
        desktop.frame.window.resize(*SIZE)
        front.show()
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            code, sentence = runner.run(_both(desktop, exchange, paths.resources / "audio" / "question.wav"))
    return say(f"{sentence} Screenshot and recorded answer: {folder}", code)


async def _both(desktop: Desktop, exchange: Exchange, question: Path) -> tuple[Exit, str]:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(desktop.run(), name="app")
        try:
            code = await exchange.hold(desktop, question)
            sentence = "The demo answered." if code is Exit.DONE else "The demo did not answer."
        except AppError as error:
            code, sentence = exit_for(error.code), error.trouble.text
        except TimeoutError:
            code, sentence = Exit.UNREACHABLE, "The demo did not greet in time."
        finally:
            desktop.quit()
    return code, sentence


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
