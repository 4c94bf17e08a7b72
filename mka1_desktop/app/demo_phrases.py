"""What the window proposes to say in the demo (a test keeps it in step with what the demo understands)."""

from __future__ import annotations

DEMO_SUGGESTIONS: tuple[tuple[str, str], ...] = (
    ("What time is it?", "clock"),
    ("How much is seven times eight?", "sliders"),
    ("What is the capital of France?", "globe"),
    ("Tell me a long story.", "captions"),
    ("How do you spell elephant?", "edit"),
    ("What did I ask you earlier?", "history"),
)
