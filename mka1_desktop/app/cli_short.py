"""Runs the short commands: history, key, settings."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.adapters.history_sqlite import SqliteHistory
from mka1_desktop.adapters.secrets_keyring import KeyringSecrets
from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.app.account import plain_account
from mka1_desktop.app.cli_history import run_history
from mka1_desktop.app.cli_key import run_key
from mka1_desktop.app.cli_settings import run_settings
from mka1_desktop.app.command_context import CommandContext
from mka1_desktop.app.ctl import set_in_running_app
from mka1_desktop.app.lazy import open_api
from mka1_desktop.app.paths import Paths
from mka1_desktop.app.wanted import Wanted, check_account_name, wanted_base_url
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import clean_on_behalf_of


def run_short(options: argparse.Namespace, paths: Paths, redactor: Redactor) -> int:
    """Run one short command. Raises AppError for an account or address that cannot be used."""
    account = check_account_name(options.account)
    settings = SettingsFile(paths.settings)
    wanted = Wanted(base_url=options.base_url)
    base_url = wanted_base_url(wanted, settings.load()) if options.command == "key" else ""
    context = CommandContext(
        paths=paths, settings=settings, account=account, base_url=base_url,
        on_behalf_of=clean_on_behalf_of(options.on_behalf_of), json=options.json, out=sys.stdout, err=sys.stderr,
        stdin=sys.stdin,
    )  # fmt: skip
    match options.command:
        case "history":
            return asyncio.run(_history(options, context))
        case "key":
            return asyncio.run(_key(options, context, redactor))
        case _:
            return asyncio.run(run_settings(options, context, apply=lambda k, v: set_in_running_app(paths.data, k, v)))


async def _history(options: argparse.Namespace, context: CommandContext) -> int:
    history = SqliteHistory(context.paths.history)
    try:
        return await run_history(options, context, history=history)
    finally:
        await history.close()


async def _key(options: argparse.Namespace, context: CommandContext, redactor: Redactor) -> int:
    fingerprints = Fingerprints(context.paths.salt)
    secrets = KeyringSecrets(fingerprints=fingerprints, on_key=redactor.register)

    async def check(key: str) -> None:
        """Only a clear refusal keeps a key out: limited, broken or unreachable services prove nothing."""
        from mka1_desktop.app.key_check import require_accepted  # noqa: PLC0415 - loads the HTTP client

        await require_accepted(plain_account(context.base_url, key, context.on_behalf_of), open_api, redactor)

    return await run_key(
        options, context, secrets=secrets, fingerprint=fingerprints.of, check=check,
        environment_key=os.environ.get("MKA1_API_KEY"),
    )  # fmt: skip
