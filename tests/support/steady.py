"""Hypothesis without chance: the same examples in every run, and no time limit that a busy machine would break."""

from __future__ import annotations

from hypothesis import settings

PROFILE = "steady"
settings.register_profile(PROFILE, derandomize=True, deadline=None)


def be_steady() -> None:
    """For a conftest, before its test modules are imported."""
    settings.load_profile(PROFILE)
