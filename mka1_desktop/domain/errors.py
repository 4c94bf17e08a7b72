"""Everything that can go wrong, each with one sentence for people and one way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

MESSAGE_LIMIT = 300  # characters of a service's own message that are ever shown


class Action(StrEnum):
    """The one thing that a person can do about it; the value is the contract's `action`."""

    RETRY = "retry"
    EDIT_KEY = "edit_key"
    EDIT_SETTINGS = "edit_settings"
    START_FRESH = "start_fresh"
    CHOOSE_DEVICE = "choose_device"
    OPEN_MIC_SETTINGS = "open_mic_settings"
    REPEAT = "repeat"
    FREE_SPACE = "free_space"
    UNMUTE = "unmute"
    USE_TALK_KEY = "use_talk_key"
    NONE = "none"


class Code(StrEnum):
    """Our own names; room errors of the API reference (3.1) keep the service's names."""

    NO_KEY = "no_key"
    KEY_REJECTED = "key_rejected"
    NOT_ALLOWED = "not_allowed"
    ADDRESS_DENIED = "inbound_ip_denied"
    BAD_REQUEST = "bad_request"
    CONTINUATION_REFUSED = "continuation_refused"
    TOO_LARGE = "configuration_too_large"
    NEEDS_CONSENT = "configuration_large"
    RATE_LIMITED = "rate_limited"
    QUOTA = "quota_exceeded"
    SERVICE_DOWN = "service_error"
    NOT_FOUND = "not_found"
    NOT_AVAILABLE = "not_available"
    BAD_ANSWER = "bad_answer"
    OFFLINE = "offline"
    DNS = "name_not_found"
    TLS = "tls_failed"
    PROXY = "proxy_failed"
    TIMED_OUT = "timed_out"
    CUT = "connection_cut"
    NO_NETWORK = "no_network_interface"
    INSECURE_URL = "insecure_url"
    WRONG_ORIGIN = "wrong_origin"
    OTHER_IDENTITY = "other_identity"
    ROOM_REFUSED = "room_refused"
    ROOM_UNREACHABLE = "room_unreachable"
    ROOM_PROXY = "room_proxy"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a code, not a secret
    ROOM_LOST = "room_lost"
    GAVE_UP = "gave_up"
    AGENT_ABSENT = "agent_absent"
    AGENT_LEFT = "agent_left"
    THINKING_LONG = "thinking_long"
    SILENT_VOICE = "silent_voice"
    INVALID_SESSION = "invalid_session"
    SESSION_AUTH = "auth_error"
    SESSION_ERROR = "session_error"
    INVALID_REQUEST = "invalid_request"
    ACCESS_DENIED = "access_denied"
    SERVICE_UNAVAILABLE = "service_unavailable"
    TIMEOUT = "timeout"
    LLM_UNREACHABLE = "connection_error"
    TRANSCRIPTION = "transcription_error"
    SPEECH = "speech_error"
    UNKNOWN = "unknown_error"
    NO_MICROPHONE = "no_microphone"
    MIC_DENIED = "microphone_denied"
    MIC_SILENT = "microphone_silent"
    MUTED = "microphone_muted"
    ECHO_HEARD = "echo_heard"
    TALK_LONG = "talk_long"
    TALK_OVER = "talk_over"
    HOTKEY_TAKEN = "hotkey_taken"
    HOTKEY_UNKNOWN = "hotkey_unknown"
    HOTKEY_NO_BUTTONS = "hotkey_no_buttons"
    HOTKEY_NOT_GRANTED = "hotkey_not_granted"
    HOTKEY_UNAVAILABLE = "hotkey_unavailable"
    NO_SOUND = "no_sound_server"
    DEVICE_GONE = "device_gone"
    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_NOT_SENT = "text_not_sent"
    BAD_FILE = "bad_file"
    BAD_SETTING = "bad_setting"
    STORE_FULL = "disk_full"
    STORE_READ_ONLY = "read_only"
    STORE_NEWER = "history_newer"
    STORE_DAMAGED = "history_damaged"
    NO_KEYRING = "no_keyring"
    KEYRING_LOCKED = "keyring_locked"
    KEYRING_SLOW = "keyring_slow"
    NOT_RUNNING = "not_running"
    ALREADY_RUNNING = "already_running"
    BUSY = "busy"
    BAD_MESSAGE = "bad_message"
    DEMO_MISSING = "demo_missing"
    DEMO_FAILED = "demo_failed"


