from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest

from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.adapters.keyring_backends import FoundKeyring
from mka1_desktop.adapters.secrets_keyring import KeyringSecrets
from mka1_desktop.app.cli_key import run_key
from mka1_desktop.domain.errors import AppError, Code
from tests.support.commands import Desk

KEY = "mk-cli-0123456789"


class Shelf:
    """A keyring in a dict."""

    def __init__(self, *, locked: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = locked

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        del self.kept[service, username]


class KeyringLocked(Exception):  # noqa: N818 - the name that the keyring library uses
    """What a locked keyring raises."""


class Case:
    """`key …` with one keyring; each run is a process of its own for the secrets."""

    def __init__(self, folder: Path, shelf: Shelf | None) -> None:
        self.folder = folder
        self.shelf = shelf
        self.fingerprints = Fingerprints(folder / "salt")

    async def run(self, verb: str, desk: Desk, **options: object) -> int:
        found = FoundKeyring("Secret Service", self.shelf) if self.shelf else None
        secrets = KeyringSecrets(fingerprints=self.fingerprints, find=lambda: found)
        try:
            return await run_key(
                argparse.Namespace(verb=verb),
                desk.ctx,
                secrets=secrets,
                fingerprint=self.fingerprints.of,
                **options,  # type: ignore[arg-type]
            )
        finally:
            secrets.close()


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path, Shelf())


async def test_a_key_from_standard_input_is_kept_and_its_status_shown(case: Case, tmp_path: Path) -> None:
    desk = Desk(tmp_path, stdin=f"Bearer {KEY}\n")
    assert await case.run("set", desk) == 0
    assert desk.lines == []
    assert "Secret Service" in desk.sentence
    status = Desk(tmp_path, as_json=True)
    assert await case.run("status", status) == 0
    assert status.json() == {
        "account": "default",
        "stored": True,
        "backend": "Secret Service",
        "origin": "https://gw.example",
        "fingerprint": case.fingerprints.of(KEY),
    }
    assert KEY not in desk.err.getvalue() + status.out.getvalue() + status.err.getvalue()


async def test_people_read_where_the_key_is(case: Case, tmp_path: Path) -> None:
    await case.run("set", Desk(tmp_path, stdin=KEY))
    desk = Desk(tmp_path)
    assert await case.run("status", desk) == 0
    assert "kept in      Secret Service" in desk.lines
    assert KEY not in desk.out.getvalue()


async def test_on_a_terminal_the_key_is_asked_for_without_echo(case: Case, tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return KEY

    assert await case.run("set", Desk(tmp_path, terminal=True), ask=ask) == 0
    assert asked == ["MKA1 API key for https://gw.example: "]


async def test_without_a_key_the_status_says_so(case: Case, tmp_path: Path) -> None:
    desk = Desk(tmp_path, as_json=True)
    assert await case.run("status", desk) == 0
    assert desk.json() == {
        "account": "default",
        "stored": False,
        "backend": None,
        "origin": None,
        "fingerprint": None,
    }
    desk = Desk(tmp_path)
    assert await case.run("status", desk) == 0
    assert "no API key" in desk.sentence


async def test_a_deleted_key_is_gone_and_deleting_twice_is_no_failure(case: Case, tmp_path: Path) -> None:
    await case.run("set", Desk(tmp_path, stdin=KEY))
    first, second = Desk(tmp_path, as_json=True), Desk(tmp_path)
    assert await case.run("delete", first) == 0
    assert first.json()["stored"] is False
    assert await case.run("delete", second) == 0
    assert (first.sentence, second.sentence) == ("The key was deleted.", "There was no key.")
    assert case.shelf is not None
    assert case.shelf.kept == {}


@pytest.mark.parametrize("stdin", ["", "  \n", "two words", "<your key>", "mk-ключ"])
async def test_what_is_no_key_is_refused(case: Case, tmp_path: Path, stdin: str) -> None:
    desk = Desk(tmp_path, stdin=stdin)
    assert await case.run("set", desk) == 3
    assert desk.sentence


async def test_a_key_that_is_too_long_for_a_keyring_is_refused_with_a_sentence(case: Case, tmp_path: Path) -> None:
    desk = Desk(tmp_path, stdin="k" * 1001)
    assert await case.run("set", desk) == 2
    assert desk.sentence == "An API key has 1 to 1,000 characters."


async def test_bytes_that_are_no_text_are_no_key(case: Case, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    object.__setattr__(desk.ctx, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe"), encoding="utf-8"))
    assert await case.run("set", desk) == 3


async def test_a_key_that_the_service_refuses_is_not_kept(case: Case, tmp_path: Path) -> None:
    async def refuse(_: str) -> None:
        raise AppError(Code.KEY_REJECTED, http_status=401)

    desk = Desk(tmp_path, stdin=KEY)
    assert await case.run("set", desk, check=refuse) == 3
    assert desk.sentence == "MKA1 did not accept this key."
    assert case.shelf is not None
    assert case.shelf.kept == {}


async def test_without_a_keyring_the_key_cannot_be_kept_by_a_command(tmp_path: Path) -> None:
    desk = Desk(tmp_path, stdin=KEY)
    assert await Case(tmp_path, None).run("set", desk) == 3
    assert "no keyring" in desk.sentence


@pytest.mark.parametrize("verb", ["set", "status", "delete"])
async def test_a_locked_keyring_is_said(tmp_path: Path, verb: str) -> None:
    desk = Desk(tmp_path, stdin=KEY)
    assert await Case(tmp_path, Shelf(locked=True)).run(verb, desk) == 3
    assert "locked" in desk.sentence


async def test_with_a_key_in_the_environment_the_keyring_is_left_alone(tmp_path: Path) -> None:
    case = Case(tmp_path, Shelf(locked=True))
    desk = Desk(tmp_path, as_json=True)
    assert await case.run("status", desk, environment_key=f" Bearer {KEY} ") == 0
    assert desk.json() == {
        "account": "default",
        "stored": False,
        "backend": "environment",
        "origin": "https://gw.example",
        "fingerprint": case.fingerprints.of(KEY),
    }
