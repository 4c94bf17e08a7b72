"""Whether the microphone has heard the assistant instead of the person."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+")
FEWEST = 3  # words; fewer are said by chance
ALIKE = 0.7  # of them, in the same order
NEWEST = 400  # words of the assistant that are compared


def is_own_voice(heard: str, spoken: str) -> bool:
    """Return whether what was `heard` of the person are words that the assistant has just `spoken`."""
    mine, its = words_of(heard), words_of(spoken)[-NEWEST:]
    if len(mine) < FEWEST:
        return False
    blocks = SequenceMatcher(None, mine, its, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= ALIKE * len(mine)


def words_of(text: str) -> list[str]:
    """Its words in order, without case and signs."""
    return _WORD.findall(text.casefold())
