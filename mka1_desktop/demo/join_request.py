"""What a client says of itself when it opens the signalling socket, read within limits."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from livekit.protocol import rtc

MAX_ENCODED = 64_000  # characters of the URL parameter
MAX_PLAIN_B = 512_000  # bytes after decompression


class BadJoinRequestError(ValueError):
    """The parameters of the join cannot be read. The text is safe to show."""


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """One wish to join or to resume."""

    single: bool  # True: v1, one connection for both directions
    offer: str | None  # v1 sends its first offer with the join
    offer_id: int
    resume_sid: str | None  # session id that the client wants back


def read_single(query: Mapping[str, str]) -> JoinRequest:
    """Read the `join_request` parameter of `/rtc/v1`; raises BadJoinRequestError."""
    encoded = query.get("join_request", "")
    if not encoded:
        raise BadJoinRequestError("join_request is missing")
    if len(encoded) > MAX_ENCODED:
        raise BadJoinRequestError("join_request is too long")
    try:
        wrapped = rtc.WrappedJoinRequest.FromString(_decode(encoded))
        plain = bytes(wrapped.join_request)
        if wrapped.compression == rtc.WrappedJoinRequest.GZIP:
            plain = _unzip(plain)
        join = rtc.JoinRequest.FromString(plain)
    except (DecodeError, binascii.Error, zlib.error, ValueError):
        raise BadJoinRequestError("join_request cannot be read") from None
    offer = join.publisher_offer
    return JoinRequest(
        single=True,
        offer=offer.sdp or None,
        offer_id=offer.id,
        resume_sid=join.participant_sid if join.reconnect and join.participant_sid else None,
    )


def read_dual(query: Mapping[str, str]) -> JoinRequest:
    """Read the parameters of `/rtc`."""
    resumes = query.get("reconnect") in ("1", "true") and query.get("sid")
    return JoinRequest(single=False, offer=None, offer_id=0, resume_sid=query["sid"] if resumes else None)


def _decode(encoded: str) -> bytes:
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)


def _unzip(data: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=31)  # 31: a gzip header is expected
    plain = reader.decompress(data, MAX_PLAIN_B)
    if reader.unconsumed_tail:
        raise BadJoinRequestError("join_request is too long")
    return plain
