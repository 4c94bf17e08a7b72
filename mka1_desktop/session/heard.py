"""How much of an answer had been heard when it was stopped.

Captions may run with the voice or ahead of it. What had been spoken is estimated from the seconds of sound and the pace
of this voice, which is learned from answers that were heard to their end.
"""

from __future__ import annotations

DEFAULT_CHARS_PER_S = 15.0  # a calm English voice
SLACK = 1.15  # captions that run with the voice are not cut by a slow estimate
WEIGHT = 0.3  # of a new observation
SHORTEST_S = 1.0  # shorter answers teach nothing


class Pace:
    """Characters a second of the assistant's voice, a running mean."""

    def __init__(self) -> None:
        self.chars_per_s = DEFAULT_CHARS_PER_S

    def learn(self, chars: int, seconds: float) -> None:
        if seconds >= SHORTEST_S and chars > 0:
            seen = min(40.0, max(4.0, chars / seconds))
            self.chars_per_s += WEIGHT * (seen - self.chars_per_s)


def heard_chars(text: str, sound_s: float, pace: Pace) -> int:
    """Return where to cut `text` after `sound_s` seconds of voice: at the end of a word, never beyond the text."""
    reached = min(len(text), round(sound_s * pace.chars_per_s * SLACK))
    if reached >= len(text):
        return len(text)
    space = text.rfind(" ", 0, reached + 1)
    return max(0, space)
