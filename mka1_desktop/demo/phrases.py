"""What the demo service understands when it is spoken to.

The wording is chosen so that no phrase sounds like another one: `recognise` tells them apart by ear alone.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_SPOKEN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "What time is it?": ("what time is it", "what time is it now"),
        "What is the date today?": ("what is the date today", "what's the date today"),
        "Which day of the week is it?": ("which day of the week is it",),
        "What is twelve plus thirty?": ("what is twelve plus thirty", "what's twelve plus thirty"),
        "How much is seven times eight?": ("how much is seven times eight",),
        "What is one hundred minus forty?": ("what is one hundred minus forty",),
        "Divide eighty one by nine.": ("divide eighty one by nine",),
        "What is the capital of France?": ("what is the capital of france", "what's the capital of france"),
        "What is the capital of Japan?": ("what is the capital of japan", "what's the capital of japan"),
        "What is the capital of Australia?": ("what is the capital of australia", "what's the capital of australia"),
        "What is the capital of Brazil?": ("what is the capital of brazil", "what's the capital of brazil"),
        "What did I ask you earlier?": ("what did i ask you earlier",),
        "Please repeat your last answer.": ("please repeat your last answer",),
        "Tell me a long story.": ("tell me a long story",),
        "Tell me a funny joke.": ("tell me a funny joke",),
        "How do you spell elephant?": ("how do you spell elephant",),
        "How do you spell rhythm?": ("how do you spell rhythm",),
        "Can you hear me?": ("can you hear me",),
        "What is your name?": ("what is your name", "what's your name"),
        "What can you do for me?": ("what can you do for me",),
        "How does this demo work?": ("how does this demo work",),
        "Good morning to you.": ("good morning to you",),
        "Thank you very much.": ("thank you very much",),
        "Goodbye and see you soon.": ("goodbye and see you soon",),
        "Count from one to ten.": ("count from one to ten",),
        "How many days are in a year?": ("how many days are in a year",),
        "How far away is the moon?": ("how far away is the moon",),
        "Why is the sky blue?": ("why is the sky blue",),
        "Name the planets of the solar system.": ("name the planets of the solar system",),
        "Flip a coin for me.": ("flip a coin for me",),
    }
)

PHRASES: Final[tuple[str, ...]] = tuple(_SPOKEN)
"""The thirty phrases, as a caption shows them."""

# Asked for so often beside the phrases that hearing another country instead would be a poor show.
_MORE_COUNTRIES: Final = (
    "Canada", "China", "Egypt", "Germany", "India", "Italy", "Mexico", "Norway", "Portugal",
)  # fmt: skip

SPOKEN_FORMS: Final[tuple[tuple[str, str], ...]] = (
    *((form, phrase) for phrase, forms in _SPOKEN.items() for form in forms),
    *((f"what is the capital of {c.lower()}", f"What is the capital of {c}?") for c in _MORE_COUNTRIES),
)
"""Every way to say something that is understood, in lower-case words, with the text that it stands for.

Beside the thirty phrases these are sisters of one of them.
"""

SUGGESTIONS: Final[tuple[str, ...]] = (
    "What time is it?",
    "How much is seven times eight?",
    "What is the capital of France?",
    "Tell me a long story.",
    "How do you spell elephant?",
    "What did I ask you earlier?",
)
"""The six phrases that an empty conversation proposes."""
