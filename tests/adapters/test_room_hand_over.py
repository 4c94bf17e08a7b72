"""Two rooms at once, of the demo service and of a real LiveKit server where there is one."""

from __future__ import annotations

import pytest

from tests.contracts.room_hand_over_contract import RoomHandOverContract
from tests.support.demo_room import demo_scene
from tests.support.real_room import missing_server, real_scene

pytestmark = pytest.mark.timeout(90)


class TestDemoHandOver(RoomHandOverContract):
    scene = staticmethod(demo_scene)


@pytest.mark.skipif(missing_server() is not None, reason=missing_server() or "")
class TestRealHandOver(RoomHandOverContract):
    scene = staticmethod(real_scene)
