"""What every test stands on: no window on anybody's screen, no key of anybody's, no proxy in between."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
for name in ("MKA1_API_KEY", "MKA1_BASE_URL", "MKA1_ON_BEHALF_OF", "MKA1_DATA_DIR"):
    os.environ.pop(name, None)
