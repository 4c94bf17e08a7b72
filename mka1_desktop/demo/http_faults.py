"""/demo/faults: the demo's own control path, not part of the service that it stands in for.

GET says which faults exist, which are on, and how many rooms are open. POST {"name": "value", "other": null} switches
them; all or nothing. Both need the demo's key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

from mka1_desktop.demo.faults import FAULTS, FaultError, Faults, check
from mka1_desktop.demo.http_door import Call, Door
from mka1_desktop.demo.http_errors import invalid
from mka1_desktop.demo.http_read import read_object

PATH = "/demo/faults"
LIMIT_B = 16_000


class FaultRoutes:
    def __init__(self, *, door: Door, faults: Faults, open_rooms: Callable[[], int]) -> None:
        self._door = door
        self._faults = faults
        self._open_rooms = open_rooms

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self._door.to(self._show, faults=None)),
            web.post(PATH, self._door.to(self._switch, faults=None)),
        ]

    async def _show(self, _: Call) -> Mapping[str, object]:
        return {"on": self._faults.current(), "known": dict(FAULTS), "rooms": self._open_rooms()}

    async def _switch(self, call: Call) -> Mapping[str, object]:
        body = await read_object(call.request, limit_b=LIMIT_B)
        wanted = {name: _text(name, value) for name, value in body.items()}
        try:
            for name, value in wanted.items():
                check(name, value)
        except FaultError as e:
            raise invalid(str(e), code="unknown_fault") from None
        for name, value in wanted.items():
            self._faults.set(name, value)
        return {"on": self._faults.current()}


def _text(name: str, value: object) -> str | None:
    match value:
        case None | False:
            return None
        case True:
            return ""
        case str() | int() | float():
            return str(value)
        case _:
            raise invalid("A fault takes a text, a number, true, false or null.", param=name[:64])
