"""What every test stands on: no window on anybody's screen, no key of anybody's, no proxy in between.

Widgets that a test leaves are deleted on the thread of the tests, as in the app (`app/collecting.py`).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for name in ("MKA1_API_KEY", "MKA1_BASE_URL", "MKA1_ON_BEHALF_OF", "MKA1_DATA_DIR"):
    os.environ.pop(name, None)

gc.disable()


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Rooms and widgets of a test are gone before the next one begins.

    What is left then stays (modules, what a file's tests share), and is not looked through after each test.
    """
    yield
    gc.collect()
    gc.freeze()
