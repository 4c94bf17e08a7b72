"""A second start of the app while the first one starts, runs, or ends."""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mka1_desktop.app.control_server import ControlServer
from mka1_desktop.app.lock import InstanceLock
from mka1_desktop.app.paths import Paths, find_paths
from mka1_desktop.app.second_start import hand_over
from mka1_desktop.app.verbs import Verbs
from mka1_desktop.domain.errors import AppError, Code
from tests.fakes.fake_desk import DeskPlay

OPTIONS = argparse.Namespace(hidden=False, demo=False, base_url=None, on_behalf_of=None)
LIMIT_S = 30.0


class Watched(InstanceLock):
    """Tells how often it was asked for."""

    def __init__(self, paths: Paths) -> None:
        super().__init__(paths)
        self.refused = threading.Event()

    def acquire(self) -> bool:
        taken = super().acquire()
        if not taken:
            self.refused.set()
        return taken


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    return find_paths(str(tmp_path / "data"))


@pytest.fixture
def first(paths: Paths) -> Iterator[InstanceLock]:
    lock = InstanceLock(paths)
    assert lock.acquire()
    yield lock
    lock.release()


def test_a_start_while_the_first_one_ends_takes_its_place(paths: Paths, first: InstanceLock) -> None:
    second = Watched(paths)
    with ThreadPoolExecutor(1) as threads:
        handing = threads.submit(hand_over, OPTIONS, paths, second)
        assert second.refused.wait(LIMIT_S), "nobody answers, and the lock is not free yet"
        first.release()
        assert handing.result(LIMIT_S) is None
    assert second.held
    second.release()
    assert not second.held


async def test_an_app_that_closes_says_so_and_is_waited_for(paths: Paths, first: InstanceLock) -> None:
    asked: list[str] = []

    async def handle(verb: str, _fields: Mapping[str, object]) -> Mapping[str, object]:
        asked.append(verb)
        raise AppError(Code.NOT_RUNNING)

    server = ControlServer(data_dir=paths.data, handle=handle, now=lambda: float(len(asked)))
    await server.start()
    second = Watched(paths)
    handing = asyncio.get_running_loop().create_task(asyncio.to_thread(hand_over, OPTIONS, paths, second))
    assert await asyncio.to_thread(second.refused.wait, LIMIT_S)
    await server.close()
    first.release()
    assert await handing is None
    assert set(asked) == {"start"}
    second.release()


async def test_an_app_that_answers_keeps_its_lock(
    paths: Paths, first: InstanceLock, capsys: pytest.CaptureFixture[str]
) -> None:
    async def handle(_verb: str, _fields: Mapping[str, object]) -> Mapping[str, object]:
        return {}

    server = ControlServer(data_dir=paths.data, handle=handle, now=lambda: 0.0)
    await server.start()
    second = InstanceLock(paths)
    assert await asyncio.to_thread(hand_over, OPTIONS, paths, second) == 0
    await server.close()
    assert not second.held
    assert capsys.readouterr().err == "The app is already running.\n"


@pytest.mark.parametrize("hidden", [True, False])
async def test_a_closing_window_is_not_shown_to_a_second_start(hidden: bool) -> None:
    shown: list[bool] = []
    async with DeskPlay() as play:
        closing = asyncio.Event()
        verbs = Verbs(play.desk, show=lambda: shown.append(True), quit_app=closing.set, closing=closing.is_set)
        await verbs("start", {"hidden": False})
        await verbs("quit", {})
        with pytest.raises(AppError) as caught:
            await verbs("start", {"hidden": hidden})
    assert (caught.value.code, shown) == (Code.NOT_RUNNING, [True])
