from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes.session_desk import Desk
from tests.support.steady import be_steady

be_steady()


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    """A running session with fakes; a test fails when a task of it is left at the end."""
    async with Desk() as running:
        yield running
