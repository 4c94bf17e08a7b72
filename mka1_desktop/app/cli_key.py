"""`key set|status|delete`: the key is read from a prompt or standard input, never from an argument."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Awaitable, Callable

from mka1_desktop.app.command_context import CommandContext
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.domain.errors import ADVICE, AppError, Code
from mka1_desktop.domain.urls import clean_key, origin
from mka1_desktop.ports.store import SecretsPort, StoredKey

READ_LIMIT = 10_000  # characters of standard input
ENVIRONMENT, MEMORY = "environment", "memory"


async def run_key(
    args: argparse.Namespace,
    ctx: CommandContext,
    *,
    secrets: SecretsPort,
    fingerprint: Callable[[str], str],
    environment_key: str | None = None,
    check: Callable[[str], Awaitable[None]] | None = None,
    ask: Callable[[str], str] = getpass.getpass,
) -> int:
    """Run one verb. `environment_key`: the value of MKA1_API_KEY; with it `status` leaves the keyring alone.

    `check` asks the service about a new key before it is stored, and raises AppError; None stores it unasked.
    """
    try:
        if args.verb == "set":
            return await _set(ctx, secrets, check, ask)
        if args.verb == "delete":
            return await _delete(ctx, secrets)
        if environment_key:
            key = clean_key(environment_key)
            return _show(ctx, StoredKey(ENVIRONMENT, origin(ctx.base_url), fingerprint(key)))
        return _show(ctx, await secrets.status(ctx.account))
    except AppError as e:
        return ctx.fail(e)


async def _set(
    ctx: CommandContext,
    secrets: SecretsPort,
    check: Callable[[str], Awaitable[None]] | None,
    ask: Callable[[str], str],
) -> int:
    place = origin(ctx.base_url)
    try:
        raw = ask(f"MKA1 API key for {place}: ") if ctx.stdin.isatty() else ctx.stdin.read(READ_LIMIT)
    except EOFError:
        raw = ""
    except UnicodeDecodeError:
        raise AppError(Code.NO_KEY, message="A key is one word of plain letters, digits and signs.") from None
    key = clean_key(raw)
    if check is not None:
        await check(key)
    stored = await secrets.set(ctx.account, key, origin=place)
    if stored.backend == MEMORY:  # this process ends now, and the key with it
        return ctx.say(
            "This system has no keyring, so the key was not kept. Set MKA1_API_KEY for one run instead.", Exit.KEY
        )
    if ctx.json:
        ctx.data(_status(ctx, stored))
    return ctx.say(f"The key for {place} is kept in {stored.backend}.")


async def _delete(ctx: CommandContext, secrets: SecretsPort) -> int:
    deleted = await secrets.delete(ctx.account)
    if ctx.json:
        ctx.data(_status(ctx, None))
    return ctx.say("The key was deleted." if deleted else "There was no key.")


def _show(ctx: CommandContext, stored: StoredKey | None) -> int:
    if ctx.json:
        ctx.data(_status(ctx, stored))
        return int(Exit.DONE)
    if stored is None:
        return ctx.say(ADVICE[Code.NO_KEY].sentence)
    ctx.line(f"account      {ctx.account}")
    ctx.line(f"kept in      {stored.backend}")
    ctx.line(f"belongs to   {stored.origin}")
    ctx.line(f"fingerprint  {stored.fingerprint}")
    return int(Exit.DONE)


def _status(ctx: CommandContext, stored: StoredKey | None) -> dict[str, object]:
    return {
        "account": ctx.account,
        "stored": stored is not None and stored.backend not in (ENVIRONMENT, MEMORY),
        "backend": stored.backend if stored else None,
        "origin": stored.origin if stored else None,
        "fingerprint": stored.fingerprint if stored else None,
    }
