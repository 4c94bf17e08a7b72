"""The microphone that stays open in a session: seen at the sound server, told in words, and closed with the session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.demo_beside import DemoBeside
from tests.support.person import speech
from tests.support.pulse import PulseRig
from tests.support.screen import Screen
from tests.support.windowed import State, Windowed, sound_of

LIMIT_S = 10.0
QUESTION = "What is the capital of France?"
WORDS = "The mic stays open for your next word, 30 s at most."


@pytest.mark.parametrize("engine", ["native", "portaudio"])
def test_it_is_open_between_two_turns(
    screen: Screen, demo: DemoBeside, rig: PulseRig, tmp_path: Path, engine: str
) -> None:
    app = Windowed(screen, tmp_path, **sound_of(rig.env), **demo.environment)
    app.set("audio.engine", engine)
    with app:
        app.until(lambda s: s["engine"] == engine)
        assert not rig.records(app.pid), "nothing opens the microphone unasked"
        app.ctl("session", "start")
        app.until(rests)
        rig.wait_for(lambda: rig.records(app.pid), LIMIT_S)
        app.see(WORDS)
        turns = app.state["thread"]["turns"]
        rig.say(speech(QUESTION))  # to nobody
        for _ in range(2):
            with app.hands.holding():
                app.until(lambda s: s["state"] == "listening" and s["talk"]["held"])
            app.until(rests)
            assert app.state["microphone"]["open"]
            rig.wait_for(lambda: rig.records(app.pid), LIMIT_S)
        assert app.state["thread"]["turns"] == turns, "what was said before the key went down is nobody's"
        assert app.state["caption"]["user"] == ""
        app.ctl("mute", "on")
        rig.wait_for(lambda: not rig.records(app.pid), LIMIT_S)
        app.ctl("mute", "off")
        rig.wait_for(lambda: rig.records(app.pid), LIMIT_S)
        app.ctl("session", "end")
        rig.wait_for(lambda: not rig.records(app.pid), LIMIT_S)
        assert app.state["microphone"]["open"] is False


def test_who_types_has_a_closed_microphone(screen: Screen, demo: DemoBeside, rig: PulseRig, tmp_path: Path) -> None:
    with Windowed(screen, tmp_path, **sound_of(rig.env), **demo.environment) as app:
        app.hands.type("What is the capital of Japan?")
        app.hands.key("Return")
        app.until(lambda s: "Tokyo" in s["caption"]["agent"])
        app.until(rests)
        rig.wait_for(lambda: not rig.records(app.pid), LIMIT_S)
        assert app.state["microphone"]["open"] is False


def rests(state: State) -> bool:
    return bool(state["state"] == "listening" and state["session"]["connected"] and not state["talk"]["held"])
