"""The talk key in every program: another window has the focus, real keys, and nothing is typed into it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.support.demo_beside import DemoBeside
from tests.support.screen import Screen
from tests.support.windowed import State, Windowed
from tests.support.x11_keys import SPACE, Person


def test_it_talks_from_any_program(screen: Screen, demo: DemoBeside, tmp_path: Path) -> None:
    with Windowed(screen, tmp_path, **demo.environment) as app, closing(Person(screen.display)) as other:
        assert not app.state["hotkey"]["global"], "nothing is grabbed unasked"
        app.set("talk.tap_ms", "2000")  # a tap stays one on a slow machine
        app.set("talk.global", "on")
        app.until(lambda s: s["hotkey"]["global"])
        assert app.state["hotkey"] == {
            "backend": "x11", "key": "Ctrl+Alt+Space", "global": True, "release_events": True, "problem": None,
        }  # fmt: skip
        other.take_focus()
        taps(app)
        holds(app)
        assert SPACE not in other.typed()
        app.set("talk.global", "off")
        app.until(lambda s: not s["hotkey"]["global"])
        app.hands.tap()
        app.until(idle)
        assert other.typed().count(SPACE) == 1, "off means released"


def taps(app: Windowed) -> None:
    """A tap locks, the next one ends it; the app connects by that."""
    app.hands.tap()
    app.until(lambda s: s["talk"]["latched"] and s["state"] != "idle")
    app.hands.tap()
    app.until(idle)


def holds(app: Windowed) -> None:
    app.set("talk.mode", "hold")
    with app.hands.holding():
        app.until(lambda s: s["talk"]["held"])
    app.until(idle)


def idle(state: State) -> bool:
    return not state["talk"]["held"] and not state["talk"]["latched"]


def test_a_key_that_another_has_is_said_to_be_taken(screen: Screen, demo: DemoBeside, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with Windowed(screen, first, **demo.environment) as one, Windowed(screen, second, **demo.environment) as two:
        one.set("talk.global", "on")
        one.until(lambda s: s["hotkey"]["global"])
        two.set("talk.global", "on")
        two.until(lambda s: s["hotkey"]["problem"] == "taken")
        assert (two.state["hotkey"]["backend"], two.state["hotkey"]["global"]) == ("window", False)
        two.see("Another program has this talk key*")
        two.set("talk.key", "Ctrl+Alt+F9")
        two.until(lambda s: s["hotkey"]["global"] and s["hotkey"]["key"] == "Ctrl+Alt+F9")
        assert one.state["hotkey"]["global"]
