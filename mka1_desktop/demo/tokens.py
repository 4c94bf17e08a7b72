"""Room tokens of the demo service: LiveKit's JWT form, signed with a secret that dies with the process.

Claims: mka1-api.md 2.7. As in the service, the caller's key and end user travel encrypted inside the
token, and the `llm` settings travel readable in the participant's metadata.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.fernet import Fernet
from cryptography.fernet import InvalidToken as UnreadableCredentials
from jwt.types import Options

from mka1_desktop.demo.records import Owner

ALGORITHM = "HS256"
MAX_TOKEN_B = 32_000  # longer ones are refused unread
REFRESH_TTL_S = 600.0  # LiveKit's server gives a connected client tokens of ten minutes
# The times are checked against the service's own clock, which tests can set.
OPTIONS: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "require": ["iss", "sub", "exp", "nbf", "iat"],
}
EARLY_S = 10.0  # clocks differ: a token is good this much before its time


class InvalidToken(Exception):  # noqa: N818 - what LiveKit and PyJWT call it, and the room's code too
    """The token opens no room. The text says why and never holds any part of the token."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid token allows, and the settings of the session that it carries."""

    room: str
    identity: str
    owner: Owner
    llm: dict[str, object]
    stt: dict[str, object]
    language: str | None
    issued_at: float  # Unix seconds
    expires_at: float  # Unix seconds


class _Utf8(json.JSONEncoder):
    """Writes UTF-8 as LiveKit's server does; escapes would make an Arabic `llm` three times as long."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - passes on what json.dumps was given
        super().__init__(**{**options, "ensure_ascii": False})


class Tokens:
    """Makes and reads the tokens of one service process."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now  # Unix seconds
        self._issuer = f"demo{secrets.token_hex(4)}"
        self._secret = secrets.token_bytes(32)
        self._cipher = Fernet(Fernet.generate_key())

    def mint(
        self,
        owner: Owner,
        *,
        llm: Mapping[str, object],
        stt: Mapping[str, object],
        language: str | None,
        ttl_s: float,
    ) -> tuple[str, str]:
        """Return a token for a room of its own, and the room's name (a new UUID)."""
        room = str(uuid.uuid4())
        now = self._now()
        grant = Grant(
            room=room,
            identity=f"user-{secrets.token_hex(6)}",
            owner=owner,
            llm=dict(llm),
            stt=dict(stt),
            language=language,
            issued_at=now,
            expires_at=now + ttl_s,
        )
        return self._sign(grant), room

    def refresh(self, grant: Grant, ttl_s: float = REFRESH_TTL_S) -> str:
        """Return a token for the same room and identity, good for `ttl_s` from now."""
        now = self._now()
        return self._sign(
            Grant(
                room=grant.room,
                identity=grant.identity,
                owner=grant.owner,
                llm=grant.llm,
                stt=grant.stt,
                language=grant.language,
                issued_at=now,
                expires_at=now + ttl_s,
            )
        )

    def verify(self, token: str) -> Grant:
        """Return what the token allows; raises InvalidToken."""
        claims = self._claims(token)
        now = self._now()
        issued_at, expires_at = _number(claims, "iat"), _number(claims, "exp")
        if now >= expires_at:
            raise InvalidToken("the token has expired")
        if now < _number(claims, "nbf") - EARLY_S:
            raise InvalidToken("the token is not valid yet")
        video = _mapping(claims.get("video"), "video")
        if video.get("roomJoin") is not True:
            raise InvalidToken("the token does not allow to join a room")
        metadata = _metadata(claims)
        language = metadata.get("language")
        return Grant(
            room=_text(video, "room"),
            identity=_text(claims, "sub"),
            owner=self._decrypt(_text(metadata, "credentials")),
            llm=_mapping(metadata.get("llm"), "llm"),
            stt=_mapping(metadata.get("stt", {}), "stt"),
            language=language if isinstance(language, str) else None,
            issued_at=issued_at,
            expires_at=expires_at,
        )

    def _sign(self, grant: Grant) -> str:
        metadata = {
            "sub": hashlib.sha256(grant.owner.key.encode()).hexdigest()[:16],
            "llm": grant.llm,
            "stt": grant.stt,
            "language": grant.language,
            "credentials": self._encrypt(grant.owner),
        }
        claims = {
            "iss": self._issuer,
            "sub": grant.identity,
            "nbf": grant.issued_at,  # as LiveKit's server does: the lifetime is exp - nbf
            "iat": grant.issued_at,
            "exp": grant.expires_at,
            "video": {"room": grant.room, "roomJoin": True, "canPublish": True, "canSubscribe": True},
            "metadata": json.dumps(metadata, ensure_ascii=False, separators=(",", ":")),
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM, json_encoder=_Utf8)

    def _claims(self, token: str) -> dict[str, object]:
        if not token:
            raise InvalidToken("no token was given")
        if len(token) > MAX_TOKEN_B:
            raise InvalidToken("the token is too long")
        try:
            claims: dict[str, object] = jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], issuer=self._issuer, options=OPTIONS
            )
        except (jwt.PyJWTError, ValueError):
            raise InvalidToken("the token is not one of this service") from None
        return claims

    def _encrypt(self, owner: Owner) -> str:
        plain = json.dumps([owner.key, owner.on_behalf_of])
        return self._cipher.encrypt(plain.encode()).decode()

    def _decrypt(self, credentials: str) -> Owner:
        try:
            key, on_behalf_of = json.loads(self._cipher.decrypt(credentials))
        except (UnreadableCredentials, ValueError):
            raise InvalidToken("the credentials in the token cannot be read") from None
        return Owner(key=key, on_behalf_of=on_behalf_of)


def _metadata(claims: Mapping[str, object]) -> dict[str, object]:
    try:
        return _mapping(json.loads(_text(claims, "metadata")), "metadata")
    except ValueError:
        raise InvalidToken("the token's metadata cannot be read") from None


def _number(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidToken(f"the token has no {name}")
    return float(value)


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidToken(f"the token has no {name}")
    return value


def _mapping(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidToken(f"the token has no {name}")
    return value
