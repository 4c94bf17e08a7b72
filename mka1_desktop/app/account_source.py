"""Which account the app talks as: the person's key, or the demo service that it starts for them."""

from __future__ import annotations

import os
from collections.abc import Callable

from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.app.account import Account, demo_account, find_account, plain_account
from mka1_desktop.app.demo_child import DemoChild
from mka1_desktop.app.key_check import require_accepted
from mka1_desktop.app.lazy import open_api
from mka1_desktop.app.wanted import DEFAULT_ACCOUNT, Wanted, wanted_base_url
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import clean_on_behalf_of
from mka1_desktop.domain.settings import Settings
from mka1_desktop.domain.urls import clean_key, normal_base_url, origin
from mka1_desktop.ports.store import SecretsPort, StoredKey


class AccountSource:
    """Resolves the account anew whenever it is asked. `settings` is read each time, since the person changes it."""

    def __init__(
        self,
        *,
        wanted: Wanted,
        settings: Callable[[], Settings],
        secrets: SecretsPort,
        fingerprints: Fingerprints,
        redactor: Redactor,
        forced_demo: bool,
    ) -> None:
        self._wanted = wanted
        self._settings = settings
        self._secrets = secrets
        self._fingerprints = fingerprints
        self._redactor = redactor
        self._forced_demo = forced_demo
        self._child: DemoChild | None = None

    @property
    def demo(self) -> bool:
        """Whether the demo is used: asked for on the command line, or chosen by the person."""
        return self._forced_demo or (not self.from_environment and self._settings().flag("account.demo"))

    @property
    def from_environment(self) -> bool:
        """With MKA1_API_KEY set the keyring is not touched and no card appears."""
        return bool(os.environ.get("MKA1_API_KEY"))

    @property
    def base_url(self) -> str:
        """Raises AppError for an address that cannot be used."""
        return wanted_base_url(self._wanted, self._settings())

    @property
    def outdated(self) -> bool:
        """Whether the demo service that was started has ended: the next one has another address and key."""
        return self.demo and self._child is not None and self._child.process.returncode is not None

    def planned(self) -> dict[str, object]:
        """What `ctl state` says about the account until it has been found."""
        if self.demo:
            return {"name": "demo", "base_url": self._child.base_url if self._child else None, "demo": True}
        try:
            base_url: str | None = self.base_url
        except AppError:
            base_url = None
        return {"name": DEFAULT_ACCOUNT, "base_url": base_url, "demo": False}

    def differs(self, *, demo: bool, base_url: str | None, on_behalf_of: str | None) -> bool:
        """Whether a second start asks for something else than what this app does; what it leaves open differs not.

        Raises AppError for options that cannot be used.
        """
        if demo and not self.demo:
            return True
        if base_url is not None and (self.demo or normal_base_url(base_url) != self.base_url):
            return True
        return on_behalf_of is not None and clean_on_behalf_of(on_behalf_of) != self._on_behalf_of()

    def _on_behalf_of(self) -> str | None:
        chosen = self._wanted.on_behalf_of or os.environ.get("MKA1_ON_BEHALF_OF")
        if chosen is None and not self.demo:
            chosen = self._settings().text("connection.on_behalf_of")
        return clean_on_behalf_of(chosen)

    async def resolve(self) -> Account:
        """Return the account. Raises AppError: NO_KEY, WRONG_ORIGIN, keyring codes, DEMO_MISSING, DEMO_FAILED."""
        if not self.demo:
            return await find_account(
                self._wanted, settings=self._settings(), secrets=self._secrets, fingerprint=self._fingerprints.of
            )
        if self._child is None or self.outdated:
            self._child = await DemoChild.start()
            self._redactor.register(self._child.api_key)
        return demo_account(self._child.base_url, self._child.api_key, self._fingerprints.of, self._on_behalf_of())

    async def keep_key(self, raw: str) -> tuple[StoredKey, AppError | None]:
        """Check a key and keep it; the second value is a doubt (service not reachable), not a refusal.

        Raises AppError: NO_KEY for what is no key, a refusal of the service, keyring codes.
        """
        key = clean_key(raw)
        base_url = self.base_url
        user = clean_on_behalf_of(self._settings().text("connection.on_behalf_of"))
        doubt = await require_accepted(plain_account(base_url, key, user), open_api, self._redactor)
        stored = await self._secrets.set("default", key, origin=origin(base_url))
        return stored, doubt

    async def status(self) -> StoredKey | None:
        """Where the key of this account lies. Raises AppError of the keyring."""
        return await self._secrets.status("default")

    async def delete_key(self) -> None:
        await self._secrets.delete("default")

    async def close(self) -> None:
        """End the demo service."""
        if self._child is not None:
            await self._child.stop()
            self._child = None
