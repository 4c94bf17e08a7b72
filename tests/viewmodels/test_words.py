from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator

from mka1_desktop.viewmodels.words import clock, isolated, tr


def test_values_are_put_in_once_and_as_they_are() -> None:
    assert tr("T", "Hello {name}, {other}", name="{other}", other="you") == "Hello {other}, you"
    assert tr("T", "An unknown {mark} stays") == "An unknown {mark} stays"
    assert tr("T", "100 % of {what}", what="\\1 %n") == "100 % of \\1 %n"


def test_numbers_stand_for_both_marks() -> None:
    assert tr("T", "%n left, {n} of {all}", n=3, all=5) == "3 left, 3 of 5"


class Shouting(QTranslator):
    """Translates by shouting, in one context."""

    def translate(self, context: str, text: str, _comment: str | None = None, _n: int = -1) -> str:
        return text.upper() if context == "Test" else text

    def isEmpty(self) -> bool:
        return False


def test_a_translation_is_used_with_its_context(qapp: QCoreApplication) -> None:
    translator = Shouting()
    qapp.installTranslator(translator)
    try:
        assert tr("Test", "hold {KEY}", KEY="F9") == "HOLD F9"
        assert tr("Other", "hold") == "hold"
    finally:
        qapp.removeTranslator(translator)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (6.9, "0:06"), (61, "1:01"), (3600, "60:00"), (-4, "0:00")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_isolated_names_keep_their_direction() -> None:
    assert isolated("F9") == "\u2066F9\u2069"
