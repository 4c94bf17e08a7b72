"""Every setting, once: the file, the dialog, the command line and the reference are made from this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mka1_desktop.domain.errors import AppError, Code

Value: TypeAlias = str | int | bool

LANGUAGES: tuple[str, ...] = tuple("en zh hi es ar bn pt ru ja pa de ko fr tr it th pl nl id vi ur uk".split())  # noqa: SIM905
CHANNELS: tuple[str, ...] = ("mix", *"12345678")
DEFAULT_BASE_URL = "https://apigw.mka1.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting. `key` is written to disk: never renamed, only retired."""

    key: str
    default: Value
    title: str
    page: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    choice_titles: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    max_length: int = 500
    help: str = ""
    multiline: bool = False

    @property
    def range_text(self) -> str:
        """What is allowed, in words for people."""
        if self.choices:
            return "one of: " + ", ".join(c or "(empty)" for c in self.choices)
        if isinstance(self.default, bool):
            return "on or off"
        if isinstance(self.default, int):
            return f"a whole number from {self.low} to {self.high}" + (f" {self.unit}" if self.unit else "")
        return f"text of at most {self.max_length} characters"

    def parse(self, raw: object) -> Value:
        """Read a value of a file, a widget or a shell; raises AppError(BAD_SETTING) with the range in `message`."""
        value = self._coerce(raw)
        if value is None:
            raise AppError(Code.BAD_SETTING, message=f"{self.key} takes {self.range_text}.")
        return value

    def _coerce(self, raw: object) -> Value | None:
        if isinstance(self.default, bool):
            return _as_bool(raw)
        if isinstance(self.default, int):
            return self._as_int(raw)
        if not isinstance(raw, str) or len(raw) > self.max_length:
            return None
        if self.choices and raw not in self.choices:
            return None
        if not self.multiline and any(not c.isprintable() for c in raw):
            return None
        return raw

    def _as_int(self, raw: object) -> int | None:
        if isinstance(raw, bool) or not isinstance(raw, str | int):
            return None
        text = str(raw).strip()
        if not text.lstrip("-").isdecimal() or len(text) > 12:
            return None
        number = int(text)
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            return None
        return number


def _as_bool(raw: object) -> bool | None:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        word = raw.strip().lower()
        if word in {"on", "true", "yes", "1"}:
            return True
        if word in {"off", "false", "no", "0"}:
            return False
    return None


