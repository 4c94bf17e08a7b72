"""Masks keys and tokens in text that is logged, shown or handed on. A second net: nobody writes them on purpose."""

from __future__ import annotations

import json
import re
from threading import Lock
from urllib.parse import quote

MASK = "…"  # not ASCII, so that no secret can be part of it
SHORTEST_SECRET = 6  # characters; a shorter one would mask ordinary words

_SHAPES = re.compile(
    r"(?P<keep>"
    r"\b(?:proxy-)?authorization[\"']?\s{0,8}[:=]\s{0,8}[\"']?(?:bearer|basic)?\s{0,8}"
    r"|\bbearer(?:\s{1,8}|%20|\+)"
    r"|\b(?:access_token|api[-_]key)[\"']?\s{0,8}[:=]\s{0,8}[\"']?"
    r")(?P<value>[^\s\"',;&<>…]+)"
    r"|(?P<user>://)[^/\s@\"'<>…]+@"
    r"|(?-i:mk-[\w.~+/=-]+)"
    r"|(?-i:eyJ[\w-]{4,}(?:\.[\w-]*)*)"
    r"|(?<![\w-])ey[\w-]{8,}\.[\w-]+\.[\w-]+",
    re.IGNORECASE | re.ASCII,
)


def redact(text: str) -> str:
    """Mask what looks like a secret: `mk-` keys, JSON web tokens, Authorization and Bearer values, passwords in URLs.

    Time is linear in the length of the text.
    """
    return _SHAPES.sub(_masked, text)


class Redactor:
    """Knows the secrets of this run, whatever their shape, and masks them too. Usable from every thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._secrets: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def register(self, secret: str) -> None:
        """Mask this text from now on, also as it looks inside a URL or JSON. Shorter than 6 characters: ignored."""
        if len(secret) >= SHORTEST_SECRET and secret.isascii():
            self._replace(self._secrets | {secret})

    def forget(self, secret: str) -> None:
        """Stop masking this text: the key was deleted, or the room of this token was left."""
        self._replace(self._secrets - {secret})

    def redact(self, text: str) -> str:
        """Mask the registered secrets, then everything that looks like one."""
        pattern = self._pattern
        return redact(text if pattern is None else pattern.sub(MASK, text))

    def _replace(self, secrets: frozenset[str]) -> None:
        with self._lock:
            self._secrets = secrets
            forms = {form for secret in secrets for form in _forms(secret)}
            longest_first = sorted(forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None


def _forms(secret: str) -> set[str]:
    """A secret as it is, percent-encoded, and escaped in JSON and in Python's repr."""
    return {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}


def _masked(found: re.Match[str]) -> str:
    if found["keep"] is not None:
        return found["keep"] + MASK
    if found["user"] is not None:
        return found["user"] + MASK + "@"
    return "mk-" + MASK if found[0].startswith("mk-") else MASK
