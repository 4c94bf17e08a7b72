"""Whose key goes where: flags beat the environment, which beats the account; a stored key goes to its origin only."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from mka1_desktop.app.wanted import DEFAULT_ACCOUNT, Wanted, check_account_name, wanted_base_url
from mka1_desktop.domain.conversation import Identity
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.request import clean_on_behalf_of
from mka1_desktop.domain.settings import Settings
from mka1_desktop.domain.urls import clean_key, origin
from mka1_desktop.ports.store import SecretsPort

Fingerprinter: TypeAlias = Callable[[str], str]  # a key -> 8 hex of its salted hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Everything that a session needs to know about who speaks. The key never shows in a repr."""

    name: str
    base_url: str
    key: str = field(repr=False)
    on_behalf_of: str | None
    identity: Identity


async def find_account(
    wanted: Wanted, *, settings: Settings, secrets: SecretsPort, fingerprint: Fingerprinter
) -> Account:
    """Find key, address and user. With MKA1_API_KEY set the keyring is not touched.

    Raises AppError: NO_KEY, WRONG_ORIGIN, INSECURE_URL, BAD_SETTING, BAD_REQUEST (on behalf of), and those of the
    keyring.
    """
    name = check_account_name(wanted.account)
    base_url = wanted_base_url(wanted, settings)
    raw_user = wanted.on_behalf_of
    if raw_user is None:
        raw_user = os.environ.get("MKA1_ON_BEHALF_OF") or settings.text("connection.on_behalf_of")
    on_behalf_of = clean_on_behalf_of(raw_user)
    from_environment = os.environ.get("MKA1_API_KEY")
    key = clean_key(from_environment) if from_environment else await _stored_key(secrets, name, base_url)
    identity = Identity(origin=origin(base_url), fingerprint=fingerprint(key), on_behalf_of=on_behalf_of)
    return Account(name=name, base_url=base_url, key=key, on_behalf_of=on_behalf_of, identity=identity)


async def _stored_key(secrets: SecretsPort, name: str, base_url: str) -> str:
    found = await secrets.get(name)
    if found is None:
        raise AppError(Code.NO_KEY)
    key, stored = found
    if stored.origin != origin(base_url):
        raise AppError(Code.WRONG_ORIGIN)
    return key


def demo_account(base_url: str, key: str, fingerprint: Fingerprinter, on_behalf_of: str | None = None) -> Account:
    """Return the account of a demo service that we started; its threads are never continued elsewhere."""
    identity = Identity(origin=origin(base_url), fingerprint=fingerprint(key), on_behalf_of=on_behalf_of, demo=True)
    return Account(name="demo", base_url=base_url, key=key, on_behalf_of=on_behalf_of, identity=identity)


def plain_account(base_url: str, key: str, on_behalf_of: str | None) -> Account:
    """Return an account to try a key with; it owns no threads."""
    identity = Identity(origin=origin(base_url), fingerprint="", on_behalf_of=on_behalf_of)
    return Account(name=DEFAULT_ACCOUNT, base_url=base_url, key=key, on_behalf_of=on_behalf_of, identity=identity)
