"""`settings list|get|set|reset`, made from the one table."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from mka1_desktop.app.command_context import CommandContext
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.request import clean_on_behalf_of
from mka1_desktop.domain.settings import TABLE, Setting, Settings, Value, setting
from mka1_desktop.domain.urls import normal_base_url


async def run_settings(args: argparse.Namespace, ctx: CommandContext, *, apply: Callable[[str, Value], bool]) -> int:
    """Run one verb. `apply` hands a change to the running app; True when it took (and stored) it, False without one."""
    try:
        if args.verb == "list":
            return _list(ctx, ctx.settings.load())
        row = setting(args.setting)
        if args.verb == "get":
            return _get(ctx, row, ctx.settings.load())
        if args.verb == "set":
            value = checked_value(row, args.value)
            if not apply(row.key, value):
                ctx.settings.save(ctx.settings.load().replaced(row.key, value))
            return ctx.say(f"{row.key} is now {shown(value)}.")
        if not apply(row.key, row.default):
            values = dict(ctx.settings.load().values)
            values.pop(row.key, None)
            ctx.settings.save(Settings(values))
        return ctx.say(f"{row.key} is {shown(row.default)} again.")
    except AppError as e:
        return ctx.fail(e)


def checked_value(row: Setting, raw: object) -> Value:
    """Return the value to store: of the row's range, addresses in their one form.

    Raises AppError: BAD_SETTING with the range, INSECURE_URL.
    """
    value = row.parse(raw)
    if row.key == "connection.base_url":
        return normal_base_url(str(value))
    if row.key == "connection.on_behalf_of":
        try:
            return clean_on_behalf_of(str(value)) or ""
        except AppError as e:
            raise AppError(Code.BAD_SETTING, message=e.trouble.message) from None
    return value


def shown(value: Value) -> str:
    """Return a value as `settings set` takes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if value != "" else "(empty)"


def _list(ctx: CommandContext, settings: Settings) -> int:
    if ctx.json:
        ctx.data([_row(row, settings) for row in TABLE])
        return int(Exit.DONE)
    width = max(len(row.key) for row in TABLE)
    for row in TABLE:
        changed = "" if settings[row.key] == row.default else f", by default {shown(row.default)}"
        unit = f" {row.unit}" if row.unit else ""
        ctx.line(f"{row.key:<{width}}  {shown(settings[row.key])}{unit}  ({row.title}{changed})")
    return int(Exit.DONE)


def _get(ctx: CommandContext, row: Setting, settings: Settings) -> int:
    if ctx.json:
        ctx.data(_row(row, settings))
    else:
        value = settings[row.key]
        ctx.line("" if value == "" else shown(value))
    return int(Exit.DONE)


def _row(row: Setting, settings: Settings) -> dict[str, object]:
    return {
        "key": row.key,
        "value": settings[row.key],
        "default": row.default,
        "title": row.title,
        "unit": row.unit or None,
    }
