"""Every way in which the demo service can misbehave, switched on by name.

At the start with `--fault NAME[=VALUE]`, while it runs with POST /demo/faults {"NAME": "VALUE" or null}.
What can be timed takes `now` (rooms that are there and all later ones) and `once` (only those that are there).
A value is kept as text; whoever acts on it reads it with value() or take().
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

MAX_VALUE = 200  # characters

SECONDS = r"\d{1,4}(\.\d{1,3})?"
_FLAG = r""
_SECONDS = SECONDS
ONCE = "once"
_SECONDS_OR_NOW = rf"{SECONDS}|now|{ONCE}"
_COUNT = r"(:\d{1,4})?"  # ":2" = only the next two times
_TOKEN_STATUS = rf"(400|401|402|403|404|413|422|429|431|500|502|503|504){_COUNT}"
_TIMES = r"(\d{1,4})?"  # "2" = only the next two times, nothing = until switched off
_URL = r"(https?|wss?)://[\x21-\x7e]{1,150}"


@dataclass(frozen=True, slots=True)
class _Rule:
    value: str  # regular expression of the whole value
    about: str  # one line for --list-faults


_RULES: Mapping[str, _Rule] = {
    # The token request.
    "token-slow": _Rule(_SECONDS, "=S: the token answer takes S seconds longer"),
    "token-status": _Rule(_TOKEN_STATUS, "=CODE[:TIMES]: the token request fails with this HTTP status"),
    "token-retry-after": _Rule(r"[\x20-\x7e]{1,60}", "=S: failing answers carry this Retry-After header"),
    "token-html": _Rule(_TIMES, "[=TIMES]: the token answer is a web page"),
    "token-cut": _Rule(_TIMES, "[=TIMES]: the connection is cut in the middle of the token answer"),
    "token-expired": _Rule(_TIMES, "[=TIMES]: the token has run out when it comes"),
    "token-no-url": _Rule(_FLAG, "the token answer has no url"),
    "token-url": _Rule(_URL, "=URL: the token answer names this url"),
    "token-bad-json": _Rule(_FLAG, "the token answer is broken JSON"),
    "token-redirect": _Rule(_URL, "=URL: the token request is redirected there (307)"),
    "token-room-name-key": _Rule("roomName|room_name|none", "=KEY: how the room's name is called, or none"),
    # Everything under /api/v1/llm but the token.
    "http-status": _Rule(_TOKEN_STATUS, "=CODE[:TIMES]: every other API request fails with this status"),
    "http-slow": _Rule(_SECONDS, "=S: every other API answer takes S seconds longer"),
    # Joining.
    "join-status": _Rule(rf"(400|401|403|404|500){_COUNT}", "=CODE[:TIMES]: joining is refused with this"),
    "join-silent": _Rule(_FLAG, "joining: the connection is accepted and nothing is ever said"),
    "join-no-answer": _Rule(_FLAG, "joining: the room is joined, the media offer is never answered"),
    # The room.
    "room-drop": _Rule(_SECONDS_OR_NOW, "=S|now|once: signalling and media are cut after S seconds"),
    "room-delete": _Rule(_SECONDS_OR_NOW, "=S|now|once: the room is deleted after S seconds"),
    "participant-remove": _Rule(_SECONDS_OR_NOW, "=S|now|once: the person is removed after S seconds"),
    "room-freeze": _Rule(_SECONDS_OR_NOW, "=S|now|once: after S seconds nothing is sent or answered"),
    "packet-loss": _Rule(r"\d{1,2}(\.\d{1,2})?|100", "=PERCENT: so much of the media is lost"),
    "delay-ms": _Rule(r"\d{1,4}", "=N: media arrives N ms later"),
    "no-pong": _Rule(_FLAG, "pings of the signalling connection are not answered"),
    # The agent.
    "agent-absent": _Rule(_FLAG, "the agent never joins"),
    "agent-late": _Rule(_SECONDS, "=S: the agent joins after S seconds"),
    "agent-leaves": _Rule(_SECONDS_OR_NOW, "=S|now|once: the agent leaves after S seconds"),
    "agent-silent": _Rule(_FLAG, "the agent has captions but no audio track"),
    "agent-mute-audio": _Rule(_FLAG, "the agent's audio track carries only zeros"),
    "no-greeting": _Rule(_FLAG, "the agent does not greet"),
    "two-agents": _Rule(_FLAG, "a second agent joins"),
    "answer-slow": _Rule(_SECONDS, "=S: the agent thinks S seconds longer"),
    "text-gone": _Rule(
        rf"(kept|lost){_COUNT}",
        "=kept|lost[:TIMES]: the room is deleted when a typed text comes, which the service then has, or has not",
    ),
    "error": _Rule(
        rf"[a-z_]{{1,64}}(:[a-z_]{{1,32}})?{_COUNT}",
        "=CODE[:SERVICE][:TIMES]: an error packet comes instead of the next answer",
    ),
    "error-mid": _Rule(
        rf"([a-z_]{{1,64}}(:[a-z_]{{1,32}})?{_COUNT})?",
        "[=CODE[:SERVICE][:TIMES]]: the error packet comes in the middle of an answer",
    ),
    # What the agent sends.
    "packets": _Rule("garbage|huge|hostile", "=garbage|huge|hostile: a flood of odd data packets"),
    "captions-huge": _Rule(_FLAG, "a caption as large as the transport allows"),
    "caption-kinds": _Rule(_FLAG, "captions with unknown attributes, without segment id, without final"),
    "html-captions": _Rule(_FLAG, "captions hold HTML"),
    "rtl-captions": _Rule(_FLAG, "captions hold right-to-left text and emoji"),
    "response-id-late": _Rule(_FLAG, "the response id comes after the answer"),
    "no-response-id": _Rule(_FLAG, "no response id comes"),
    "no-user-captions": _Rule(_FLAG, "the person's own words are not captioned"),
    "double-captions": _Rule(_FLAG, "every caption is sent twice"),
}

FAULTS: Mapping[str, str] = MappingProxyType({name: rule.about for name, rule in _RULES.items()})

# mka1-api.md 3.1: (code, service) -> message and details of the room's error packet.
ROOM_ERRORS: Mapping[tuple[str, str | None], tuple[str, str]] = MappingProxyType(
    {
        ("invalid_session", None): ("The session's settings are missing.", "no llm in the metadata"),
        ("auth_error", None): ("The session's credentials cannot be read.", "decryption failed"),
        ("session_error", None): ("The assistant could not start.", "worker crashed"),
        ("invalid_request", "llm"): ("HTTP 400", "previous response not found"),
        ("auth_error", "llm"): ("HTTP 401", "invalid key"),
        ("access_denied", "llm"): ("HTTP 403", "no permission for this model"),
        ("rate_limited", "llm"): ("HTTP 429", "window 60s"),
        ("service_error", "llm"): ("HTTP 500", "internal error"),
        ("service_unavailable", "llm"): ("HTTP 503", "no upstream"),
        ("timeout", "llm"): ("HTTP 504", "no answer in 60s"),
        ("connection_error", "llm"): ("The model service cannot be reached.", "connection refused"),
        ("transcription_error", "stt"): ("The speech could not be transcribed.", "stream closed"),
        ("speech_error", "tts"): ("The answer could not be spoken.", "stream closed"),
    }
)


class FaultError(ValueError):
    """No such fault, or a value that it does not take; the text is a sentence for people."""


class Faults:
    """The faults that are on, changeable while the service runs. For one event loop."""

    def __init__(self, on: Mapping[str, str] | None = None) -> None:
        self._values: dict[str, str] = {}
        self._left: dict[str, int] = {}  # how many more times, for faults that were given a number
        self._listeners: list[Callable[[str, str | None], None]] = []
        for name, value in (on or {}).items():
            self.set(name, value)

    @classmethod
    def parse(cls, specs: Sequence[str]) -> Faults:
        """Read `NAME` and `NAME=VALUE` from the command line; raises FaultError."""
        pairs = (spec.partition("=") for spec in specs)
        return cls({name.strip(): value.strip() for name, _, value in pairs})

    def set(self, name: str, value: str | None) -> None:
        """Switch a fault on ("" when it takes no value) or off (None); raises FaultError.

        `once` is told to whoever listens, and stays on for nobody else.
        """
        check(name, value)
        self._values.pop(name, None)
        self._left.pop(name, None)
        if value is not None and value != ONCE:
            self._values[name], times = _split_times(name, value)
            if times is not None:
                self._left[name] = times
        for listener in tuple(self._listeners):
            listener(name, ONCE if value == ONCE else self.value(name))

    def value(self, name: str) -> str | None:
        """Return the value without its number of times; "" without a value, None when off."""
        if name not in _RULES:
            raise FaultError(_no_such(name))
        return self._values.get(name) if self._left.get(name, 1) > 0 else None

    def take(self, name: str) -> str | None:
        """Like value(), and counts one use of a fault that is on for a number of times."""
        value = self.value(name)
        if value is not None and name in self._left:
            self._left[name] -= 1
        return value

    def is_on(self, name: str) -> bool:
        return self.value(name) is not None

    def seconds(self, name: str) -> float | None:
        """Return the value as seconds, 0.0 for "now" and for no value, None when off."""
        value = self.value(name)
        if value is None:
            return None
        return 0.0 if value in ("", "now") else float(value)

    def current(self) -> dict[str, str]:
        """Return what is on, by name."""
        return {name: value for name in self._values if (value := self.value(name)) is not None}

    def listen(self, listener: Callable[[str, str | None], None]) -> Callable[[], None]:
        """Call `listener(name, value)` after every change; return what ends that. Safe to call twice."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop


