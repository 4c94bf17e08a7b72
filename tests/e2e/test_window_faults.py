"""What a person sees when something is missing or breaks: one sentence, one button, and the words stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.demo_beside import DemoBeside
from tests.support.pulse import PulseRig
from tests.support.screen import Screen
from tests.support.windowed import Windowed, sound_of


@pytest.fixture
def rig() -> Iterator[PulseRig]:
    with PulseRig() as rig:
        yield rig


def test_a_service_that_dies_comes_back(screen: Screen, tmp_path: Path) -> None:
    """The demo service is killed; the window counts the seconds, and a click brings a new one."""
    with Windowed(screen, tmp_path, "--demo") as app:
        app.hands.type("What is the capital of Japan?")
        app.hands.key("Return")
        app.until(lambda s: "Tokyo" in s["caption"]["agent"])
        service(app).kill()
        app.until(lambda s: s["state"] == "reconnecting")
        app.see("Connection lost, trying again")
        app.see("Connection: Reconnecting * s")
        app.click("Try now")
        app.until(lambda s: s["state"] == "listening" and s["session"]["connected"])
        app.see("You: What is the capital of Japan?*", role="list item")


def test_without_a_sound_server(screen: Screen, demo: DemoBeside, tmp_path: Path) -> None:
    with Windowed(screen, tmp_path, **demo.environment) as app:
        app.see("No microphone", role="push button")
        app.see("There is no sound system*")
        app.hands.type("What is the capital of Japan?")
        app.hands.key("Return")
        app.until(lambda s: "Tokyo" in s["caption"]["agent"])
        app.see("Assistant: *Tokyo*", role="list item")
        app.see("You can type")
        app.see_gone("There is no sound system*")
        with app.hands.holding():
            app.see("There is no sound system*")
        assert app.state["microphone"]["open"] is False


def test_a_microphone_that_is_unplugged(screen: Screen, demo: DemoBeside, rig: PulseRig, tmp_path: Path) -> None:
    with Windowed(screen, tmp_path, **sound_of(rig.env), **demo.environment) as app:
        app.see("Hold to talk", role="push button")
        for line in rig.pactl("list", "short", "modules").splitlines():
            if "module-remap-source" in line:
                rig.pactl("unload-module", line.split()[0])
        app.see("No microphone", role="push button")
        assert app.state["speaker"]["device"] == "Rig_Speaker"


def service(app: Windowed) -> psutil.Process:
    children = psutil.Process(app.pid).children()
    return next(child for child in children if "mka1_desktop.demo" in child.cmdline())
