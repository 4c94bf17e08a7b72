"""The first message of a room: who is there and how to keep in touch."""

from __future__ import annotations

import time
from collections.abc import Sequence

from livekit.protocol import models, rtc

from mka1_desktop.demo.people import Person, new_sid

PING_TIMEOUT_S, PING_INTERVAL_S = 15, 5
PROTOCOL = 15  # LiveKit's, of the server that this service looks like
VERSION = "1.9.0"


def join_response(
    *, room: str, user: Person, others: Sequence[models.ParticipantInfo], single: bool
) -> rtc.JoinResponse:
    """Describe the room to the user who joins it.

    Args:
        room: its name.
        user: who joins.
        others: the participants that are there already.
        single: one connection for both directions (v1); else the service's own offer comes next.
    """
    return rtc.JoinResponse(
        room=models.Room(sid=new_sid("RM"), name=room, creation_time=int(time.time())),
        participant=user.info(),
        other_participants=others,
        subscriber_primary=not single,
        ping_timeout=PING_TIMEOUT_S,
        ping_interval=PING_INTERVAL_S,
        fast_publish=True,
        server_info=models.ServerInfo(version=VERSION, protocol=PROTOCOL, region="demo", node_id="demo"),
    )
