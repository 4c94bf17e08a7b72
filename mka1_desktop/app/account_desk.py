"""The key and the demo, as the window asks for them; the view-model follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mka1_desktop.app.account_source import AccountSource
from mka1_desktop.app.desk import Desk
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.viewmodels.account import AccountModel, AccountView

ASK_FOR_KEY = frozenset({Code.NO_KEY, Code.WRONG_ORIGIN, Code.KEY_REJECTED})


class AccountDesk:
    """Keeps, checks, deletes the key; chooses the demo. Raises nothing: what happened is in the model."""

    def __init__(self, desk: Desk, source: AccountSource, model: AccountModel) -> None:
        self._desk = desk
        self._source = source
        self._model = model
        desk.report.accounts = source

    async def look(self, ask: Callable[[], None]) -> None:
        """Find the account at the start; `ask` for a key where there is none and nothing else was chosen."""
        self._show(AccountView(base_url=self._base_url(), demo=self._source.demo))
        try:
            await self._desk.parts.api.ready()
        except AppError as error:
            if error.code in ASK_FOR_KEY and not self._source.from_environment:
                ask()
            else:
                self._desk.notice(error.trouble)
                await self._show_status()  # the key is there, whatever stands between it and the service
            return
        await self._show_status()

    async def keep_key(self, key: str) -> None:
        self._show(replace(self._model.view, state="checking", sentence=""))
        try:
            stored, doubt = await self._source.keep_key(key)
        except AppError as error:
            self._show(replace(self._model.view, state="refused", sentence=error.trouble.text))
            return
        self._desk.set_setting("account.demo", False)
        await self._change()
        memory = stored.backend == "memory"
        self._show(
            AccountView(state="memory" if memory else "stored", backend=stored.backend, base_url=self._base_url())
        )
        if memory:
            self._desk.notice(Trouble(Code.NO_KEYRING))
        elif doubt is not None:
            self._desk.notice(doubt.trouble)

    async def use_demo(self) -> None:
        self._desk.set_setting("account.demo", True)
        await self._change()
        try:
            await self._desk.parts.api.ready()
        except AppError as error:
            self._desk.notice(error.trouble)
        self._show(AccountView(base_url=self._base_url(), demo=True))

    async def delete_key(self) -> None:
        try:
            await self._source.delete_key()
        except AppError as error:
            self._desk.notice(error.trouble)
            return
        await self._change()
        self._show(AccountView(base_url=self._base_url(), demo=self._source.demo))

    async def address_changed(self) -> None:
        """Base URL or end user are others now: the next session asks anew."""
        await self._change()
        self._show(replace(self._model.view, base_url=self._base_url()))

    async def _change(self) -> None:
        self._desk.hang_up()
        self._desk.new_thread()
        await self._desk.parts.api.reset()

    async def _show_status(self) -> None:
        account = self._desk.parts.api.account
        if account is None:
            return
        view = AccountView(
            base_url=account.base_url, demo=account.identity.demo, on_behalf_of=account.on_behalf_of or ""
        )
        if self._source.from_environment:
            view = replace(view, state="memory", backend="environment")
        elif not self._source.demo:
            try:
                stored = await self._source.status()
            except AppError:
                stored = None
            if stored is not None:
                view = replace(view, state="memory" if stored.backend == "memory" else "stored", backend=stored.backend)
        self._show(view)

    def _base_url(self) -> str:
        try:
            return self._source.base_url
        except AppError:
            return self._desk.settings.text("connection.base_url")

    def _show(self, view: AccountView) -> None:
        self._model.show(view)
