"""Which tone is heard when, and when none is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mka1_desktop.domain.cues import Cue
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import RoomLost
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.support.answering import answer, ask, voice_starts


class Tones:
    """What would be heard, in order."""

    def __init__(self) -> None:
        self.heard: list[Cue] = []
        self.opened = 0
        self.closed = False
        self.voice_sounds: Callable[[], bool] = lambda: False

    async def open(self, *, voice_sounds: Callable[[], bool], volume: Callable[[], int]) -> Tones:
        self.opened += 1
        self.voice_sounds = voice_sounds
        return self

    async def play(self, cue: Cue) -> bool:
        self.heard.append(cue)
        return True

    def close(self) -> None:
        self.closed = True

    def since(self) -> list[Cue]:
        """What was heard since this was asked for last."""
        heard, self.heard = self.heard, []
        return heard


@pytest.fixture
def tones() -> Tones:
    return Tones()


async def test_a_session_is_heard_to_open_to_listen_to_be_stopped_and_to_be_lost(tones: Tones) -> None:
    async with DeskPlay(cues=tones.open) as play:
        play.desk.set_setting("audio.cue_volume", 60)
        await play.live()
        assert tones.since() == [Cue.GREETING]
        play.desk.press()
        await settle()
        assert tones.since() == [Cue.LISTENING]
        play.desk.release()
        await play.clock.advance(1.0)
        await voice_starts(play)
        assert tones.since() == []
        play.desk.stop()
        await settle()
        assert tones.since() == [Cue.STOPPED]
        await play.hear(RoomLost(ticket=play.room.ticket, reason="test"))
        assert tones.since() == [Cue.RECONNECTING]
    assert tones.opened == 1
    assert tones.closed


async def test_talking_into_a_muted_microphone_is_heard(tones: Tones) -> None:
    async with DeskPlay(cues=tones.open) as play:
        play.desk.set_setting("audio.cue_volume", 60)
        play.desk.set_muted(True)
        await settle()
        play.desk.press()
        await settle()
        assert tones.since() == [Cue.MUTED]


async def test_a_failure_is_heard(tones: Tones) -> None:
    async with DeskPlay(cues=tones.open) as play:
        play.desk.set_setting("audio.cue_volume", 60)
        play.api.failures.append(AppError(Code.KEY_REJECTED))
        play.desk.connect()
        await settle()
        assert tones.since() == [Cue.ERROR]


async def test_none_is_heard_over_the_voice(tones: Tones) -> None:
    async with DeskPlay(cues=tones.open) as play:
        play.desk.set_setting("audio.cue_volume", 60)
        await play.live()
        await ask(play, "One?")
        await voice_starts(play)
        tones.since()
        assert tones.voice_sounds()
        play.desk.set_muted(True)
        await settle()
        play.desk.press()
        await settle()
        assert tones.since() == [], "it is left out, and does not come later"


async def test_none_is_heard_over_an_answer_that_is_heard_again(tones: Tones) -> None:
    async with DeskPlay(cues=tones.open) as play:
        play.desk.set_setting("audio.cue_volume", 60)
        await play.live()
        await ask(play, "One?")
        await answer(play, "This is one.", 1000)
        tones.since()
        play.desk.replay.start()
        await settle()
        assert tones.voice_sounds()
        await play.hear(RoomLost(ticket=play.room.ticket, reason="test"))
        assert tones.since() == []


async def test_nothing_is_loaded_for_them_while_they_are_off(tones: Tones) -> None:
    async with DeskPlay(cues=tones.open) as play:
        await play.live()
        assert tones.opened == 0
        play.desk.set_setting("audio.cue_volume", 60)
        play.desk.press()
        await settle()
        assert tones.since() == [Cue.LISTENING]
