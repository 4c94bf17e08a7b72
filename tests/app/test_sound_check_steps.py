"""The sound check's steps: nothing is open unasked, one thing at a time, and everything closed at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from mka1_desktop.app.sound_check import HEAR, SoundCheck
from mka1_desktop.domain.audio import RATE_HZ, Device, Devices
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.settings import Settings
from mka1_desktop.domain.sound_probe import probe, tone
from mka1_desktop.viewmodels.devices import DevicesModel, DevicesView, PickerView
from mka1_desktop.viewmodels.sound_check import Activity, SoundCheckView
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_sound_check import FakeCheck

NAMED = DevicesView(microphone=PickerView(name="Yeti"), speaker=PickerView(name="Speakers"))
STRONG = 10 ** (-18 / 20)


class Trial:
    """A desk with a sound check over a room."""

    def __init__(self, play: DeskPlay, room: FakeCheck) -> None:
        self.play, self.room = play, room
        self.devices = DevicesModel()
        self.check = SoundCheck(play.desk, devices=self.devices, open_port=self._open)
        self.seen: list[Activity] = []
        self.check.model.changed.connect(lambda view: self.seen.append(view.activity))

    async def _open(self) -> FakeCheck:
        return self.room

    @property
    def view(self) -> SoundCheckView:
        return self.check.model.view

    async def done(self) -> None:
        """Return when nothing runs any more; a thread does the sums."""
        while self.view.activity is not Activity.NONE:
            await settle()


@pytest.fixture
async def room() -> FakeCheck:
    return FakeCheck()


@pytest.fixture
def settings() -> Settings:
    return Settings({"talk.mode": "open"})


@pytest.fixture
async def trial(room: FakeCheck, settings: Settings, qapp: QCoreApplication) -> AsyncIterator[Trial]:
    async with DeskPlay(settings) as play:
        trial = Trial(play, room)
        trial.check.opened()
        yield trial
        await trial.check.close()
        assert room.still_open == 0


async def test_looking_opens_nothing(trial: Trial, room: FakeCheck) -> None:
    await trial.play.clock.advance(10.0)
    assert room.opened == []
    assert trial.view.level is None


async def test_the_check_measures_and_recommends(trial: Trial, room: FakeCheck) -> None:
    room.echo = STRONG
    trial.check.wishes.check()
    await settle()
    await trial.done()
    assert room.opened == ["microphone", "speaker"]
    assert room.closed == ["speaker", "microphone"]
    assert [figure.value for figure in trial.view.figures] == ["\u221260 dB", "\u221218 dB", "50 ms", "none"]
    verdict = trial.view.verdict
    assert verdict is not None
    assert (verdict.sentence, verdict.action) == ("Headphones are better here.", "talk_key")
    assert np.array_equal(room.played[0], probe())


async def test_the_buffer_of_the_check_is_no_delay_of_the_machine(trial: Trial, room: FakeCheck) -> None:
    room.echo, room.latency_s = STRONG, 0.03
    trial.check.wishes.check()
    await settle()
    await trial.done()
    assert trial.view.figures[2].value == "20 ms"


async def test_the_talk_key_is_one_click_away(trial: Trial, room: FakeCheck) -> None:
    room.echo = STRONG
    trial.check.wishes.check()
    await settle()
    await trial.done()
    trial.check.wishes.act()
    assert trial.play.desk.settings.text("talk.mode") == "auto"
    verdict = trial.view.verdict
    assert verdict is not None
    assert verdict.action == "", "it is done"


async def test_a_cancelled_check_closes_all_and_finds_nothing(trial: Trial, room: FakeCheck) -> None:
    room.hold = "playing"
    trial.check.wishes.check()
    await settle()
    assert (trial.view.activity, room.still_open) == (Activity.CHECK, 2)
    trial.check.wishes.stop()
    await settle()
    assert (trial.view.activity, room.still_open) == (Activity.NONE, 0)
    assert trial.check.findings is None
    assert trial.view.verdict is None


async def test_the_level_moves_until_it_is_stopped(trial: Trial, room: FakeCheck) -> None:
    room.hold = "hearing"
    trial.check.wishes.level()
    await settle()
    assert room.capture is not None
    room.capture.heard[:480] = 20_000
    room.capture.recorded = 480
    await trial.play.clock.advance(0.1)
    assert trial.view.level == 1.0
    room.capture.recorded = 4800
    await trial.play.clock.advance(0.1)
    assert trial.view.level is not None
    assert trial.view.level < 0.2
    assert trial.view.peak == 1.0, "the peak stays for a moment"
    await trial.play.clock.advance(2.0)
    assert trial.view.peak is not None
    assert trial.view.peak < 0.4
    trial.check.wishes.level()
    await settle()
    assert room.still_open == 0
    assert trial.view.level is None


async def test_clipping_stays_in_view(trial: Trial, room: FakeCheck) -> None:
    room.hold = "hearing"
    trial.check.wishes.level()
    await settle()
    assert room.capture is not None
    room.capture.heard[:480] = 32_767
    room.capture.recorded = 480
    await trial.play.clock.advance(0.1)
    room.capture.recorded = 4800
    await trial.play.clock.advance(3.0)
    assert trial.view.clipped


async def test_one_hears_oneself_after_the_microphone_is_closed(trial: Trial, room: FakeCheck) -> None:
    room.noise[1000:40_000] = 6000
    trial.check.wishes.hear_yourself()
    await settle()
    await trial.done()
    assert room.opened == ["microphone", "speaker"]
    assert room.closed == ["microphone", "speaker"]
    (played,) = room.played
    assert np.array_equal(played, room.noise[:HEAR])
    assert trial.view.note == "Your voice has a good level."
    assert Activity.PLAYING in trial.seen


async def test_enough_is_said_with_a_second_click(trial: Trial, room: FakeCheck) -> None:
    room.hold = "hearing"
    trial.check.wishes.hear_yourself()
    await settle()
    assert room.capture is not None
    room.capture.recorded = RATE_HZ
    assert trial.view.activity is Activity.RECORDING
    trial.check.wishes.hear_yourself()
    room.go.set()
    await settle()
    await trial.done()
    assert len(room.played) == 1


@pytest.mark.parametrize(
    ("sample", "note"),
    [(200, "That was very soft."), (32_767, "That was too loud"), (0, "I get only silence from Yeti.")],
)
async def test_a_voice_is_judged(trial: Trial, room: FakeCheck, sample: int, note: str) -> None:
    trial.devices.show(NAMED)
    room.noise[:] = sample
    trial.check.wishes.hear_yourself()
    await settle()
    await trial.done()
    assert trial.view.note.startswith(note)
    assert len(room.played) == (sample > 0)


async def test_the_tone_has_the_volume_of_the_assistant(trial: Trial, room: FakeCheck) -> None:
    trial.play.desk.set_setting("audio.volume", 50)
    trial.check.wishes.tone()
    await settle()
    await trial.done()
    assert room.opened == ["speaker"]
    assert np.abs(room.played[0]).max() == pytest.approx(np.abs(tone()).max() / 2, abs=1)


async def test_the_chosen_devices_are_used(trial: Trial, room: FakeCheck) -> None:
    trial.play.sound.plugged = Devices(
        microphones=(Device("a", "A", default=True), Device("b", "B", chosen=True)),
        speakers=(Device("c", "C", chosen=True),),
    )
    trial.check.wishes.check()
    await settle()
    await trial.done()
    assert room.opened == ["microphone b", "speaker c"]


async def test_a_new_click_ends_what_runs(trial: Trial, room: FakeCheck) -> None:
    room.hold = "hearing"
    trial.check.wishes.level()
    await settle()
    trial.check.wishes.tone()
    await settle()
    await trial.done()
    assert room.opened == ["microphone", "speaker"]
    assert room.closed[0] == "microphone"


async def test_a_session_has_the_devices_for_itself(trial: Trial, room: FakeCheck) -> None:
    room.hold = "hearing"
    trial.check.wishes.level()
    await settle()
    await trial.play.live()
    assert trial.view.blocked
    assert room.still_open == 0
    for wish in (trial.check.wishes.check, trial.check.wishes.tone, trial.check.wishes.hear_yourself):
        wish()
        await settle()
    assert room.opened == ["microphone"], "nothing was opened beside the session"
    trial.check.wishes.end_session()
    await settle()
    assert not trial.view.blocked


@pytest.mark.parametrize("code", [Code.NO_MICROPHONE, Code.NO_SOUND, Code.DEVICE_GONE])
async def test_what_cannot_be_opened_is_said(trial: Trial, room: FakeCheck, code: Code) -> None:
    room.failure = AppError(code)
    trial.check.wishes.check()
    await settle()
    await trial.done()
    assert trial.view.problem == AppError(code).trouble.sentence
    room.failure = None
    trial.check.wishes.tone()
    await settle()
    await trial.done()
    assert trial.view.problem == ""


async def test_closing_the_dialog_closes_everything(trial: Trial, room: FakeCheck) -> None:
    room.hold = "hearing"
    trial.check.wishes.level()
    await settle()
    trial.check.closed()
    await settle()
    assert room.still_open == 0
    assert room.ended == 1
    trial.check.opened()
    trial.check.wishes.tone()
    await settle()
    await trial.done()
    assert len(room.played) == 1, "and it can be opened again"


async def test_looking_again_begins_anew(trial: Trial, room: FakeCheck) -> None:
    trial.check.wishes.check()
    await settle()
    await trial.done()
    before = trial.view
    trial.check.opened()
    assert (before.checked, trial.view.checked) == (True, False)
    assert trial.view.bars == ()
