"""Which keyring this system has. Everything here runs on the keyring's own thread: importing takes 107 ms."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

NAMES = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring.backends.macOS": "macOS Keychain",
}
# Backends that keep nothing, or that keep it in a file that other programs can read.
UNSAFE = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
RECOMMENDED = 1  # keyring's own scale: https://keyring.readthedocs.io, "priority"


class Backend(Protocol):
    """What we use of keyring.backend.KeyringBackend; every method may block on a prompt, and raise anything."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


@dataclass(frozen=True, slots=True)
class FoundKeyring:
    """A keyring that keeps secrets safe; `name` is for people."""

    name: str
    backend: Backend


def find_keyring() -> FoundKeyring | None:
    """Return the keyring of this session; None: there is none that is safe."""
    keyring = importlib.import_module("keyring")
    chosen = keyring.get_keyring()  # an answer of the first call is kept by the library for the whole process
    candidates: Iterable[Any] = getattr(chosen, "backends", None) or (chosen,)
    for backend in candidates:
        module = type(backend).__module__
        if not module.startswith(UNSAFE) and backend.priority >= RECOMMENDED:
            return FoundKeyring(NAMES.get(module, str(backend.name)[:60]), backend)
    return None