class Policy(StrEnum):
    """What the session does about an error by itself."""

    STAY = "stay"  # the room goes on
    RENEW_ONCE = "renew_once"  # one new token and room, then give up
    BACK_OFF = "back_off"  # a new room, later and later
    STOP = "stop"  # the session ends; the person decides


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence and one way out; `policy` is for failures of a running session."""

    sentence: str
    action: Action = Action.NONE
    policy: Policy = Policy.STAY


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure as a value: what happened, in codes; never a key, a token or a body.

    `message` is the service's own short text (at most 300 characters, plain), `details` goes to diagnostics only.
    """

    code: Code
    service: str | None = None
    message: str | None = None
    http_status: int | None = None
    retry_after_s: float | None = None
    details: str | None = None
    raw_code: str | None = None  # what the service called it, when that is none of ours

    @property
    def advice(self) -> Advice:
        """The row for this code, the service's own row first."""
        return SERVICE_ADVICE.get((self.code, self.service), ADVICE[self.code])

    @property
    def sentence(self) -> str:
        return self.advice.sentence

    @property
    def text(self) -> str:
        """One line for people: our sentence, with the service's own words behind it; our own checks speak alone."""
        if self.message is None:
            return self.sentence
        known = self.code is not Code.UNKNOWN  # what we check ourselves has a name
        ours = known and self.http_status is None and self.service is None and self.raw_code is None
        return self.message if ours else f"{self.sentence} ({self.message})"


class AppError(Exception):
    """The only exception that adapters let out. Its text is a code and a status, safe to log."""

    def __init__(
        self,
        code: Code,
        *,
        message: str | None = None,
        http_status: int | None = None,
        retry_after_s: float | None = None,
        details: str | None = None,
        service: str | None = None,
        raw_code: str | None = None,
    ) -> None:
        self.trouble = Trouble(
            code,
            service=service,
            message=message[:MESSAGE_LIMIT] if message else None,
            http_status=http_status,
            retry_after_s=retry_after_s,
            details=details,
            raw_code=raw_code,
        )
        super().__init__(f"{code.value}" + (f" (HTTP {http_status})" if http_status else ""))

    @classmethod
    def of(cls, trouble: Trouble) -> Self:
        """Make the exception that carries all of a trouble that came as a value."""
        error = cls(trouble.code, http_status=trouble.http_status)
        error.trouble = trouble
        return error

    @property
    def code(self) -> Code:
        return self.trouble.code


