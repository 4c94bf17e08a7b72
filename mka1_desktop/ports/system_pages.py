"""Pages of the operating system's own settings."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

PageKind: TypeAlias = Literal["privacy", "sound"]


class SystemPagesPort(Protocol):
    """Nothing here blocks or raises."""

    @property
    def microphone(self) -> PageKind | None:
        """What the page about microphones is: who may use them, or sound devices; None: none is known here."""

    def open_microphone(self) -> None:
        """Open that page beside the app; nothing happens where there is none."""
