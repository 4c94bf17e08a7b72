"""The network of Linux, as the kernel tells it: links, addresses, routes and rules."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mka1_desktop.adapters.netlink_messages import is_news
from mka1_desktop.adapters.netlink_ways import DATAGRAM_B, Network, compare, read_network
from mka1_desktop.adapters.quiet_moment import QUIET_S, QuietMoment
from mka1_desktop.ports.watchers import Emit, WatcherUnavailable

# Links, IPv4 addresses, routes and rules, IPv6 addresses and routes (RTMGRP_*), IPv6 rules (RTNLGRP 19).
GROUPS = 0x1 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 1 << 18
READS = 64  # datagrams in one go; the loop comes back for more


class NetlinkWatcher:
    """See WatcherPort. The kernel's news only say when to ask: what changed is found by comparing two answers."""

    name = "rtnetlink"

    def __init__(self, *, read: Callable[[], Network] = read_network, quiet_s: float = QUIET_S) -> None:
        """`read` blocks and is called in a thread; news are taken together until none came for `quiet_s`."""
        self._read = read
        self._quiet_s = quiet_s

    async def run(self, emit: Emit) -> None:
        """See WatcherPort."""
        news = QuietMoment(quiet_s=self._quiet_s)
        try:
            with _subscribed() as kernel, _reading(kernel, news):
                before = await asyncio.to_thread(self._read)
                while True:
                    await news.next()
                    after = await asyncio.to_thread(self._read)
                    if (event := compare(before, after)) is not None:
                        emit(event)
                    before = after
        except OSError as e:  # no netlink here, or a sandbox
            raise WatcherUnavailable(f"{type(e).__name__} {e.errno}") from None


@contextmanager
def _reading(kernel: socket.socket, news: QuietMoment) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    loop.add_reader(kernel.fileno(), _drain, kernel, news)
    try:
        yield
    finally:
        loop.remove_reader(kernel.fileno())


def _drain(kernel: socket.socket, news: QuietMoment) -> None:
    for _ in range(READS):
        try:
            datagram, (port, _groups) = kernel.recvfrom(DATAGRAM_B)
        except BlockingIOError:
            return
        except OSError as e:
            if e.errno != errno.ENOBUFS:
                news.fail(e)
                return
            news.touch()  # some news were lost: ask
        else:
            if port == 0 and is_news(datagram):  # not from another program
                news.touch()


def _subscribed() -> socket.socket:
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
    try:
        kernel.bind((0, GROUPS))
    except BaseException:
        kernel.close()
        raise
    return kernel
