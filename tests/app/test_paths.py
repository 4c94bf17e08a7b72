from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mka1_desktop.app.paths import find_paths, resources_folder
from mka1_desktop.domain.errors import AppError, Code


def test_the_option_beats_the_environment_which_beats_the_system(tmp_path: Path) -> None:
    environment = {"MKA1_DATA_DIR": str(tmp_path / "env"), "XDG_DATA_HOME": str(tmp_path / "xdg")}
    assert find_paths(str(tmp_path / "option"), environment=environment).data == tmp_path / "option"
    assert find_paths(environment=environment).data == tmp_path / "env"
    del environment["MKA1_DATA_DIR"]
    assert find_paths(environment=environment, platform="linux").data == tmp_path / "xdg" / "mka1-desktop"


@pytest.mark.parametrize("data_home", ["", "relative/path"])
def test_without_a_usable_xdg_folder_it_lies_in_the_home_folder(data_home: str) -> None:
    paths = find_paths(environment={"XDG_DATA_HOME": data_home}, platform="linux")
    assert paths.data == Path.home().resolve() / ".local" / "share" / "mka1-desktop"


def test_other_systems(tmp_path: Path) -> None:
    windows = find_paths(environment={"LOCALAPPDATA": str(tmp_path)}, platform="win32")
    assert windows.data == tmp_path / "MKA1 Desktop"
    assert find_paths(environment={}, platform="win32").data.parts[-3:] == ("AppData", "Local", "MKA1 Desktop")
    mac = find_paths(environment={}, platform="darwin")
    assert mac.data.parts[-3:] == ("Library", "Application Support", "MKA1 Desktop")


def test_one_folder_has_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    names = {find_paths(name).data for name in ("real", "./real/../real", str(tmp_path / "link"))}
    assert names == {tmp_path / "real"}


def test_preparing_makes_a_private_folder(tmp_path: Path) -> None:
    paths = find_paths(str(tmp_path / "a" / "b"))
    paths.prepare()
    paths.prepare()
    assert stat.S_IMODE(paths.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(paths.data.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AppError) as caught:
        find_paths(str(tmp_path / "file" / "data")).prepare()
    assert caught.value.code is Code.STORE_READ_ONLY


def test_resources_of_the_checkout_are_found() -> None:
    assert (resources_folder() / "icons").is_dir()


def test_resources_of_the_wheel_and_of_the_frozen_app_are_found(tmp_path: Path) -> None:
    wheel = tmp_path / "site" / "mka1_desktop"
    (wheel / "_resources").mkdir(parents=True)
    assert resources_folder(package=wheel) == wheel / "_resources"
    bundle = tmp_path / "bundle"
    (bundle / "resources").mkdir(parents=True)
    assert resources_folder(package=wheel, bundle=str(bundle)) == bundle / "resources"


def test_missing_resources_are_a_defect(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        resources_folder(package=tmp_path / "x" / "y")