_A, _P = Action, Policy
ADVICE: Mapping[Code, Advice] = {
    Code.NO_KEY: Advice("There is no API key yet. Add one, or use the demo.", _A.EDIT_KEY, _P.STOP),
    Code.KEY_REJECTED: Advice("MKA1 did not accept this key.", _A.EDIT_KEY, _P.STOP),
    Code.NOT_ALLOWED: Advice("This key is not allowed to talk by voice.", _A.EDIT_KEY, _P.STOP),
    Code.ADDRESS_DENIED: Advice(
        "Your organisation does not allow this key from this network address.", _A.RETRY, _P.STOP
    ),
    Code.BAD_REQUEST: Advice(
        "MKA1 refused these assistant settings. Check model and options.", _A.EDIT_SETTINGS, _P.STOP
    ),
    Code.CONTINUATION_REFUSED: Advice(
        "The assistant can no longer continue this conversation. Start fresh; the text stays here.",
        _A.START_FRESH,
        _P.STOP,
    ),
    Code.TOO_LARGE: Advice(
        "The configuration is too large. Shorten the instructions or remove tools.", _A.EDIT_SETTINGS, _P.STOP
    ),
    Code.NEEDS_CONSENT: Advice(
        "The configuration is larger than 5,500 bytes and may be refused. Allow it to try anyway.",
        _A.EDIT_SETTINGS,
        _P.STOP,
    ),
    Code.RATE_LIMITED: Advice(
        "This key has reached its request limit. Wait a moment, then try again.", _A.RETRY, _P.BACK_OFF
    ),
    Code.QUOTA: Advice("Your organisation has used up its limit.", _A.NONE, _P.STOP),
    Code.SERVICE_DOWN: Advice("MKA1 has a problem of its own. Trying again helps.", _A.RETRY, _P.BACK_OFF),
    Code.NOT_FOUND: Advice("MKA1 does not know this address or item. Check the base URL.", _A.EDIT_SETTINGS, _P.STOP),
    Code.NOT_AVAILABLE: Advice("This service does not offer that function.", _A.NONE, _P.STOP),
    Code.BAD_ANSWER: Advice("The answer was not from MKA1. Check the base URL.", _A.EDIT_SETTINGS, _P.STOP),
    Code.OFFLINE: Advice("MKA1 cannot be reached. Check the network connection.", _A.RETRY, _P.BACK_OFF),
    Code.DNS: Advice(
        "The name of the service cannot be found. Check the network and the base URL.", _A.RETRY, _P.BACK_OFF
    ),
    Code.TLS: Advice("The secure connection failed: the certificate is not trusted here.", _A.RETRY, _P.STOP),
    Code.PROXY: Advice("The proxy refused the connection. Check the proxy settings.", _A.RETRY, _P.STOP),
    Code.TIMED_OUT: Advice("MKA1 did not answer in time.", _A.RETRY, _P.BACK_OFF),
    Code.CUT: Advice("The connection was cut in the middle.", _A.RETRY, _P.BACK_OFF),
    Code.NO_NETWORK: Advice(
        "This machine has no network connection, not even a local one. Voice needs one that is up.",
        _A.RETRY,
        _P.BACK_OFF,
    ),
    Code.INSECURE_URL: Advice(
        "Only https:// and wss:// addresses are allowed, except on this machine itself.",
        _A.EDIT_SETTINGS,
        _P.STOP,
    ),
    Code.WRONG_ORIGIN: Advice(
        "The stored key belongs to another base URL and is not sent there.", _A.EDIT_KEY, _P.STOP
    ),
    Code.OTHER_IDENTITY: Advice(
        "This conversation belongs to another key or user. Start a new one here.", _A.START_FRESH, _P.STOP
    ),
    Code.ROOM_REFUSED: Advice("The voice room refused the connection.", _A.RETRY, _P.BACK_OFF),
    Code.ROOM_UNREACHABLE: Advice("The voice room cannot be reached.", _A.RETRY, _P.BACK_OFF),
    Code.ROOM_PROXY: Advice(
        "The voice room cannot be reached through this proxy or certificate. Ask for direct access.",
        _A.RETRY,
        _P.STOP,
    ),
    Code.TOKEN_EXPIRED: Advice("The room ticket had run out. A new one is needed.", _A.RETRY, _P.RENEW_ONCE),
    Code.ROOM_LOST: Advice("The connection was lost.", _A.RETRY, _P.BACK_OFF),
    Code.GAVE_UP: Advice("The connection could not be made again. Your words are kept.", _A.RETRY, _P.STOP),
    Code.AGENT_ABSENT: Advice("The assistant has not come yet.", _A.RETRY),
    Code.AGENT_LEFT: Advice("The assistant left the room.", _A.RETRY, _P.BACK_OFF),
    Code.THINKING_LONG: Advice("The assistant has been thinking for a long time.", _A.REPEAT),
    Code.SILENT_VOICE: Advice("The assistant speaks, but no sound arrives. The words are shown here.", _A.RETRY),
    Code.INVALID_SESSION: Advice("The session was not valid.", _A.RETRY, _P.RENEW_ONCE),
    Code.SESSION_AUTH: Advice("The session could not be confirmed.", _A.RETRY, _P.RENEW_ONCE),
    Code.SESSION_ERROR: Advice("The assistant could not start.", _A.RETRY, _P.BACK_OFF),
    Code.INVALID_REQUEST: Advice("The assistant could not continue here. Start fresh; the text stays.", _A.START_FRESH),
    Code.ACCESS_DENIED: Advice("This key may not use the assistant.", _A.EDIT_KEY, _P.STOP),
    Code.SERVICE_UNAVAILABLE: Advice("The assistant is not available right now. Try again in a moment.", _A.REPEAT),
    Code.TIMEOUT: Advice("The assistant took too long. Ask again.", _A.REPEAT),
    Code.LLM_UNREACHABLE: Advice("The assistant cannot be reached from the room. Ask again.", _A.REPEAT),
    Code.TRANSCRIPTION: Advice("Your words could not be understood. Say it again, or type it.", _A.REPEAT),
    Code.SPEECH: Advice("The voice failed. The answer is shown as text.", _A.NONE),
    Code.UNKNOWN: Advice("The service reported a problem.", _A.RETRY),
    Code.NO_MICROPHONE: Advice("There is no microphone. You can type.", _A.CHOOSE_DEVICE),
    Code.MIC_DENIED: Advice("The system blocks the microphone.", _A.OPEN_MIC_SETTINGS),
    Code.MIC_SILENT: Advice("I get only silence from the microphone.", _A.CHOOSE_DEVICE),
    Code.MUTED: Advice("The microphone is muted.", _A.UNMUTE),
    Code.ECHO_HEARD: Advice("The assistant hears itself. Headphones help, or the talk key.", _A.USE_TALK_KEY),
    Code.TALK_LONG: Advice("The microphone has been open for a long time. It closes in 30 seconds.", _A.NONE),
    Code.TALK_OVER: Advice("The microphone was open for five minutes and is closed now.", _A.NONE),
    Code.HOTKEY_TAKEN: Advice("Another program has this talk key. Choose another one.", _A.EDIT_SETTINGS),
    Code.HOTKEY_UNKNOWN: Advice("This keyboard has no such talk key. Choose another one.", _A.EDIT_SETTINGS),
    Code.HOTKEY_NO_BUTTONS: Advice(
        "Your desktop gives programs keys only: the mouse button works in this window.", _A.EDIT_SETTINGS
    ),
    Code.HOTKEY_NOT_GRANTED: Advice("The system does not allow a talk key in other programs.", _A.EDIT_SETTINGS),
    Code.HOTKEY_UNAVAILABLE: Advice("A talk key in every program is not possible here.", _A.EDIT_SETTINGS),
    Code.NO_SOUND: Advice("There is no sound system here. You can type and read.", _A.CHOOSE_DEVICE),
    Code.DEVICE_GONE: Advice("The sound device was unplugged.", _A.CHOOSE_DEVICE),
    Code.TEXT_EMPTY: Advice("There is nothing to send."),
    Code.TEXT_TOO_LONG: Advice("The text is longer than 12 KB. Shorten it or send it in parts."),
    Code.TEXT_NOT_SENT: Advice("The text could not be sent. It is kept.", _A.REPEAT),
    Code.BAD_FILE: Advice("The file cannot be used."),
    Code.BAD_SETTING: Advice("This value is not allowed.", _A.EDIT_SETTINGS),
    Code.STORE_FULL: Advice("The disk is full: new words are kept only while the app runs.", _A.FREE_SPACE),
    Code.STORE_READ_ONLY: Advice(
        "The data folder cannot be written: new words are kept only while the app runs.", _A.FREE_SPACE
    ),
    Code.STORE_NEWER: Advice("The history was made by a newer version of this app. Update the app to read it."),
    Code.STORE_DAMAGED: Advice("The history file was damaged. It was set aside, and a new one begun."),
    Code.NO_KEYRING: Advice("This system has no keyring, so the key is kept only until you quit.", _A.NONE),
    Code.KEYRING_LOCKED: Advice("The keyring is locked, so the key could not be read.", _A.RETRY),
    Code.KEYRING_SLOW: Advice("Waiting for your keyring.", _A.RETRY),
    Code.NOT_RUNNING: Advice("The app is not running."),
    Code.ALREADY_RUNNING: Advice("The app is already running with other options."),
    Code.BUSY: Advice("Too many requests at once."),
    Code.BAD_MESSAGE: Advice("The message was not understood."),
    Code.DEMO_MISSING: Advice("The demo is not installed. Install mka1-desktop[demo], or add an API key."),
    Code.DEMO_FAILED: Advice("The demo service stopped.", _A.RETRY),
}

_HEARING, _VOICE = ADVICE[Code.TRANSCRIPTION], ADVICE[Code.SPEECH]

# The same code means different things with and without a service (API reference 3.1).
SERVICE_ADVICE: Mapping[tuple[Code, str | None], Advice] = {
    (Code.SESSION_AUTH, "llm"): Advice("MKA1 did not accept this key.", _A.EDIT_KEY, _P.STOP),
    (Code.RATE_LIMITED, "llm"): Advice(
        "The request limit is reached. Wait a moment, then ask again.", _A.REPEAT, _P.STAY
    ),
    (Code.SERVICE_DOWN, "llm"): Advice("The assistant had a problem. Ask again.", _A.REPEAT, _P.STAY),
    # Not in the reference: a part of the room that is busy or broken for a moment is no reason to leave it.
    (Code.RATE_LIMITED, "stt"): _HEARING,
    (Code.SERVICE_DOWN, "stt"): _HEARING,
    (Code.RATE_LIMITED, "tts"): _VOICE,
    (Code.SERVICE_DOWN, "tts"): _VOICE,
}
