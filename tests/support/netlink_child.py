"""Runs in a network namespace of its own: watches it, and changes it as the test says.

In: lines with arguments for `ip`. Out: JSON lines, one for each answer of the kernel ({"looked": up}), for each event
({"up": …, "route_changed": …}) and for each command that was carried out ({"done": exit code}).
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import subprocess
import sys
from collections.abc import Mapping

from mka1_desktop.adapters.netlink_ways import Network, read_network
from mka1_desktop.adapters.watch_netlink import NetlinkWatcher
from mka1_desktop.domain.system_events import NetworkChanged, SystemEvent

QUIET_S = 0.05
LIMIT_S = 20.0


def _say(what: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _read() -> Network:
    network = read_network()
    _say({"looked": network.up})
    return network


def _emit(event: SystemEvent) -> None:
    assert isinstance(event, NetworkChanged)
    _say(dataclasses.asdict(event))


async def _main() -> None:
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(NetlinkWatcher(read=_read, quiet_s=QUIET_S).run(_emit))
        while line := await asyncio.to_thread(sys.stdin.readline):
            command = ["ip", *line.split()]
            done = await asyncio.to_thread(subprocess.run, command, check=False, timeout=LIMIT_S)
            _say({"done": done.returncode})
        watching.cancel()


if __name__ == "__main__":
    asyncio.run(_main())
