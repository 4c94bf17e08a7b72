from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from mka1_desktop.app.cli_settings import run_settings
from mka1_desktop.domain.settings import TABLE, Value
from tests.support.commands import Desk


class RunningApp:
    """Stands for the app that takes changes at once."""

    def __init__(self, *, running: bool = True) -> None:
        self.running = running
        self.taken: list[tuple[str, Value]] = []

    def apply(self, key: str, value: Value) -> bool:
        if self.running:
            self.taken.append((key, value))
        return self.running


NOBODY = RunningApp(running=False)


def args(verb: str, key: str = "", value: str = "") -> argparse.Namespace:
    return argparse.Namespace(verb=verb, setting=key, value=value)


async def run(desk: Desk, verb: str, key: str = "", value: str = "", app: RunningApp = NOBODY) -> int:
    return await run_settings(args(verb, key, value), desk.ctx, apply=app.apply)


def stored(desk: Desk) -> dict[str, object]:
    read: dict[str, object] = json.loads(desk.ctx.paths.settings.read_text())
    return read


async def test_list_as_json_has_every_row_with_the_contract_s_fields(tmp_path: Path) -> None:
    desk = Desk(tmp_path, as_json=True)
    assert await run(desk, "list") == 0
    rows = desk.json()
    assert [row["key"] for row in rows] == [row.key for row in TABLE]
    assert {
        "key": "talk.tail_ms",
        "value": 200,
        "default": 200,
        "title": "Keep listening after release",
        "unit": "ms",
    } in rows
    assert next(row for row in rows if row["key"] == "talk.key")["unit"] is None


async def test_a_set_value_is_stored_and_read_back(tmp_path: Path) -> None:
    assert await run(Desk(tmp_path), "set", "talk.mode", "hold") == 0
    desk = Desk(tmp_path)
    assert await run(desk, "get", "talk.mode") == 0
    assert desk.lines == ["hold"]
    desk = Desk(tmp_path, as_json=True)
    await run(desk, "get", "talk.mode")
    assert desk.json()["value"] == "hold"


@pytest.mark.parametrize(
    ("key", "value", "value_stored", "shown"),
    [
        ("talk.global", "on", True, "on"),
        ("audio.volume", " 150 ", 150, "150"),
        ("assistant.model", "", "", ""),
        ("connection.base_url", "HTTPS://Gw.Example:443/v1/", "https://gw.example/v1", "https://gw.example/v1"),
        ("connection.on_behalf_of", " user-7 ", "user-7", "user-7"),
        ("assistant.instructions", "Two\nlines", "Two\nlines", "Two lines"),
    ],
)
async def test_values_of_every_kind(tmp_path: Path, key: str, value: str, value_stored: Value, shown: str) -> None:
    desk = Desk(tmp_path)
    assert await run(desk, "set", key, value) == 0
    assert stored(desk)[key] == value_stored
    desk = Desk(tmp_path)
    await run(desk, "get", key)
    assert desk.lines == [shown]


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("audio.volume", "151", "from 0 to 150 %"),
        ("audio.volume", "loud", "from 0 to 150 %"),
        ("talk.mode", "telepathy", "auto, hold, toggle, open"),
        ("talk.global", "maybe", "on or off"),
        ("assistant.model", "a\x1bb", "at most 200 characters"),
        ("connection.on_behalf_of", "*", "plain ASCII"),
        ("no.such", "1", "no setting named"),
    ],
)
async def test_a_wrong_value_is_refused_with_the_range(tmp_path: Path, key: str, value: str, word: str) -> None:
    desk = Desk(tmp_path)
    assert await run(desk, "set", key, value) == 2
    assert word in desk.sentence
    assert desk.lines == []
    assert not desk.ctx.paths.settings.exists()


async def test_an_address_that_is_not_safe_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert await run(desk, "set", "connection.base_url", "http://gw.example") == 8
    assert "https" in desk.sentence


async def test_unknown_keys_are_wrong_usage_everywhere(tmp_path: Path) -> None:
    for verb in ("get", "set", "reset"):
        assert await run(Desk(tmp_path), verb, "\x1bnope", "1") == 2


async def test_a_running_app_takes_the_change_and_stores_it_itself(tmp_path: Path) -> None:
    app = RunningApp()
    desk = Desk(tmp_path)
    assert await run(desk, "set", "audio.volume", "50", app) == 0
    assert await run(desk, "reset", "audio.volume", app=app) == 0
    assert app.taken == [("audio.volume", 50), ("audio.volume", 100)]
    assert not desk.ctx.paths.settings.exists()


async def test_reset_takes_the_value_out_of_the_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    await run(desk, "set", "audio.volume", "50")
    await run(desk, "set", "talk.mode", "hold")
    assert await run(desk, "reset", "audio.volume") == 0
    assert stored(desk) == {"talk.mode": "hold"}
    assert desk.sentence == "audio.volume is 100 again."


async def test_people_see_what_differs_from_the_default(tmp_path: Path) -> None:
    await run(Desk(tmp_path), "set", "audio.volume", "50")
    desk = Desk(tmp_path)
    await run(desk, "list")
    line = next(line for line in desk.lines if line.startswith("audio.volume"))
    assert "50 %" in line
    assert "by default 100" in line
    assert len(desk.lines) == len(TABLE)
