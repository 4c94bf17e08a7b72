"""The file first, then the change, and nothing worse than a log line when the mixer goes away in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mka1_desktop.adapters.changed_file import ChangedFile
from mka1_desktop.adapters.level_keeper import LevelKeeper, StreamMixer
from mka1_desktop.adapters.other_sound import open_other_sound
from mka1_desktop.adapters.other_sound_lower import LoweredSound
from mka1_desktop.domain.other_sound import Levels, OtherStream

MUSIC = OtherStream(id="1", process="10", program="mpv", levels=(0.8, 0.4), memory="mpv")
FILM = OtherStream(id="2", process="11", program="vlc", levels=(1.0,))


class GoneError(Exception):
    pass


class FakeMixer:
    """A mixer in memory, and the link to it. It is gone after `calls` changes."""

    lost: tuple[type[Exception], ...] = (GoneError,)

    def __init__(self, file: Path, *playing: OtherStream) -> None:
        self.file = file
        self.playing = {stream.id: stream for stream in playing}
        self.memory: dict[str, Levels] = {}
        self.calls = 1000
        self.watched_by: list[Callable[[], None]] = []

    @contextmanager
    def connected(self) -> Iterator[StreamMixer]:
        if self.calls <= 0:
            raise GoneError
        yield self

    def watch(self, news: Callable[[], None]) -> Callable[[], None]:
        self.watched_by.append(news)
        return lambda: self.watched_by.remove(news)

    def streams(self) -> Sequence[OtherStream]:
        return list(self.playing.values())

    def set_levels(self, stream: OtherStream, levels: Levels) -> None:
        assert self.file.exists(), "it is written down first"
        if self.calls <= 0:
            raise GoneError
        self.calls -= 1
        self.playing[stream.id] = replace(stream, levels=levels)
        if stream.memory:
            self.memory[stream.memory] = levels

    def memories(self) -> Mapping[str, Levels]:
        return self.memory

    def remember(self, memory: str, levels: Levels) -> None:
        self.memory[memory] = levels

    def levels(self) -> list[Levels]:
        return [stream.levels for stream in self.playing.values()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "lowered.json"


@pytest.mark.parametrize("changes", [0, 1, 2])
def test_what_was_lowered_before_the_mixer_went_away_is_given_back_later(path: Path, changes: int) -> None:
    mixer = FakeMixer(path, MUSIC, FILM)
    keeper = LevelKeeper(ChangedFile(path))
    mixer.calls = changes
    try:
        keeper.lower(mixer, 20)
    except GoneError:
        assert changes < 2
    mixer.calls = 1000
    LevelKeeper(ChangedFile(path)).restore(mixer)  # the next run
    assert mixer.levels() == [MUSIC.levels, FILM.levels]
    assert not path.exists()
    keeper.restore(mixer)  # and this one
    assert mixer.levels() == [MUSIC.levels, FILM.levels]


def test_the_system_remembers_the_level_before(path: Path) -> None:
    mixer = FakeMixer(path, MUSIC)
    LevelKeeper(ChangedFile(path)).lower(mixer, 20)
    assert mixer.memory == {"mpv": (0.8, 0.4)}


@pytest.mark.parametrize("content", ["", "no json", '{"stream": 1}', '[{"stream": {"id": 1}, "to": []}]', "[[1]]"])
def test_a_file_that_makes_no_sense_changes_nothing_and_is_removed(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    mixer = FakeMixer(path, MUSIC)
    LevelKeeper(ChangedFile(path)).restore(mixer)
    assert mixer.levels() == [MUSIC.levels]
    assert not path.exists()


async def test_a_mixer_that_is_gone_raises_nothing_and_is_followed_when_it_is_back(path: Path) -> None:
    mixer = FakeMixer(path, MUSIC)
    port = LoweredSound(mixer, ChangedFile(path))
    mixer.calls = 0
    await port.quiet(20)
    await port.restore()
    await port.quiet(20)
    mixer.calls = 1000
    mixer.playing["2"] = FILM
    (news,) = mixer.watched_by
    news()
    async with asyncio.timeout(10):
        while mixer.levels()[1] != (0.2,):  # noqa: ASYNC110 - the port's thread makes it so
            await asyncio.sleep(0.01)
    await port.close()
    assert mixer.levels() == [MUSIC.levels, FILM.levels]
    assert mixer.watched_by == []
    await port.quiet(20)  # after the end: nothing
    assert mixer.levels() == [MUSIC.levels, FILM.levels]


async def test_where_nothing_can_be_changed_nothing_is(path: Path) -> None:
    port = open_other_sound("lower", path, platform="darwin")
    assert port.way == "none"
    await port.quiet(20)
    await port.restore()
    await port.close()
    assert not await asyncio.to_thread(path.parent.exists)
