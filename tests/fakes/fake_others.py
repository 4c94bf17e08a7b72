"""Other programs' sound in memory: OtherSoundPort, and the system that it comes from."""

from __future__ import annotations

from mka1_desktop.app.other_sound import Wanted
from mka1_desktop.ports.other_sound import OtherSoundPort, Way


class FakeOthers:
    """`percent` is what is left of other programs' sound, None where nothing is changed."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.percent: int | None = None
        self.closed = False
        self.restored = 0

    async def quiet(self, percent: int) -> None:
        assert not self.closed
        self.percent = percent

    async def restore(self) -> None:
        assert not self.closed
        self.percent = None
        self.restored += 1

    async def close(self) -> None:
        await self.restore()
        self.closed = True


class FakeOthersSystem:
    """See OtherSoundSystem. `ways` is what each wish really does here."""

    def __init__(self) -> None:
        self.ways: dict[Wanted, Way] = {"lower": "lower", "pause": "pause"}
        self.leftovers: list[Wanted] = []
        self.opened: dict[Wanted, FakeOthers] = {}

    async def open(self, wanted: Wanted) -> OtherSoundPort:
        assert wanted not in self.opened
        self.opened[wanted] = FakeOthers(self.ways[wanted])
        return self.opened[wanted]

    def left(self) -> list[Wanted]:
        return self.leftovers
