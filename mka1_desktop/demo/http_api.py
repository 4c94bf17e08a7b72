"""The documented HTTP API of the service, and the demo's own control path."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from mka1_desktop.demo.data import Data
from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.http_conversations import ConversationRoutes
from mka1_desktop.demo.http_door import Door
from mka1_desktop.demo.http_faults import FaultRoutes
from mka1_desktop.demo.http_items import ItemRoutes
from mka1_desktop.demo.http_models import ModelRoutes
from mka1_desktop.demo.http_responses import ResponseRoutes
from mka1_desktop.demo.http_token import TokenRoutes
from mka1_desktop.demo.settings import DemoSettings
from mka1_desktop.demo.tokens import Tokens


def add_routes(
    app: web.Application, *, data: Data, tokens: Tokens, faults: Faults, settings: DemoSettings,
    open_rooms: Callable[[], int],
) -> None:  # fmt: skip
    """Add the REST routes. The application brings the middlewares of http_guard along."""
    door = Door(settings=settings, faults=faults)
    app.add_routes(
        [
            *TokenRoutes(door=door, data=data, tokens=tokens, faults=faults, settings=settings).routes(),
            *ModelRoutes(door=door).routes(),
            *ConversationRoutes(door=door, data=data).routes(),
            *ItemRoutes(door=door, data=data).routes(),
            *ResponseRoutes(door=door, data=data).routes(),
            *FaultRoutes(door=door, faults=faults, open_rooms=open_rooms).routes(),
        ]
    )
