from __future__ import annotations

import pytest

from mka1_desktop.adapters.history_memory import MemoryHistory
from mka1_desktop.ports.store import HistoryPort
from tests.contracts.history_contract import HistoryContract


class TestMemoryHistory(HistoryContract):
    @pytest.fixture
    def history(self) -> HistoryPort:
        return MemoryHistory()
