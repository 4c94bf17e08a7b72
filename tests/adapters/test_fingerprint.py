from __future__ import annotations

import stat
from multiprocessing import get_context
from pathlib import Path

import pytest

from mka1_desktop.adapters.fingerprint import Fingerprints


def test_a_fingerprint_is_8_hex_and_the_same_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "data" / "salt"
    first = Fingerprints(path).of("mk-one")
    assert len(first) == 8
    assert int(first, 16) >= 0
    assert Fingerprints(path).of("mk-one") == first
    assert Fingerprints(path).of("mk-two") != first


def test_another_folder_gives_the_same_key_another_fingerprint(tmp_path: Path) -> None:
    assert Fingerprints(tmp_path / "a").of("mk-one") != Fingerprints(tmp_path / "b").of("mk-one")


def test_the_salt_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "salt"
    Fingerprints(path).of("mk-one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"mk-one" not in path.read_bytes()


@pytest.mark.parametrize("damaged", [b"", b"xyz", b"00ff", b"\xff" * 64])
def test_a_damaged_salt_is_replaced(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "salt"
    path.write_bytes(damaged)
    fingerprint = Fingerprints(path).of("mk-one")
    assert Fingerprints(path).of("mk-one") == fingerprint


def test_without_a_writable_folder_it_lasts_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    fingerprints = Fingerprints(tmp_path / "file" / "salt")
    assert fingerprints.of("mk-one") == fingerprints.of("mk-one")


def test_two_first_starts_at_once_agree(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        assert len(set(pool.map(_fingerprint, [tmp_path / "salt"] * 6))) == 1


def _fingerprint(path: Path) -> str:
    return Fingerprints(path).of("mk-one")
