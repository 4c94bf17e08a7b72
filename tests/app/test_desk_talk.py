"""Talking by command and by key, without a window."""

from __future__ import annotations

from tests.fakes.fake_desk import DeskPlay


async def test_a_toggle_within_the_tail_talks_on() -> None:
    async with DeskPlay() as play:
        play.desk.talk("start")
        play.desk.talk("stop")
        assert play.desk.talker.talk.open, "the tail"
        play.desk.talk("toggle")
        assert play.desk.talker.talk.latched
        play.desk.talk("toggle")
        assert not play.desk.talker.talk.latched


async def test_only_the_last_microphone_that_goes_ends_talking() -> None:
    async with DeskPlay() as play:
        play.desk.microphones_counted(0)
        play.desk.talk("start")
        play.desk.microphones_counted(0)
        assert play.desk.talker.talk.open, "there was none before either"
        play.desk.microphones_counted(2)
        play.desk.microphones_counted(1)
        assert play.desk.talker.talk.open
        play.desk.microphones_counted(0)
        assert not play.desk.talker.talk.open
