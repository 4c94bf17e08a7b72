"""How one demo service was started."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

TOKEN_TTL_S = 300.0  # the service's own tokens live five minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    keys: tuple[str, ...] = field(repr=False)  # accepted API keys; each owns its own things
    token_ttl_s: float = TOKEN_TTL_S
    cors: bool = False

    def accepts(self, key: str) -> bool:
        """Compare with every key in constant time."""
        given = key.encode("utf-8", "surrogateescape")
        matches = [hmac.compare_digest(given, known.encode()) for known in self.keys]  # all, not up to a hit
        return any(matches)


def new_key() -> str:
    """Return a random key that looks like the service's (`mk-…`) and says that it is the demo's."""
    return f"mk-demo-{secrets.token_hex(16)}"
