"""Parts that are made when they are first needed, off the first paint's path, and made anew when an account changes."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable

from mka1_desktop.app.account import Account
from mka1_desktop.domain.conversation import Identity
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.events import RoomEvent
from mka1_desktop.domain.grant import Model, RoomGrant
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.ports.api import ServicePort
from mka1_desktop.ports.conversations import ConversationsPort
from mka1_desktop.ports.room import RoomPort, RoomSession

Resolve = Callable[[], Awaitable[Account]]
OpenApi = Callable[[Account], Awaitable[ServicePort]]


async def open_api(account: Account, redactor: Redactor) -> ServicePort:
    """Open the client of one account; its heavy imports happen in a thread."""
    module = await asyncio.to_thread(importlib.import_module, "mka1_desktop.adapters.api_httpx")
    api: ServicePort = await module.HttpxApi.open(
        base_url=account.base_url, key=account.key, on_behalf_of=account.on_behalf_of, redactor=redactor
    )
    return api


class LazyApi:
    """ApiPort of whichever account is in use; `reset` when that changes."""

    def __init__(
        self, *, resolve: Resolve, open_one: OpenApi, check: Callable[[Account], None] = lambda _: None,
        outdated: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self._resolve = resolve
        self.outdated = outdated  # whether the account has become another one by itself
        self.check = check  # refuses an account for what is open now; raises AppError
        self._open_one = open_one
        self._turn = asyncio.Lock()
        self._api: ServicePort | None = None
        self.account: Account | None = None

    async def ready(self) -> ServicePort:
        """Return the client, opened now if it was not. Raises AppError of account, keyring and demo."""
        async with self._turn:
            if self._api is not None and self.outdated():
                before, self._api = self._api, None
                await before.close()
            if self._api is None:
                self.account = await self._resolve()
                self._api = await self._open_one(self.account)
            return self._api

    async def reset(self) -> None:
        """Forget key and client; the next call asks anew."""
        async with self._turn:
            api, self._api, self.account = self._api, None, None
        if api is not None:
            await api.close()

    async def fetch_grant(self, request: SessionRequest) -> RoomGrant:
        """Also checks the account first: a thread of somebody else is refused before anything is asked for."""
        api = await self.ready()
        if self.account is not None:
            self.check(self.account)
        return await api.fetch_grant(request)

    @property
    def identity(self) -> Identity | None:
        """Who talks; None until the account has been found."""
        return None if self.account is None else self.account.identity

    async def conversations(self) -> tuple[Identity, ConversationsPort]:
        """Return who talks, and their conversations. Raises AppError of account, keyring and demo."""
        api, account = await self.ready(), self.account
        if account is None:  # another account is being chosen at this moment
            raise AppError(Code.CUT)
        return account.identity, api.conversations

    async def models(self) -> tuple[Model, ...]:
        return await (await self.ready()).models()

    async def close(self) -> None:
        await self.reset()


class LazyRooms:
    """RoomPort that loads the SDK with the first join, or with `warm_up`."""

    def __init__(self, make: Callable[[], RoomPort]) -> None:
        self._make = make
        self._rooms: RoomPort | None = None
        self._turn = asyncio.Lock()

    async def warm_up(self) -> RoomPort:
        async with self._turn:
            if self._rooms is None:
                self._rooms = await asyncio.to_thread(self._make)
            return self._rooms

    async def join(
        self, grant: RoomGrant, *, ticket: int, emit: Callable[[RoomEvent], None], hearing: bool = True
    ) -> RoomSession:
        return await (await self.warm_up()).join(grant, ticket=ticket, emit=emit, hearing=hearing)
