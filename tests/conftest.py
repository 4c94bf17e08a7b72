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
    from mka1_desktop.app.collecting import collect_due  # noqa: PLC0415 - the platform is chosen first

    yield
    collect_due()
