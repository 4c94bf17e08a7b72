"""The bad network of a room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aioice.ice
import aioice.stun
import aiortc.rtcrtpsender
import pytest

from mka1_desktop.demo.faults import Faults
from mka1_desktop.demo.network import Network, prepare


@asynccontextmanager
async def connected(network: Network) -> AsyncIterator[tuple[aioice.Connection, aioice.Connection]]:
    """Two ends of one connection; the second one's network is bad."""
    near, far = aioice.Connection(ice_controlling=True), aioice.Connection(ice_controlling=False)
    for end in (near, far):
        await end.gather_candidates()
    for end, other in ((near, far), (far, near)):
        end.remote_username, end.remote_password = other.local_username, other.local_password
        for candidate in (*other.local_candidates, None):
            await end.add_remote_candidate(candidate)
    Network(Faults()).shape(near)
    network.shape(far)
    await asyncio.gather(near.connect(), far.connect())
    yield near, far
    await asyncio.gather(near.close(), far.close())


async def test_a_slow_network_does_not_end_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare()
    monkeypatch.setattr(aioice.stun, "RETRY_RTO", 0.05)
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.02)
    faults = Faults()
    async with asyncio.timeout(20), connected(Network(faults)) as (near, far):
        faults.set("delay-ms", "50")  # a round trip of 100 ms, twice as long as one check waits
        for number in range(30):  # 3 s: time for far more checks than may fail
            await near.send(b"%d" % number)
            assert await far.recv() == b"%d" % number
            await far.send(b"back")
            assert await near.recv() == b"back"


def test_a_sender_report_always_says_when_it_was_made() -> None:
    """Without a time, the SDK's statistics end the process of whoever asks for them."""
    prepare()
    report = vars(aiortc.rtcrtpsender)["RtcpSenderInfo"]
    fields = {"rtp_timestamp": 1, "packet_count": 0, "octet_count": 0}
    assert report(ntp_timestamp=0, **fields).ntp_timestamp > 0
    assert report(ntp_timestamp=5, **fields).ntp_timestamp == 5
