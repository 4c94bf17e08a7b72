"""Other programs are quiet while somebody speaks, and as before within a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from mka1_desktop.app.other_sound import KEYS, OtherSound, SystemOtherSound
from mka1_desktop.domain.events import AgentJoined, AgentSoundStarted, AgentSoundStopped, AgentState, AgentStateChanged
from mka1_desktop.domain.settings import TABLE, Settings
from mka1_desktop.session.state import Shown
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_others import FakeOthersSystem


class Room:
    """A running app, and the programs beside it."""

    def __init__(self, play: DeskPlay, system: FakeOthersSystem) -> None:
        self.play, self.desk, self.system = play, play.desk, system
        self.notes: list[str] = []
        self.others = OtherSound(play.desk, system, on_note=self.notes.append)
        self.desk.on_setting = self.others.setting_changed

    def percent(self) -> int | None:
        """What is left of other programs."""
        (found,) = {port.percent for port in self.system.opened.values()} or {None}
        return found

    async def set(self, key: str, value: str) -> None:
        self.desk.set_setting(key, value)
        await settle()

    async def wait(self, seconds: float) -> None:
        await self.play.clock.advance(seconds)

    async def agent(self, state: str) -> None:
        await self.play.hear(AgentStateChanged(ticket=self.play.room.ticket, state=AgentState(state)))


@asynccontextmanager
async def app(system: FakeOthersSystem, **settings: str | int) -> AsyncIterator[Room]:
    values = {key.replace("__", "."): value for key, value in settings.items()}
    async with DeskPlay(Settings(values)) as play:
        room = Room(play, system)
        running = asyncio.get_running_loop().create_task(room.others.run())
        await settle()
        yield room
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert all(port.closed for port in system.opened.values())


@pytest.fixture
def system() -> FakeOthersSystem:
    return FakeOthersSystem()


@pytest.fixture
async def room(system: FakeOthersSystem) -> AsyncIterator[Room]:
    async with app(system, audio__others="lower") as room:
        yield room


async def test_nothing_is_loaded_or_changed_before_it_is_switched_on(system: FakeOthersSystem) -> None:
    async with app(system) as room:
        await room.play.live()
        room.desk.press()
        await settle()
        assert system.opened == {}
        await room.set("audio.others", "lower")
        assert room.percent() == 20, "it counts at once"
        await room.set("audio.others", "leave")
        assert room.percent() is None


async def test_quiet_while_the_person_talks_and_as_before_within_a_second(room: Room) -> None:
    room.desk.press()  # it connects; what is said meanwhile is kept
    await settle()
    assert room.percent() == 20
    await room.wait(2.0)
    assert room.percent() == 20
    room.desk.release()
    await room.wait(0.3)  # the tail
    assert (room.desk.talker.talk.open, room.desk.session.shown) == (False, Shown.CONNECTING)
    await room.wait(1.0)
    assert room.percent() is None


async def test_connected_and_idle_changes_nothing(room: Room) -> None:
    await room.play.live()
    await room.wait(5.0)
    assert (room.desk.session.shown, room.percent()) == (Shown.LISTENING, None)


async def test_quiet_from_the_question_to_the_end_of_the_answer(room: Room) -> None:
    await room.play.live()
    room.desk.press()
    await room.wait(2.0)
    room.desk.release()
    await room.wait(0.3)
    await room.play.caption("Hello", speaker="user", segment="u", final=True)
    await room.wait(0.5)  # nobody says that it thinks: still no jump up and down
    assert room.percent() == 20
    await room.agent("thinking")
    await room.wait(3.0)
    assert (room.desk.session.shown, room.percent()) == (Shown.THINKING, 20)
    await room.play.hear(AgentSoundStarted(ticket=room.play.room.ticket, at_s=room.play.clock.monotonic()))
    await room.wait(3.0)
    assert (room.desk.session.shown, room.percent()) == (Shown.SPEAKING, 20)
    await room.play.hear(AgentSoundStopped(ticket=room.play.room.ticket, at_s=room.play.clock.monotonic()))
    await room.agent("listening")
    await room.wait(1.0)
    assert (room.desk.session.shown, room.percent()) == (Shown.LISTENING, None)


async def test_the_greeting_is_heard_too(room: Room) -> None:
    room.desk.connect()
    await settle()
    ticket = room.play.room.ticket
    await room.play.hear(AgentJoined(ticket=ticket, identity="agent"))
    assert room.percent() is None
    await room.play.hear(AgentSoundStarted(ticket=ticket, at_s=room.play.clock.monotonic()))
    assert room.percent() == 20


@pytest.mark.parametrize("what", ["mute", "hang up"])
async def test_mute_and_hang_up_end_it(room: Room, what: str) -> None:
    await room.play.live()
    room.desk.press()
    await settle()
    assert room.percent() == 20
    if what == "mute":
        room.desk.set_muted(True)
    else:
        room.desk.hang_up()
    await room.wait(1.0)
    assert room.percent() is None


async def test_quitting_while_somebody_speaks_gives_everything_back(system: FakeOthersSystem) -> None:
    async with app(system, audio__others="lower") as room:
        await room.play.live()
        room.desk.press()
        await settle()
        assert room.percent() == 20
    assert room.percent() is None


async def test_an_open_microphone_alone_makes_nothing_quiet(system: FakeOthersSystem) -> None:
    async with app(system, audio__others="lower", talk__mode="open") as room:
        await room.play.live()
        await room.wait(1.0)
        assert room.desk.talker.talk.open
        assert room.percent() is None
        await room.play.caption("What is", speaker="user", segment="u")
        assert room.percent() == 20


async def test_settings_count_while_it_is_quiet(room: Room) -> None:
    await room.play.live()
    room.desk.press()
    await settle()
    await room.set("audio.others_percent", "35")
    assert room.system.opened["lower"].percent == 35
    await room.set("audio.others", "pause")
    assert {wanted: port.percent for wanted, port in room.system.opened.items()} == {"lower": None, "pause": 35}


async def test_what_a_run_before_has_left_is_given_back_whatever_the_setting_says(system: FakeOthersSystem) -> None:
    system.leftovers = ["lower", "pause"]
    async with app(system):
        assert {wanted: port.restored for wanted, port in system.opened.items()} == {"lower": 1, "pause": 1}


async def test_the_settings_say_what_is_done_instead(system: FakeOthersSystem) -> None:
    system.ways = {"lower": "none", "pause": "lower"}
    async with app(system) as room:
        await room.set("audio.others", "lower")
        await room.set("audio.others", "pause")
        await room.set("audio.others", "leave")
        assert [note.split(":")[0] for note in room.notes] == [
            "This system lets no program change the sound of another one",
            "Players cannot be paused on this system",
            "",
        ]


async def test_the_system_knows_what_is_left_and_loads_what_fits(tmp_path: Path) -> None:
    system = SystemOtherSound(tmp_path)
    assert system.left() == []
    port = await system.open("pause")
    assert port.way == "pause"
    await port.close()
    await asyncio.to_thread((tmp_path / "paused.json").write_text, "[]")
    assert system.left() == ["pause"]


def test_the_settings_that_are_followed_are_there() -> None:
    assert {row.key for row in TABLE if row.key.startswith("audio.others")} == KEYS
