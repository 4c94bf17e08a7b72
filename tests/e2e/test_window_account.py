"""The first start: a key is asked for, checked and kept, or the demo is chosen; nothing of it blocks the window."""

from __future__ import annotations

from pathlib import Path

from tests.support.demo_beside import DemoBeside
from tests.support.private_bus import private_bus
from tests.support.screen import Screen
from tests.support.windowed import Windowed

DIALOG = "Your key*"


def test_without_a_keyring_the_key_serves_this_run(screen: Screen, demo: DemoBeside, tmp_path: Path) -> None:
    with address(screen, demo, tmp_path) as app:
        enters(app, "wrong-key")
        app.see("*did not accept*")
        field = app.see("API key", role="text")
        assert len(app.sight.text_of(field)) == len("wrong-key"), "a refused key stays in its field"
        app.hands.key("ctrl+a")
        enters(app, f"Bearer {demo.api_key}")
        app.see_gone(DIALOG, role="dialog")
        app.see("This system has no keyring, so the key is kept only until you quit.")
        app.ctl("session", "start")
        app.ctl("session", "end")
    with address(screen, demo, tmp_path) as app:
        app.see(DIALOG, role="dialog")


def test_a_keyring_keeps_the_key_until_it_is_deleted(screen: Screen, demo: DemoBeside, tmp_path: Path) -> None:
    with private_bus(tmp_path / "bus") as bus:
        ours = {name: bus.environment[name] for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_DATA_HOME")}
        with address(screen, demo, tmp_path, **ours) as app:
            enters(app, demo.api_key)
            app.see_gone(DIALOG, role="dialog")
        with address(screen, demo, tmp_path, **ours) as app:
            app.ctl("session", "start")
            app.ctl("session", "end")
            app.click("Account: *")
            app.click("Delete the key")
            app.click("Delete")
            app.see("Account: No key yet*")
    left = [path for path in (tmp_path / "data").rglob("*") if path.is_file() and demo.api_key in read(path)]
    assert not left, "the key is in no file"


def test_the_demo_can_be_chosen_instead(screen: Screen, demo: DemoBeside, tmp_path: Path) -> None:
    with address(screen, demo, tmp_path) as app:
        app.click("Use the demo instead")
        app.see_gone(DIALOG, role="dialog")
        app.see("Account: Demo*")
        app.see("Tell me a long story.", role="push button")
        app.hands.type("What is the capital of Japan?")
        app.hands.key("Return")
        app.until(lambda s: s["account"]["demo"] and "Tokyo" in s["caption"]["agent"])


def address(screen: Screen, demo: DemoBeside, folder: Path, **environment: str) -> Windowed:
    """An app that knows the service and no key; its session bus has no keyring unless one is named."""
    return Windowed(screen, folder, MKA1_BASE_URL=demo.base_url, **environment)


def enters(app: Windowed, key: str) -> None:
    app.see("API key", role="text")
    app.hands.type(key)
    app.hands.key("Return")


def read(path: Path) -> str:
    return path.read_bytes().decode("latin-1")