TABLE: tuple[Setting, ...] = (
    Setting(
        key="talk.key",
        default="Ctrl+Alt+Space",
        title="Talk key",
        page="Talking",
        max_length=60,
        help="Hold it to talk, tap it to keep talking.",
    ),
    Setting(key="talk.global", default=False, title="Talk key works in every program", page="Talking"),
    Setting(
        key="talk.mode",
        default="auto",
        title="How the talk key works",
        page="Talking",
        choices=("auto", "hold", "toggle", "open"),
        choice_titles=(
            "Hold, or tap to keep open",
            "Hold",
            "Tap to start and stop",
            "Microphone always open",
        ),
    ),
    Setting(
        key="talk.tail_ms",
        default=200,
        title="Keep listening after release",
        page="Talking",
        unit="ms",
        low=0,
        high=2000,
    ),
    Setting(
        key="talk.ready", default=True, title="Keep the microphone ready in a session", page="Talking",
        help="No first word is lost. It closes 30 s after the last turn.",
    ),
    Setting(
        key="talk.tap_ms", default=350, title="A press shorter than this is a tap", page="Talking", unit="ms", low=100,
        high=2000,
    ),
    Setting(
        key="talk.dwell_ms", default=0, title="A press counts after", page="Talking", unit="ms", low=0, high=2000,
        help="For hands that tremble: shorter presses mean nothing.",
    ),
    Setting(
        key="talk.debounce_ms", default=0, title="A release counts after", page="Talking", unit="ms", low=0, high=1000,
        help="For hands that tremble: a key that comes up for a shorter time stays down.",
    ),
    Setting(
        key="audio.engine", default="native", title="Sound engine", page="Sound", choices=("native", "portaudio"),
        choice_titles=("Native (recommended)", "PortAudio"),
    ),
    Setting(key="audio.microphone", default="", title="Microphone", page="Sound", help="Empty follows the system."),
    Setting(key="audio.speaker", default="", title="Speaker", page="Sound", help="Empty follows the system."),
    Setting(
        key="audio.channel", default="mix", title="Channel of the microphone", page="Sound", choices=CHANNELS,
        choice_titles=("All together", *CHANNELS[1:]), help="For sound cards with several inputs.",
    ),
    Setting(
        key="audio.microphone_order", default="", title="Microphones in order", page="Sound", multiline=True,
        max_length=4000, help="The first that is there is used; one id a line.",
    ),
    Setting(
        key="audio.speaker_order", default="", title="Speakers in order", page="Sound", multiline=True,
        max_length=4000, help="The first that is there is used; one id a line.",
    ),
    Setting(
        key="audio.volume", default=100, title="Volume of the assistant", page="Sound", unit="%", low=0, high=150
    ),
    Setting(
        key="audio.cue_volume", default=0, title="Volume of the tones", page="Sound", unit="%", low=0, high=100,
        help="Short tones say that the microphone hears you, or what went wrong. 0 is off, 60 is as they were made.",
    ),
    Setting(
        key="audio.others", default="leave", title="Other programs in a conversation", page="Sound",
        choices=("leave", "lower", "pause"), choice_titles=("Leave", "Lower", "Pause"),
        help="While you talk and while the assistant thinks or speaks. Pause is for music and video players.",
    ),
    Setting(
        key="audio.others_percent", default=20, title="Lower other programs to", page="Sound", unit="%", low=0,
        high=100, help="Of the volume that each of them has.",
    ),
    Setting(key="audio.echo_cancellation", default=True, title="Echo cancellation", page="Sound"),
    Setting(key="audio.noise_suppression", default=True, title="Noise suppression", page="Sound"),
    Setting(key="audio.gain_control", default=True, title="Automatic gain", page="Sound"),
    Setting(key="assistant.model", default="auto", title="Model", page="Assistant", max_length=200),
    Setting(
        key="assistant.instructions",
        default="",
        title="Instructions",
        page="Assistant",
        max_length=8000,
        multiline=True,
        help="How the assistant should behave, in your words.",
    ),
    Setting(
        key="assistant.language",
        default="",
        title="Language",
        page="Assistant",
        choices=("", *LANGUAGES),
        choice_titles=("Detect", *LANGUAGES),
    ),
    Setting(
        key="assistant.reasoning",
        default="none",
        title="Think before answering",
        page="Assistant",
        choices=("none", "low", "medium", "high"),
        choice_titles=("No (fastest)", "A little", "Medium", "A lot"),
    ),
    Setting(
        key="assistant.max_tool_calls", default=30, title="Tool calls in one answer, at most", page="Assistant",
        low=1, high=300,
    ),
    Setting(
        key="assistant.silence_timeout_ms",
        default=0,
        title="Pause that ends your turn",
        page="Assistant",
        unit="ms",
        low=0,
        high=5000,
        help="0 leaves it to the service; else 100 to 5000.",
    ),
    Setting(
        key="thread.kind",
        default="conversation",
        title="New threads are",
        page="Privacy and data",
        choices=("conversation", "chain"),
        choice_titles=("Conversations of your account", "Chains of answers"),
    ),
    Setting(
        key="session.renewal",
        default="auto",
        title="Renew long sessions",
        page="Connection",
        choices=("auto", "ahead", "on_disconnect"),
        choice_titles=("Automatic", "Ahead of time", "When disconnected"),
    ),
    Setting(
        key="session.idle_minutes", default=10, title="End a silent session after", page="Connection", unit="min",
        low=1, high=240,
    ),
    Setting(
        key="connection.base_url",
        default=DEFAULT_BASE_URL,
        title="Base URL",
        page="Connection",
        max_length=500,
    ),
    Setting(
        key="connection.on_behalf_of",
        default="",
        title="On behalf of",
        page="Connection",
        max_length=150,
        help="An id of your end user, if you serve several.",
    ),
    Setting(key="account.demo", default=False, title="Talk with the built-in demo", page="Connection"),
    Setting(key="quick_ask.key", default="Ctrl+Alt+A", title="Quick ask key", page="Quick ask", max_length=60),
    Setting(key="quick_ask.global", default=False, title="Quick ask key works in every program", page="Quick ask"),
    Setting(
        key="look.theme",
        default="system",
        title="Appearance",
        page="General",
        choices=("system", "light", "dark", "contrast"),
        choice_titles=("As the system", "Light", "Dark", "High contrast"),
    ),
    Setting(
        key="look.text_percent", default=100, title="Text size", page="Accessibility", unit="%", low=80, high=200
    ),
    Setting(key="look.reduced_motion", default=False, title="Less motion", page="Accessibility"),
    Setting(key="window.sidebar", default=True, title="Show the sidebar", page="General"),
)  # fmt: skip
BY_KEY: Mapping[str, Setting] = {setting.key: setting for setting in TABLE}


def setting(key: str) -> Setting:
    """Return the row of `key`; raises AppError(BAD_SETTING) for a name that is none."""
    try:
        return BY_KEY[key]
    except KeyError:
        raise AppError(Code.BAD_SETTING, message=f"There is no setting named {key[:60]!r}.") from None


@dataclass(frozen=True, slots=True)
class Settings:
    """All values at one moment; what was never set reads as the default."""

    values: Mapping[str, Value]

    def __getitem__(self, key: str) -> Value:
        return self.values.get(key, BY_KEY[key].default)

    def text(self, key: str) -> str:
        return str(self[key])

    def number(self, key: str) -> int:
        return int(self[key])

    def flag(self, key: str) -> bool:
        return bool(self[key])

    def replaced(self, key: str, value: Value) -> Settings:
        return Settings({**self.values, key: value})
