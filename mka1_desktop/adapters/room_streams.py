"""Text streams of every topic: the SDK only hands over those whose topic is known beforehand."""

from __future__ import annotations

from collections.abc import Callable

from livekit import rtc


class _AnyTopic(dict[str, Callable[[rtc.TextStreamReader, str], None]]):
    """Handlers by topic, with one for every other topic: the SDK's own table has no such entry."""

    def __init__(self, known: dict[str, Callable[[rtc.TextStreamReader, str], None]], other: object) -> None:
        super().__init__(known)
        self._other = other

    def get(self, topic: str, default: object = None) -> object:  # type: ignore[override] # see the docstring
        return super().get(topic, self._other)


def catch_all_streams(room: rtc.Room, other: Callable[[rtc.TextStreamReader, str], None]) -> None:
    """Also read text streams of unknown topics. The SDK (1.2) has no public way; without its table nothing changes."""
    table = vars(room).get("_text_stream_handlers")
    if isinstance(table, dict):
        vars(room)["_text_stream_handlers"] = _AnyTopic(table, other)
