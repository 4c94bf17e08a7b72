"""The key as the window asks for it: found, missing, refused, kept, deleted. The service is a loopback one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.app.account import Account
from mka1_desktop.app.account_desk import AccountDesk
from mka1_desktop.app.account_source import AccountSource
from mka1_desktop.app.wanted import Wanted
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.ports.api import ServicePort
from mka1_desktop.ports.store import StoredKey
from mka1_desktop.viewmodels.account import AccountModel
from tests.fakes.fake_clock import settle
from tests.fakes.fake_desk import DeskPlay
from tests.fakes.fake_secrets import FakeSecrets
from tests.support.http_stub import Answer, HttpStub, answer_json

KEY = "mk-test-0123456789"
MODELS = answer_json({"object": "list", "data": [{"id": "m1", "object": "model"}]})
REFUSED = answer_json({"error": {"message": "Invalid key", "type": "authentication_error", "code": "no"}}, 401)


class Play:
    """An account desk whose desk resolves the account through the real source."""

    def __init__(self, desk: DeskPlay, folder: Path, base_url: str) -> None:
        self.play, self.secrets, self.model = desk, FakeSecrets(), AccountModel()
        self.asked = 0
        self.source = AccountSource(
            wanted=Wanted(base_url=base_url), settings=lambda: desk.desk.settings, secrets=self.secrets,
            fingerprints=Fingerprints(folder / "salt"), redactor=Redactor(), forced_demo=False,
        )  # fmt: skip
        desk.resolve = self.source.resolve
        self.accounts = AccountDesk(desk.desk, self.source, self.model)

    def ask(self) -> None:
        self.asked += 1

    def has(self, base_url: str) -> None:
        """A key is stored, for this origin."""
        self.secrets.keys["default"] = (KEY, StoredKey(backend="Test keyring", origin=base_url, fingerprint="0"))


@pytest.fixture
async def stub() -> AsyncIterator[HttpStub]:
    async with HttpStub(MODELS) as stub:
        yield stub


@pytest.fixture
async def play(qapp: QApplication, tmp_path: Path, stub: HttpStub) -> AsyncIterator[Play]:
    async with DeskPlay() as desk:
        yield Play(desk, tmp_path, stub.base_url)


async def test_without_a_key_one_is_asked_for(play: Play) -> None:
    await play.accounts.look(play.ask)
    assert play.asked == 1
    assert play.model.view.state == "none"


async def test_a_key_of_another_service_is_not_used(play: Play) -> None:
    play.has("https://other.example")
    await play.accounts.look(play.ask)
    assert play.asked == 1


async def test_a_stored_key_is_found_and_never_shown(play: Play, stub: HttpStub) -> None:
    play.has(stub.base_url)
    await play.accounts.look(play.ask)
    assert (play.asked, play.model.view.state, play.model.view.backend) == (0, "stored", "Test keyring")
    assert KEY not in repr(play.model.view)


@pytest.mark.parametrize("code", [Code.KEYRING_LOCKED, Code.KEYRING_SLOW])
async def test_a_locked_keyring_is_a_notice_and_no_question(play: Play, code: Code) -> None:
    play.secrets.failure = AppError(code)
    seen = play.play.watch()
    await play.accounts.look(play.ask)
    assert play.asked == 0
    assert [trouble.code for trouble in seen.notices] == [code]


async def test_with_a_key_in_the_environment_the_keyring_is_left_alone(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MKA1_API_KEY", KEY)
    await play.accounts.look(play.ask)
    assert (play.asked, play.secrets.asked) == (0, 0)
    assert (play.model.view.state, play.model.view.backend) == ("memory", "environment")


async def test_a_key_behind_a_proxy_that_cannot_be_used_is_no_missing_key(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: Account) -> ServicePort:
        raise AppError(Code.PROXY)

    play.play.open_one = fails
    seen = play.play.watch()
    play.has(play.source.base_url)
    await play.accounts.look(play.ask)
    assert (play.asked, play.model.view.state) == (0, "stored")
    monkeypatch.setenv("MKA1_API_KEY", KEY)
    await play.accounts.look(play.ask)
    assert play.model.view.backend == "environment"
    assert [trouble.code for trouble in seen.notices] == [Code.PROXY] * 2


async def test_a_good_key_is_kept_with_or_without_bearer(play: Play, stub: HttpStub) -> None:
    shown = []
    play.model.changed.connect(lambda view: shown.append(view.state))
    await play.accounts.keep_key(f"Bearer {KEY}\n")
    assert shown == ["checking", "stored"]
    assert play.secrets.keys["default"][0] == KEY
    assert stub.seen[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_refused_key_is_not_kept(play: Play, stub: HttpStub) -> None:
    stub.answer_with(REFUSED)
    await play.accounts.keep_key(KEY)
    assert play.model.view.state == "refused"
    assert play.model.view.sentence
    assert KEY not in play.model.view.sentence
    assert play.secrets.keys == {}


async def test_a_service_that_does_not_answer_leaves_a_doubt(play: Play, stub: HttpStub) -> None:
    stub.answer_with(Answer(503))
    seen = play.play.watch()
    await play.accounts.keep_key(KEY)
    assert play.model.view.state == "stored", "only a clear refusal is one"
    assert [trouble.code for trouble in seen.notices] == [Code.SERVICE_DOWN]


async def test_without_a_keyring_the_window_says_so(play: Play) -> None:
    play.secrets.backend = "memory"
    seen = play.play.watch()
    await play.accounts.keep_key(KEY)
    assert play.model.view.state == "memory"
    assert [trouble.code for trouble in seen.notices] == [Code.NO_KEYRING]


async def test_another_key_ends_the_session_and_leaves_the_thread(play: Play) -> None:
    play.secrets.keys.clear()
    await play.accounts.keep_key(KEY)
    await play.play.live()
    play.play.desk.say("Hello")
    await settle()
    await play.accounts.keep_key(f"{KEY}2")
    await settle()
    assert not play.play.desk.active
    assert play.play.desk.recorder.thread is None, "a thread belongs to the one who began it"


async def test_a_deleted_key_is_gone(play: Play, stub: HttpStub) -> None:
    play.has(stub.base_url)
    await play.accounts.look(play.ask)
    await play.accounts.delete_key()
    assert play.secrets.keys == {}
    assert (play.model.view.state, play.model.view.has_key) == ("none", False)
    play.secrets.failure = AppError(Code.KEYRING_LOCKED)
    seen = play.play.watch()
    await play.accounts.delete_key()
    assert [trouble.code for trouble in seen.notices] == [Code.KEYRING_LOCKED]
