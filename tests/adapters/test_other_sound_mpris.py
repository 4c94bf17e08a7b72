"""Players are paused and go on, on a private bus: those that played, and no other."""

from __future__ import annotations

import asyncio
import json
import stat
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from mka1_desktop.adapters.other_sound import open_other_sound
from mka1_desktop.ports.other_sound import OtherSoundPort
from tests.support.fake_mpris import PREFIX, fake_player
from tests.support.private_bus import private_bus


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with private_bus(tmp_path_factory.mktemp("bus"), keyring=False) as bus:
        yield bus.address


@pytest.fixture(autouse=True)
def _bus(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)


class Written:
    """What is written down of players that are paused."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def there(self) -> bool:
        return self.path.exists()

    @property
    def mode(self) -> int:
        return stat.S_IMODE(self.path.stat().st_mode)

    def put(self, text: str) -> None:
        self.path.write_text(text)


@pytest.fixture
def file(tmp_path: Path) -> Written:
    return Written(tmp_path / "paused.json")


@pytest.fixture
async def port(file: Written) -> AsyncIterator[OtherSoundPort]:
    port = open_other_sound("pause", file.path)
    yield port
    await port.close()
    await port.close()
    assert not file.there


async def test_what_plays_is_paused_and_goes_on(address: str, port: OtherSoundPort, file: Written) -> None:
    async with fake_player(address, "music") as player:
        await port.quiet(20)
        assert (player.status, player.calls) == ("Paused", ["Pause"])
        assert file.mode == 0o600
        await port.quiet(50)
        assert player.calls == ["Pause"]
        await port.restore()
        assert (player.status, player.calls) == ("Playing", ["Pause", "Play"])
        await port.restore()
        assert player.calls == ["Pause", "Play"]


@pytest.mark.parametrize("status", ["Paused", "Stopped"])
async def test_what_did_not_play_is_never_started(address: str, port: OtherSoundPort, status: str) -> None:
    async with fake_player(address, "quiet", status=status) as player, fake_player(address, "music") as music:
        await port.quiet(20)
        await port.restore()
        assert player.calls == []
        assert music.calls == ["Pause", "Play"]


@pytest.mark.parametrize(
    ("name", "about"),
    [("live", {"can_pause": False}), ("deaf", {"obeys": False}), ("playerctld", {})],
    ids=["cannot be paused", "refuses", "stands for others"],
)
async def test_what_cannot_be_paused_is_not_told_to_play(
    address: str, port: OtherSoundPort, name: str, about: dict[str, bool]
) -> None:
    async with fake_player(address, name, **about) as player:
        await port.quiet(20)
        await player.become("Paused")  # by the person
        await port.restore()
        assert "Play" not in player.calls


async def test_what_the_person_stopped_or_started_meanwhile_stays_so(address: str, port: OtherSoundPort) -> None:
    async with fake_player(address, "stopped") as stopped, fake_player(address, "started") as started:
        await port.quiet(20)
        await stopped.become("Stopped")
        await started.become("Playing")
        await started.become("Paused")
        await told(address, port)
        await port.restore()
        assert stopped.calls == started.calls == ["Pause"]


async def told(address: str, port: OtherSoundPort) -> None:
    """Return when the port has heard what players told before: the bus keeps their order, this loop its own."""
    async with fake_player(address, "later", status="Paused"):
        for _ in range(20):
            await asyncio.sleep(0)


async def test_a_player_that_begins_meanwhile_was_started_by_the_person(address: str, port: OtherSoundPort) -> None:
    async with fake_player(address, "music") as music:
        await port.quiet(20)
        async with fake_player(address, "late") as late:
            await port.quiet(20)
            await port.restore()
            assert late.calls == []
        assert music.calls == ["Pause", "Play"]


async def test_another_run_of_the_same_player_is_another_player(address: str, port: OtherSoundPort) -> None:
    async with fake_player(address, "music"):
        await port.quiet(20)
    async with fake_player(address, "music", status="Paused") as again:
        await port.restore()
        assert again.calls == []


async def test_a_run_that_was_killed_is_made_good_by_the_next_one(
    address: str, port: OtherSoundPort, file: Written
) -> None:
    async with fake_player(address, "music") as player, fake_player(address, "rest", status="Paused") as rest:
        killed = open_other_sound("pause", file.path)
        await killed.quiet(20)
        await port.restore()  # of the next run: it knows the file only
        assert player.calls == ["Pause", "Play"]
        assert rest.calls == []
        await killed.close()


@pytest.mark.parametrize(
    "content", ['[{"name": 1, "owner": 2, "at": "x"}]', "{}", "no json", '[[], {"name": "a"}]'], ids=str
)
async def test_a_file_of_somebody_else_starts_nothing(
    address: str, port: OtherSoundPort, file: Written, content: str
) -> None:
    async with fake_player(address, "music", status="Paused") as player:
        file.put(content)
        await port.restore()
        assert player.calls == []


async def test_nobody_is_surprised_by_music_hours_later(address: str, port: OtherSoundPort, file: Written) -> None:
    async with fake_player(address, "music", status="Paused") as player:
        owner = player.connection.unique_name
        file.put(json.dumps([{"name": f"{PREFIX}music", "owner": owner, "at": time.time() - 3600}]))
        await port.restore()
        assert player.calls == []
        assert not file.there


async def test_a_player_that_hangs_holds_up_no_other_one(address: str, port: OtherSoundPort) -> None:
    async with fake_player(address, "hangs", answers=False) as hangs, fake_player(address, "music") as music:
        await port.quiet(20)
        assert (hangs.calls, music.calls) == ([], ["Pause"])
        await port.restore()
        assert (hangs.calls, music.calls) == ([], ["Pause", "Play"])


async def test_a_bus_that_is_gone_is_no_error(
    address: str, port: OtherSoundPort, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with fake_player(address, "music") as player:
        await port.quiet(20)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
        await port.restore()
        assert player.calls == ["Pause"]
        await port.quiet(20)
        await port.restore()
