"""Loudness of both sides, apart from everything else: twenty times a second, the newest value only."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from mka1_desktop.viewmodels.shown import Shown

FLOOR_DBFS = -60.0
CEILING_DBFS = -12.0


def level_of(dbfs: float) -> float:
    """Map -60…-12 dBFS to 0…1, linear in dB; beyond both ends it stays there. NaN counts as silence."""
    if not dbfs > FLOOR_DBFS:
        return 0.0
    return min(1.0, (dbfs - FLOOR_DBFS) / (CEILING_DBFS - FLOOR_DBFS))


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsView:
    """Both levels, 0 to 1; None where no device is open (an empty meter, not a silent one)."""

    microphone: float | None = None
    speaker: float | None = None


class LevelsModel(Shown[LevelsView]):
    """Levels in by `show(view)`, out by `changed`."""

    def __init__(self, view: LevelsView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or LevelsView(), parent)
