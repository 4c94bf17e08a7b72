"""What a person sees when something is missing or breaks: one sentence, one button, and the words stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from tests.support.demo_beside import DemoBeside
from tests.support.likeness import loud_seconds
from tests.support.pulse import RATE_HZ, PulseRig
from tests.support.screen import Screen
from tests.support.windowed import Windowed, sound_of

HUM_S = 6.0


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


@pytest.mark.parametrize("engine", ["native", "portaudio"])
def test_after_a_room_that_refused_once_both_voices_are_there(
    screen: Screen, rig: PulseRig, tmp_path: Path, engine: str
) -> None:
    """The first room of a process is the dangerous one: see adapters/media_engine.py."""
    with DemoBeside("--fault", "join-status=500:2") as demo:
        app = Windowed(screen, tmp_path, **sound_of(rig.env), **demo.environment)
        app.set("audio.engine", engine)
        with app:
            app.until(lambda s: s["engine"] == engine)
            recording = rig.recording()
            app.hands.type("What is the capital of Japan?")
            app.hands.key("Return")
            app.until(lambda s: "Tokyo" in s["caption"]["agent"])
            rig.wait_for(lambda: loud_seconds(recording.so_far().played, RATE_HZ) > 0.5, 20.0)
            recording.stop()
            with app.hands.holding():
                app.until(lambda s: s["state"] == "listening" and s["microphone"]["open"])
                humming = Thread(target=rig.say, args=(hum(HUM_S),))
                humming.start()
                rig.wait_for(lambda: level_of(app) > -40.0, HUM_S)
                humming.join()


def service(app: Windowed) -> psutil.Process:
    children = psutil.Process(app.pid).children()
    return next(child for child in children if "mka1_desktop.demo" in child.cmdline())


def level_of(app: Windowed) -> float:
    """Asked for, since a level alone is no news to those who follow the state."""
    state = app.ctl("state")
    assert state is not None
    return float(state["microphone"]["level_dbfs"] or -99.0)


def hum(seconds: float) -> NDArray[np.int16]:
    times_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (8_000 * np.sin(2 * np.pi * 220 * times_s)).astype(np.int16)
