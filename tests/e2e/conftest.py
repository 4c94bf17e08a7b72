"""One private screen and one demo service for all tests of the window; the app itself is started by each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.demo_beside import DemoBeside
from tests.support.pulse import PulseRig
from tests.support.screen import Screen


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    with Screen(managed=True, looked_at=True) as screen:
        yield screen


@pytest.fixture(scope="module")
def rig() -> Iterator[PulseRig]:
    """A private sound server; a test that takes devices away brings its own."""
    with PulseRig() as rig:
        yield rig


@pytest.fixture(scope="session")
def demo() -> Iterator[DemoBeside]:
    with DemoBeside() as demo:
        yield demo
