"""Is this key good? The models call tells (open questions 49): only a clear refusal is one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mka1_desktop.app.account import Account
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.ports.api import ApiPort

REFUSALS = frozenset({Code.KEY_REJECTED, Code.NOT_ALLOWED, Code.ADDRESS_DENIED})


async def require_accepted(
    account: Account, open_one: Callable[[Account, Redactor], Awaitable[ApiPort]], redactor: Redactor
) -> AppError | None:
    """Raise AppError when the service refuses this key; return what else went wrong, None when it is good.

    429 is a good key that is limited; a network that does not answer says nothing about the key.
    """
    redactor.register(account.key)
    api = await open_one(account, redactor)
    try:
        await api.models()
    except AppError as error:
        if error.code in REFUSALS:
            raise
        return None if error.code is Code.RATE_LIMITED else error
    finally:
        await api.close()
    return None
