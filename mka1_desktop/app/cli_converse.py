"""Runs `converse`: whose key, which service, and what signals do to it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator

from mka1_desktop.adapters.fingerprint import Fingerprints
from mka1_desktop.adapters.secrets_keyring import KeyringSecrets
from mka1_desktop.adapters.settings_file import SettingsFile
from mka1_desktop.app.account import Account, demo_account, find_account
from mka1_desktop.app.converse import Stopper, converse, plan
from mka1_desktop.app.demo_child import DemoChild
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.app.options import say
from mka1_desktop.app.paths import Paths
from mka1_desktop.app.wanted import Wanted, check_account_name
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import clean_on_behalf_of
from mka1_desktop.domain.settings import Settings

SIGNALS = {"SIGINT": Exit.INTERRUPTED, "SIGTERM": Exit.TERMINATED}


def run_converse(options: argparse.Namespace, paths: Paths, redactor: Redactor) -> int:
    """Run the command. Raises AppError for what is refused before anything is sent."""
    settings = SettingsFile(paths.settings).load()
    check_account_name(options.account)
    made = plan(options, settings)
    for warning in made.warnings:
        say(f"{warning.field} {warning.sentence}", Exit.DONE)
    stopper = Stopper()

    async def work() -> tuple[Exit, str | None]:
        stopper.task = asyncio.current_task()
        _listen(stopper)
        async with _account(options, paths, settings, redactor) as account:
            outcome, sentence = await converse(
                made, account, paths=paths, out=sys.stdout, redactor=redactor, stopper=stopper
            )
            return outcome.exit, sentence

    try:
        code, sentence = asyncio.run(work())
    except (asyncio.CancelledError, KeyboardInterrupt):
        return say("Stopped; what was said is saved.", stopper.code or Exit.INTERRUPTED)
    return int(code) if sentence is None else say(redactor.redact(sentence), code)


def _listen(stopper: Stopper) -> None:
    """Let signals end the conversation in order (not on Windows, where Ctrl+C raises KeyboardInterrupt)."""
    loop = asyncio.get_running_loop()
    for name, code in SIGNALS.items():
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(getattr(signal, name), stopper.stop, code)


@contextlib.asynccontextmanager
async def _account(
    options: argparse.Namespace, paths: Paths, settings: Settings, redactor: Redactor
) -> AsyncIterator[Account]:
    """Find the account, or start a demo service for as long as this runs."""
    fingerprints = Fingerprints(paths.salt)
    if options.demo:
        user = clean_on_behalf_of(options.on_behalf_of or os.environ.get("MKA1_ON_BEHALF_OF"))
        child = await DemoChild.start()
        redactor.register(child.api_key)
        try:
            yield demo_account(child.base_url, child.api_key, fingerprints.of, user)
        finally:
            await child.stop()
        return
    wanted = Wanted(account=options.account, base_url=options.base_url, on_behalf_of=options.on_behalf_of)
    secrets = KeyringSecrets(fingerprints=fingerprints, on_key=redactor.register)
    yield await find_account(wanted, settings=settings, secrets=secrets, fingerprint=fingerprints.of)
