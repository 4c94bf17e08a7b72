"""Which account and address a start asks for; checked before anything is shown, so it imports little."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.settings import Settings
from mka1_desktop.domain.urls import normal_base_url

DEFAULT_ACCOUNT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What flags asked for; None: not said."""

    account: str | None = None
    base_url: str | None = None
    on_behalf_of: str | None = None


def check_account_name(name: str | None) -> str:
    """Return the account's name; raises AppError(BAD_SETTING) for one that does not exist."""
    if name not in (None, DEFAULT_ACCOUNT):
        raise AppError(Code.BAD_SETTING, message="There is no account of this name.")
    return DEFAULT_ACCOUNT


def wanted_base_url(wanted: Wanted, settings: Settings) -> str:
    """Return the base URL in its one form. Raises AppError: INSECURE_URL, BAD_SETTING."""
    raw = wanted.base_url or os.environ.get("MKA1_BASE_URL") or settings.text("connection.base_url")
    return normal_base_url(raw)
