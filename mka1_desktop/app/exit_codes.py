"""The exit codes of the contract."""

from __future__ import annotations

from enum import IntEnum

from mka1_desktop.domain.errors import Code


class Exit(IntEnum):
    """See `reference: exit codes`; every command ends with one of these."""

    DONE = 0
    DEFECT = 1
    USAGE = 2
    KEY = 3
    UNREACHABLE = 4
    UNANSWERED = 5
    NO_SOUND = 6
    NOT_RUNNING = 7
    REFUSED = 8
    INTERRUPTED = 130
    TERMINATED = 143


_KEY = {
    Code.NO_KEY, Code.KEY_REJECTED, Code.NOT_ALLOWED, Code.ADDRESS_DENIED, Code.ACCESS_DENIED,
    Code.KEYRING_LOCKED, Code.KEYRING_SLOW, Code.NO_KEYRING,
}  # fmt: skip
_USAGE = {
    Code.BAD_FILE, Code.TEXT_EMPTY, Code.BAD_SETTING, Code.DEMO_MISSING,
    Code.STORE_NEWER, Code.STORE_DAMAGED, Code.STORE_FULL, Code.STORE_READ_ONLY,  # a history is a file too
}  # fmt: skip
_REFUSED = {
    Code.BAD_REQUEST, Code.CONTINUATION_REFUSED, Code.TOO_LARGE, Code.NEEDS_CONSENT, Code.TEXT_TOO_LONG,
    Code.OTHER_IDENTITY, Code.WRONG_ORIGIN, Code.INSECURE_URL, Code.INVALID_REQUEST, Code.ALREADY_RUNNING,
    Code.MUTED, Code.BUSY, Code.NOT_AVAILABLE,
}  # fmt: skip

# In a room these end one question only; the session goes on.
TURN_ERRORS = frozenset(
    {
        Code.INVALID_REQUEST, Code.RATE_LIMITED, Code.SERVICE_DOWN, Code.SERVICE_UNAVAILABLE, Code.TIMEOUT,
        Code.LLM_UNREACHABLE, Code.TRANSCRIPTION, Code.SPEECH, Code.UNKNOWN,
    }
)  # fmt: skip


def exit_for(code: Code, service: str | None = None) -> Exit:
    """Return how a command ends that this trouble stopped; `service` is the one that an error packet named."""
    if code in _KEY or (code is Code.SESSION_AUTH and service == "llm"):
        return Exit.KEY
    if code in _USAGE:
        return Exit.USAGE
    if code in _REFUSED:
        return Exit.REFUSED
    if code in {Code.NO_SOUND, Code.NO_MICROPHONE}:
        return Exit.NO_SOUND
    return Exit.NOT_RUNNING if code is Code.NOT_RUNNING else Exit.UNREACHABLE
