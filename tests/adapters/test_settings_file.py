from __future__ import annotations

import json
import os
import stat
from multiprocessing import get_context
from pathlib import Path

import pytest

from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.domain.settings import TABLE, Settings
from tests.support.children import run_child


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "settings.json"


def content(path: Path) -> dict[str, object]:
    read: dict[str, object] = json.loads(path.read_text("utf-8"))
    return read


def test_without_a_file_everything_is_the_default(path: Path) -> None:
    settings = SettingsFile(path).load()
    assert {row.key: settings[row.key] for row in TABLE} == {row.key: row.default for row in TABLE}
    assert not path.parent.exists()


def test_saved_values_come_back(path: Path) -> None:
    file = SettingsFile(path)
    file.save(
        file.load()
        .replaced("talk.mode", "hold")
        .replaced("audio.volume", 140)
        .replaced("talk.global", True)
        .replaced("assistant.instructions", "Sei höflich.\nمرحبا 🎧")
    )
    settings = SettingsFile(path).load()
    assert settings.text("talk.mode") == "hold"
    assert settings.number("audio.volume") == 140
    assert settings.flag("talk.global") is True
    assert settings.text("assistant.instructions") == "Sei höflich.\nمرحبا 🎧"


def test_only_the_owner_can_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        SettingsFile(path).save(Settings({"talk.mode": "hold"}))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_this_version_does_not_understand_is_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"future.key": {"a": [1]}, "talk.mode": "telepathy", "audio.volume": 5000}')
    file = SettingsFile(path)
    settings = file.load()
    assert settings.text("talk.mode") == "auto"
    assert settings.number("audio.volume") == 100
    file.save(settings.replaced("talk.tail_ms", 300))
    assert content(path) == {
        "future.key": {"a": [1]},
        "talk.mode": "telepathy",
        "audio.volume": 5000,
        "talk.tail_ms": 300,
    }


def test_a_reset_value_leaves_the_file(path: Path) -> None:
    file = SettingsFile(path)
    file.save(Settings({"talk.mode": "hold", "audio.volume": 50}))
    file.save(Settings({"audio.volume": 50}))
    assert content(path) == {"audio.volume": 50}


def test_nothing_changed_is_nothing_written(path: Path) -> None:
    file = SettingsFile(path)
    file.save(file.load())
    assert not path.exists()


def test_another_process_s_changes_stay(path: Path) -> None:
    app, command = SettingsFile(path), SettingsFile(path)
    in_app = app.load()
    command.save(command.load().replaced("audio.volume", 50))
    app.save(in_app.replaced("talk.mode", "hold"))
    assert content(path) == {"audio.volume": 50, "talk.mode": "hold"}


def _save_many(path: Path, keys: list[str]) -> None:
    file = SettingsFile(path)
    settings = file.load()
    for key in keys:
        settings = settings.replaced(key, False)
        file.save(settings)


def test_two_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    keys = [row.key for row in TABLE if isinstance(row.default, bool)]
    context = get_context("spawn")
    writers = [context.Process(target=_save_many, args=(path, keys[n::3])) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert set(content(path)) == set(keys)
    assert sorted(p.name for p in path.parent.iterdir()) == ["settings.json", "settings.lock"]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b" " * 1_100_000, b'{"a":' + b"9" * 5000 + b"}"],
    ids=["empty", "cut", "list", "null", "not-utf8", "deep", "large", "huge-number"],
)
def test_a_broken_file_is_set_aside_and_the_defaults_are_used(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(data)
    file = SettingsFile(path)
    assert file.load().text("talk.mode") == "auto"
    assert file.set_aside is not None
    assert file.set_aside.name.startswith("settings-damaged-")
    assert file.set_aside.suffix == ".json"
    assert file.set_aside.read_bytes() == data
    file.save(Settings({"talk.mode": "hold"}))
    assert content(path) == {"talk.mode": "hold"}


def test_a_file_that_breaks_while_the_app_runs_is_set_aside_too(path: Path) -> None:
    file = SettingsFile(path)
    file.save(Settings({"talk.mode": "hold"}))
    path.write_text("oops")
    file.save(Settings({"talk.mode": "hold", "audio.volume": 50}))
    assert file.set_aside is not None
    assert file.set_aside.read_text() == "oops"


def test_a_byte_order_mark_of_an_editor_is_no_damage(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'\xef\xbb\xbf{"talk.mode": "hold"}')
    file = SettingsFile(path)
    assert file.load().text("talk.mode") == "hold"
    assert file.set_aside is None


async def test_a_read_only_folder_can_be_read_and_says_so_when_saved(tmp_path: Path) -> None:
    out = await run_child(
        tmp_path,
        """
        async def test():
            SettingsFile(folder / "settings.json").save(Settings({"talk.mode": "hold"}))
            folder.chmod(0o555)
            (folder / "settings.lock").chmod(0o444)
            file = SettingsFile(folder / "settings.json")
            settings = file.load()
            print(settings["talk.mode"])
            try:
                file.save(settings.replaced("talk.mode", "toggle"))
            except AppError as e:
                print(e.code.value)
            print(sorted(p.name for p in folder.iterdir()))
        """,
        rootless=True,
    )
    assert out == ["hold", "read_only", "['settings.json', 'settings.lock']"]


@pytest.mark.parametrize("way", ["size_limit", "small_disk"])
async def test_a_full_disk_is_told_and_the_old_file_stays(tmp_path: Path, way: str) -> None:
    out = await run_child(
        tmp_path,
        """
        async def test():
            file = SettingsFile(folder / "settings.json")
            file.save(Settings({"talk.mode": "hold"}))
            fill_disk(0)
            try:
                file.save(Settings({"talk.mode": "toggle", "assistant.instructions": "x" * 8000}))
            except AppError as e:
                print(e.code.value)
            print(SettingsFile(folder / "settings.json").load()["talk.mode"])
            free_disk()
            file.save(Settings({"talk.mode": "toggle"}))
            print(SettingsFile(folder / "settings.json").load()["talk.mode"])
            print(sorted(p.name for p in folder.iterdir()))
        """,
        full_by=way,
    )
    assert out == ["disk_full", "hold", "toggle", "['settings.json', 'settings.lock']"]
