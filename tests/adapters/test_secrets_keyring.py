from __future__ import annotations

import asyncio
import gc
import importlib
import json
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar, cast

import pytest

from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.adapters.keyring_backends import Backend, FoundKeyring
from mka1_desktop.adapters.secrets_keyring import SERVICE, KeyringSecrets
from mka1_desktop.domain.errors import AppError, Code
from tests.support.private_bus import PrivateBus, private_bus

KEY = "mk-test-0123456789"
ORIGIN = "https://gw.example:443"
ROOT = Path(__file__).parents[2]
# The keyring library forgets to close its connection when the keyring is locked.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    with private_bus(tmp_path / "bus") as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        yield bus


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while Desk.opened:
        Desk.opened.pop().secrets.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # connections that the library left in a ring of references: here, not in another test


class Desk:
    """KeyringSecrets of one run, and what it told."""

    opened: ClassVar[list[Desk]] = []

    def __init__(
        self,
        folder: Path,
        found: FoundKeyring | None,
        *,
        slow_s: float = 5.0,
        limit_s: float = 20.0,
        on_slow: Callable[[], None] | None = None,
    ) -> None:
        self.slow = 0
        self.keys: list[str] = []
        self.secrets = KeyringSecrets(
            fingerprints=Fingerprints(folder / "salt"),
            on_slow=on_slow or self._count,
            on_key=self.keys.append,
            find=lambda: found,
            slow_s=slow_s,
            limit_s=limit_s,
        )
        Desk.opened.append(self)

    def _count(self) -> None:
        self.slow += 1


def secret_service() -> Backend:
    return cast("Backend", importlib.import_module("keyring.backends.SecretService").Keyring())


def gnome() -> FoundKeyring:
    return FoundKeyring("Secret Service", secret_service())


@pytest.mark.usefixtures("bus")
async def test_a_stored_key_is_there_in_the_next_run(tmp_path: Path) -> None:
    stored = await Desk(tmp_path, gnome()).secrets.set("Work", KEY, origin=ORIGIN)
    assert (stored.backend, stored.origin) == ("Secret Service", ORIGIN)
    assert await Desk(tmp_path, gnome()).secrets.get("Work") == (KEY, stored)
    assert await Desk(tmp_path, gnome()).secrets.status("Work") == stored
    assert await Desk(tmp_path, gnome()).secrets.get("Home") is None


@pytest.mark.usefixtures("bus")
async def test_what_lies_in_the_keyring_is_small_and_found_by_service_and_account(tmp_path: Path) -> None:
    await Desk(tmp_path, gnome()).secrets.set("Work", KEY, origin=ORIGIN)
    entry = secret_service().get_password(SERVICE, "Work")
    assert entry is not None
    assert json.loads(entry) == {"v": 1, "origin": ORIGIN, "key": KEY}
    assert " " not in entry


@pytest.mark.usefixtures("bus")
async def test_a_replaced_key_is_the_only_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path, gnome())
    first = await desk.secrets.set("Work", KEY, origin=ORIGIN)
    second = await desk.secrets.set("Work", "mk-other", origin=ORIGIN)
    assert first.fingerprint != second.fingerprint
    for run in (desk, Desk(tmp_path, gnome())):
        assert await run.secrets.get("Work") == ("mk-other", second)


@pytest.mark.usefixtures("bus")
async def test_a_deleted_key_is_gone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, gnome())
    await desk.secrets.set("Work", KEY, origin=ORIGIN)
    assert await desk.secrets.delete("Work") is True
    assert await desk.secrets.get("Work") is None
    assert await desk.secrets.delete("Work") is False
    assert secret_service().get_password(SERVICE, "Work") is None


@pytest.mark.usefixtures("bus")
async def test_a_key_that_another_process_replaced_is_seen_after_forget(tmp_path: Path) -> None:
    desk = Desk(tmp_path, gnome())
    await desk.secrets.set("Work", KEY, origin=ORIGIN)
    await Desk(tmp_path, gnome()).secrets.set("Work", "mk-other", origin=ORIGIN)
    desk.secrets.forget("Work")
    found = await desk.secrets.get("Work")
    assert found is not None
    assert found[0] == "mk-other"


@pytest.mark.usefixtures("bus")
@pytest.mark.parametrize("entry", ["", "mk-bare", "{}", "[1]", '{"origin":1,"key":2}', '{"origin":"x","key":""}'])
async def test_an_entry_that_is_not_ours_is_no_key(tmp_path: Path, entry: str) -> None:
    secret_service().set_password(SERVICE, "Work", entry)
    assert await Desk(tmp_path, gnome()).secrets.get("Work") is None


async def test_a_locked_keyring_says_so(bus: PrivateBus, tmp_path: Path) -> None:
    await Desk(tmp_path, gnome()).secrets.set("Work", KEY, origin=ORIGIN)
    bus.set_locked(True)
    desk = Desk(tmp_path, gnome())
    for call in (desk.secrets.get("Work"), desk.secrets.set("Work", KEY, origin=ORIGIN), desk.secrets.delete("Work")):
        with pytest.raises(AppError) as caught:
            await call
        assert caught.value.code is Code.KEYRING_LOCKED
    bus.set_locked(False)
    assert await desk.secrets.get("Work") is not None


