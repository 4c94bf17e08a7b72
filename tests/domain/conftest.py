from __future__ import annotations

from tests.support.steady import be_steady

be_steady()
