"""A D-Bus session bus of our own, with a real gnome-keyring on it; nothing of the person's session is touched."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import secretstorage
from jeepney import DBusAddress, MatchRule, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

START_LIMIT_S = 20.0
PASSWORD = b"only for tests"
# No service folders: nothing is started by asking for it, neither a second keyring nor a window for passwords.
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
SECRETS = "org.freedesktop.secrets"
PROMPTER = "org.gnome.keyring.SystemPrompter"


class PrivateBus:
    """`environment` is for child processes; in this process set DBUS_SESSION_BUS_ADDRESS to `address`."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.environment = {
            **os.environ,
            "DBUS_SESSION_BUS_ADDRESS": address,
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "HOME": str(folder),
        }

    def connect(self) -> DBusConnection:
        return open_dbus_connection(self.address)

    def set_locked(self, locked: bool) -> None:
        """Lock the keyring, or unlock it without a prompt (gnome-keyring's way for the log-in)."""
        with closing(self.connect()) as connection:
            collection = secretstorage.get_default_collection(connection)
            if locked:
                collection.lock()
                return
            session, password = self._password(connection)
            unlock = DBusAddress(
                "/org/freedesktop/secrets",
                bus_name=SECRETS,
                interface="org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
            )
            body = (collection.collection_path, (session, b"", password, "text/plain"))
            connection.send_and_get_reply(
                new_method_call(unlock, "UnlockWithMasterPassword", "o(oayays)", body), timeout=START_LIMIT_S
            )

    @staticmethod
    def _password(connection: DBusConnection) -> tuple[str, bytes]:
        service = DBusAddress("/org/freedesktop/secrets", bus_name=SECRETS, interface="org.freedesktop.Secret.Service")
        call = new_method_call(service, "OpenSession", "sv", ("plain", ("s", "")))
        reply = connection.send_and_get_reply(call, timeout=START_LIMIT_S)
        return reply.body[1], PASSWORD

    @contextmanager
    def silent_prompter(self) -> Iterator[None]:
        """Stand in for the window that asks for the keyring's password, and for a person who never answers."""
        with closing(self.connect()) as connection:
            Proxy(message_bus, connection).RequestName(PROMPTER)
            yield


@contextmanager
def private_bus(folder: Path, *, keyring: bool = True) -> Iterator[PrivateBus]:
    """Run a bus, and a gnome-keyring with an unlocked default collection; both end with the block."""
    for name in ("run", "data"):
        (folder / name).mkdir(mode=0o700, parents=True)
    config = folder / "bus.conf"
    config.write_text(CONFIG.format(folder=folder / "run"))
    with ExitStack() as stack:
        daemon = stack.enter_context(
            _process(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"])
        )
        assert daemon.stdout is not None
        address = daemon.stdout.readline().decode().strip()
        assert address, "dbus-daemon did not start"
        bus = PrivateBus(address, folder)
        if keyring:
            stack.enter_context(_keyring(bus, folder))
        yield bus


@contextmanager
def _keyring(bus: PrivateBus, folder: Path) -> Iterator[None]:
    command = [
        "gnome-keyring-daemon",
        "--foreground",
        "--unlock",
        "--components=secrets",
        f"--control-directory={folder / 'run' / 'keyring'}",
    ]
    with closing(bus.connect()) as connection:
        proxy = Proxy(message_bus, connection)
        rule = MatchRule(
            type="signal", sender=message_bus.bus_name, interface=message_bus.interface, member="NameOwnerChanged"
        )
        rule.add_arg_condition(0, SECRETS)
        proxy.AddMatch(rule)
        with (
            connection.filter(rule) as changes,
            _process(command, environment=bus.environment, stdin=PASSWORD),
        ):
            connection.recv_until_filtered(changes, timeout=START_LIMIT_S)
            yield


@contextmanager
def _process(
    command: list[str], *, environment: dict[str, str] | None = None, stdin: bytes = b""
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
