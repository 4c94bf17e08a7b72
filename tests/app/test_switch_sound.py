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
