"""Every setting that does something can be found in the dialog."""

from __future__ import annotations

from mka1_desktop.app.dialog_doors import SHOWN
from mka1_desktop.domain.settings import TABLE

# Not a matter of the dialog, or of a later version.
ELSEWHERE = {"account.demo", "quick_ask.key", "quick_ask.global", "audio.microphone_order", "audio.speaker_order"}


def test_nothing_is_left_out() -> None:
    assert {row.key for row in TABLE} - SHOWN == ELSEWHERE
    assert {row.key for row in TABLE} >= SHOWN
