from __future__ import annotations

from mka1_desktop.app.demo_phrases import DEMO_SUGGESTIONS
from mka1_desktop.demo.phrases import SUGGESTIONS


def test_the_window_proposes_what_the_demo_understands() -> None:
    assert tuple(phrase for phrase, _ in DEMO_SUGGESTIONS) == SUGGESTIONS