async def test_a_keyring_that_waits_for_a_password_freezes_nothing(bus: PrivateBus, tmp_path: Path) -> None:
    await Desk(tmp_path, gnome()).secrets.set("Work", KEY, origin=ORIGIN)
    bus.set_locked(True)
    desk = Desk(tmp_path, gnome(), slow_s=0.1, limit_s=0.4)
    reading = asyncio.get_running_loop().create_task(desk.secrets.get("Work"))
    with bus.silent_prompter():
        await asyncio.wait({reading}, timeout=0.02)
        assert not reading.done()  # and the event loop has come back to us meanwhile
        with pytest.raises(AppError) as caught:
            await reading
    assert caught.value.code is Code.KEYRING_LOCKED
    assert desk.slow == 1
    kept = desk.secrets.keep("Work", KEY, origin=ORIGIN)  # the person's way out
    assert kept.backend == "memory"
    assert await desk.secrets.get("Work") == (KEY, kept)


class AfterPassword:
    """Answers when the gate opens, as a keyring does when the person has typed its password."""

    def __init__(self, gate: threading.Event) -> None:
        self._gate = gate

    def get_password(self, service: str, username: str) -> str | None:
        self._gate.wait(20)
        return secret_service().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("only read here")

    def delete_password(self, service: str, username: str) -> None:
        raise AssertionError("only read here")


async def test_a_password_typed_in_time_is_a_slow_answer(bus: PrivateBus, tmp_path: Path) -> None:
    await Desk(tmp_path, gnome()).secrets.set("Work", KEY, origin=ORIGIN)
    gate = threading.Event()
    desk = Desk(tmp_path, FoundKeyring("Secret Service", AfterPassword(gate)), slow_s=0.05, on_slow=gate.set)
    found = await desk.secrets.get("Work")
    assert found is not None
    assert gate.is_set()


def files_with_key(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file() and KEY.encode() in p.read_bytes()]


async def test_without_a_keyring_the_key_lasts_for_this_run(tmp_path: Path) -> None:
    desk = Desk(tmp_path, None)
    assert await desk.secrets.backend() == "memory"
    assert await desk.secrets.get("Work") is None
    stored = await desk.secrets.set("Work", KEY, origin=ORIGIN)
    assert stored.backend == "memory"
    assert await desk.secrets.get("Work") == (KEY, stored)
    desk.secrets.forget("Work")
    assert await desk.secrets.status("Work") == stored
    assert await desk.secrets.delete("Work") is True
    assert await desk.secrets.get("Work") is None
    assert files_with_key(tmp_path) == []


async def test_a_keyring_that_dies_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    desk = Desk(tmp_path, gnome())
    with pytest.raises(AppError) as caught:
        await desk.secrets.get("Work")
    assert caught.value.code is Code.NO_KEYRING
    assert (await desk.secrets.set("Work", KEY, origin=ORIGIN)).backend == "memory"


@pytest.mark.parametrize(
    ("key", "origin"), [("", ORIGIN), ("k" * 1001, ORIGIN), ("k" * 1000, "https://x/" + "y" * 400)]
)
async def test_a_key_that_no_keyring_takes_is_refused(tmp_path: Path, key: str, origin: str) -> None:
    desk = Desk(tmp_path, None)
    with pytest.raises(AppError) as caught:
        await desk.secrets.set("Work", key, origin=origin)
    assert caught.value.code is Code.BAD_SETTING
    assert caught.value.trouble.message
    assert await desk.secrets.get("Work") is None


async def test_every_key_that_passes_is_named_to_the_log_s_mask(tmp_path: Path) -> None:
    desk = Desk(tmp_path, None)
    await desk.secrets.set("Work", KEY, origin=ORIGIN)
    assert set(desk.keys) == {KEY}


# keyring remembers its backend for the whole process: which one is found is looked at in processes of their own
FIND = """
import asyncio, sys, threading
from pathlib import Path
assert "keyring" not in sys.modules
from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.adapters.secrets_keyring import KeyringSecrets
assert "keyring" not in sys.modules, "imported when it is needed, and on its own thread"

async def test():
    secrets = KeyringSecrets(fingerprints=Fingerprints(Path(sys.argv[1]) / "salt"))
    print(await secrets.backend())
    stored = await secrets.set("Work", "mk-child", origin="https://x.example:443")
    print(stored.backend, (await secrets.get("Work"))[0])

asyncio.run(test())
print([t.daemon for t in threading.enumerate() if t.name == "keyring"])
"""


def find(tmp_path: Path, environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FIND, str(tmp_path)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def test_the_session_s_keyring_is_found(bus: PrivateBus, tmp_path: Path) -> None:
    assert find(tmp_path, bus.environment) == ["Secret Service", "Secret Service mk-child", "[True]"]
    assert secret_service().get_password(SERVICE, "Work") is not None


def test_a_session_without_a_bus_has_no_keyring(tmp_path: Path) -> None:
    nobody = {"PATH": "/usr/bin", "HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'none'}"}
    assert find(tmp_path, nobody) == ["memory", "memory mk-child", "[True]"]


def test_a_bus_without_the_service_has_no_keyring(tmp_path: Path) -> None:
    with private_bus(tmp_path / "bus", keyring=False) as bus:
        assert find(tmp_path, bus.environment) == ["memory", "memory mk-child", "[True]"]


@pytest.mark.parametrize("backend", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"])
def test_a_backend_that_keeps_nothing_is_no_keyring(bus: PrivateBus, tmp_path: Path, backend: str) -> None:
    environment = {**bus.environment, "PYTHON_KEYRING_BACKEND": backend}
    assert find(tmp_path, environment)[0] == "memory"