def check(name: str, value: str | None) -> None:
    """Raise FaultError when there is no such fault or it does not take this value."""
    rule = _RULES.get(name)
    if rule is None:
        raise FaultError(_no_such(name))
    if value is not None and (len(value) > MAX_VALUE or not re.fullmatch(rule.value, value)):
        raise FaultError(f"The fault {name} does not take this value. {name}{rule.about}")


def error_packet(value: str) -> dict[str, object]:
    """Return the room's error packet (mka1-api.md 3) for the value `CODE[:SERVICE]` of a fault.

    Codes that are not in the table are sent too: a client must stand what it does not know.
    Without a service, the code's first row in the table decides; "" stands for service_error.
    """
    code, _, named = (value or "service_error").partition(":")
    services = [service for known, service in ROOM_ERRORS if known == code]
    service = named or (services[0] if services else None)
    message, details = ROOM_ERRORS.get((code, service), ("Something went wrong.", "unknown"))
    error: dict[str, object] = {"code": code, "message": message}
    if service is not None:
        error["service"] = service
    return {"error": {**error, "details": details}}


def _split_times(name: str, value: str) -> tuple[str, int | None]:
    rule = _RULES[name].value
    if rule == _TIMES and value:
        return "", int(value)
    head, _, tail = value.rpartition(":")
    if _COUNT in rule and tail.isdecimal() and head:
        return head, int(tail)
    return value, None


def _no_such(name: str) -> str:
    return f"There is no fault named {name[:40]!r}."
