"""Typing, threads, suggestions, copying: the real program, real keys and clicks, a demo service that outlives it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.demo_beside import DemoBeside
from tests.support.screen import Screen
from tests.support.windowed import LIMIT_S, State, Windowed

FIRST, SECOND = "How much is seven times eight?", "What is the capital of Japan?"
EARLIER = "What did I ask you earlier?"
PASTE = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
clipboard = app.clipboard()
def look():
    if clipboard.text():
        print(clipboard.text(), end="")
        app.quit()
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
QTimer.singleShot(10_000, app.quit)
app.exec()
"""


def test_typing_threads_and_a_restart(screen: Screen, demo: DemoBeside, tmp_path: Path) -> None:
    with Windowed(screen, tmp_path, **demo.environment) as app:
        a_suggestion_fills_the_box(app)
        shift_return_makes_a_new_line(app)
        asks(app, FIRST, "56")
        copies_a_turn(app)
        app.click("New conversation")
        app.until(lambda s: s["thread"]["id"] is None and s["state"] == "idle")
        app.see("What shall we talk about?")
        asks(app, SECOND, "Tokyo")
        app.click(f"{FIRST}*", role="list item")
        app.until(lambda s: s["thread"]["title"] == FIRST)
        app.see(f"You: {FIRST}*", role="list item")
        continues(app)
        shown = turns(app)
    with Windowed(screen, tmp_path, **demo.environment) as app:
        assert app.state["state"] == "idle", "a start opens nothing unasked"
        app.click(f"{FIRST}*", role="list item")
        app.until(lambda s: s["thread"]["title"] == FIRST)
        app.look(lambda: turns(app) == shown, "the same turns are not there")
        continues(app)


def test_keys_of_the_window(screen: Screen, demo: DemoBeside, tmp_path: Path) -> None:
    with Windowed(screen, tmp_path, **demo.environment) as app:
        app.see("What shall we talk about?")
        app.hands.key("ctrl+comma")
        app.see("Settings*", role="dialog")
        app.ctl("session", "start")  # a dialog blocks nothing behind it
        app.ctl("session", "end")
        app.hands.key("Escape")
        app.see_gone("Settings*", role="dialog")
        app.hands.key("ctrl+b")
        app.see_gone("Sidebar")
        app.hands.key("ctrl+k")
        app.see("Sidebar")
        app.hands.key("ctrl+n")
        assert app.quit() == 143, "SIGTERM ends it after saving"


def a_suggestion_fills_the_box(app: Windowed) -> None:
    app.see("There is no sound system*")  # after this notice nothing moves any more
    app.click("What can I cook in twenty minutes?")
    app.look(lambda: app.written() == "What can I cook in twenty minutes?", "the box stayed empty")
    assert app.state["state"] == "idle", "nothing is sent by that"
    assert app.state["thread"]["turns"] == 0
    app.hands.key("ctrl+a", "Delete")
    app.look(lambda: not app.written(), "the box was not emptied")


def shift_return_makes_a_new_line(app: Windowed) -> None:
    app.hands.type("one")
    app.hands.key("shift+Return")
    app.hands.type("two")
    app.look(lambda: app.written().splitlines() == ["one", "two"], "there is no second line")
    assert app.state["thread"]["turns"] == 0
    app.hands.key("ctrl+a", "Delete")


def asks(app: Windowed, question: str, answer: str) -> None:
    mark = app.mark()
    app.hands.type(question)
    app.hands.key("Return")
    app.until(lambda s: answer in s["caption"]["agent"] and at_rest(s), since=mark)
    assert app.written() == ""
    app.see(f"You: {question}*", role="list item")
    app.see(f"Assistant: *{answer}*", role="list item")


def continues(app: Windowed) -> None:
    """The thread goes on where it ended: the service knows what was asked in it."""
    app.hands.click(app.see("Type a message", role="text").box.middle)
    asks(app, EARLIER, "seven times eight")


def copies_a_turn(app: Windowed) -> None:
    item = app.see(f"You: {FIRST}*", role="list item")
    app.hands.click(item.box.middle)
    app.hands.key("ctrl+c")
    done = subprocess.run(
        [sys.executable, "-c", PASTE], env={**app.environment, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "0"},
        capture_output=True, text=True, timeout=LIMIT_S, check=True,
    )  # fmt: skip
    assert done.stdout == FIRST
    app.see("Copied")
    app.hands.click(app.see("Type a message", role="text").box.middle)


def turns(app: Windowed) -> list[str]:
    said = [t.name for t in app.sight.everything() if t.role == "list item"]
    return [name for name in said if name.startswith(("You:", "Assistant:"))]


def at_rest(state: State) -> bool:
    return state["state"] == "listening" and not state["speaker"]["playing"]
