"""What the operating system tells of itself: network, sleep, screen lock, clock, proxy. Every one is a hint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkChanged:
    """The way from this machine to the internet changed. Says nothing of services on this machine (loopback)."""

    up: bool | None  # there is a way out; None: cannot be told (a network without one, a captive portal)
    route_changed: bool  # packets leave by another interface, gateway or source address than before


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspending:
    """The machine goes to sleep, within two seconds at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The machine is awake again, or its sleep was called off."""

    slept_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenLocked:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenUnlocked:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockJumped:
    """Somebody set the wall clock; time asleep is not in it."""

    by_s: float  # positive: it shows a later time than it would have


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyChanged:
    """The system's proxy settings are not what they were."""


SystemEvent: TypeAlias = (
    NetworkChanged | Suspending | Resumed | ScreenLocked | ScreenUnlocked | ClockJumped | ProxyChanged
)
