"""The engine can be exchanged while speech is kept."""

from __future__ import annotations

from mka1_desktop.app.switch_sound import SwitchSound
from mka1_desktop.domain.audio import Kept
from tests.fakes.fake_desk import FakeEngine


async def test_without_an_engine_nothing_is_kept() -> None:
    sound = SwitchSound()
    await sound.keep_speech(True)
    sound.turn_over()
    sound.drop_kept()
    assert sound.kept == Kept()


async def test_wishes_go_to_the_engine_and_a_new_one_goes_on_keeping() -> None:
    sound = SwitchSound()
    first, second, third = FakeEngine(), FakeEngine(), FakeEngine()
    await sound.use(first)
    await sound.keep_speech(True)
    first.kept = Kept(unsent_s=2.0, recorded_s=3.0)
    assert sound.kept == first.kept
    sound.turn_over()
    sound.drop_kept()
    assert (first.keeping, first.turns_over, first.drops) == ([True], 1, 1)
    await sound.use(second)
    assert second.keeping == [True]
    await sound.keep_speech(False)
    await sound.use(third)
    assert (second.keeping, third.keeping) == ([True, False], [])


async def test_what_is_played_beside_the_engine_is_brought_to_the_speaker_in_use() -> None:
    sound, engine = SwitchSound(), FakeEngine()
    assert await sound.fit_speaker() == "", "without an engine it is the system's"
    await sound.use(engine)
    assert await sound.fit_speaker() == ""
    await sound.choose(speaker="s")
    engine.chosen.clear()
    assert await sound.fit_speaker() == "Speaker"
    assert engine.chosen == {"speaker": "s"}, "streams that were opened since then are moved too"
    await sound.choose(speaker="gone")
    assert await sound.fit_speaker() == ""
