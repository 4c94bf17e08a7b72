"""rtnetlink's messages: what is read from good ones, and that bad ones do no harm."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mka1_desktop.adapters.netlink_messages import (
    ADDRESS,
    ATTRIBUTE,
    HEADER,
    LINK,
    NLMSG_ERROR,
    ROUTE,
    RTM_F_CLONED,
    RTM_NEWADDR,
    RTM_NEWLINK,
    RTM_NEWROUTE,
    Address,
    Message,
    Way,
    ask_way,
    is_news,
    messages,
    read_address,
    read_running,
    read_way,
)
from tests.support.steady import be_steady

be_steady()

NEIGHBOUR = 28  # RTM_NEWNEIGH: comes all the time
KINDS = st.sampled_from([NLMSG_ERROR, RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, NEIGHBOUR, 0, 65535])
GATEWAY, SOURCE = socket.inet_aton("192.0.2.1"), socket.inet_aton("192.0.2.9")


def _datagram(*parts: Message) -> bytes:
    return b"".join(
        HEADER.pack(HEADER.size + len(m.body), m.kind, 0, 0, 0) + m.body + bytes(-len(m.body) % 4) for m in parts
    )


def _attribute(kind: int, value: bytes) -> bytes:
    return ATTRIBUTE.pack(ATTRIBUTE.size + len(value), kind) + value + bytes(-len(value) % 4)


def _route(*, prefix: int = 0, kind: int = 1, flags: int = 0, attributes: bytes = b"") -> Message:
    return Message(RTM_NEWROUTE, ROUTE.pack(socket.AF_INET, prefix, 0, 0, 254, 0, 0, kind, flags) + attributes)


WAY = _attribute(4, (7).to_bytes(4, "little")) + _attribute(5, GATEWAY) + _attribute(7, SOURCE)


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(data: bytes) -> None:
    for message in messages(data):
        read_way(message)
        read_running(message)
        read_address(message)
    is_news(data)


@given(KINDS, st.binary(max_size=120))
def test_any_body_can_be_read(kind: int, body: bytes) -> None:
    message = Message(kind, body)
    assert read_way(message) is None or kind == RTM_NEWROUTE
    assert read_running(message) is None or kind == RTM_NEWLINK
    assert read_address(message) is None or kind == RTM_NEWADDR
    assert list(messages(_datagram(message, message))) == [message, message]
    is_news(_datagram(message))


@given(st.integers(min_value=0, max_value=len(WAY) - 1))
def test_a_cut_message_is_read_as_far_as_it_goes(cut: int) -> None:
    way = read_way(_route(attributes=WAY[:cut]))
    assert way in {None, Way(7, b"", b""), Way(7, GATEWAY, b"")}


def test_a_way_is_read() -> None:
    assert read_way(_route(attributes=WAY)) == Way(7, GATEWAY, SOURCE)
    assert read_way(_route(kind=7, attributes=WAY)) is None  # RTN_UNREACHABLE
    assert read_way(_route()) is None


@pytest.mark.parametrize(
    ("flags", "expected"),
    [(0x1 | 0x40, True), (0x1, False), (0x40, False), (0x1 | 0x40 | 0x8, False), (0x1 | 0x40 | 0x1002, True)],
    ids=["up", "no carrier", "down", "loopback", "others"],
)
def test_a_link_runs_when_it_is_up_and_has_a_carrier(flags: int, expected: bool) -> None:
    assert read_running(Message(RTM_NEWLINK, LINK.pack(0, 1, 3, flags, 0))) is expected


def test_only_wide_addresses_count() -> None:
    def message(scope: int) -> Message:
        return Message(RTM_NEWADDR, ADDRESS.pack(socket.AF_INET, 24, 0, scope, 3) + _attribute(2, SOURCE))

    assert read_address(message(0)) == Address(3, SOURCE)
    assert read_address(message(253)) is None  # of this link
    assert read_address(message(254)) is None  # of this machine


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (_route(), True),
        (_route(prefix=1), True),
        (_route(prefix=24), False),
        (_route(flags=RTM_F_CLONED), False),
        (Message(RTM_NEWROUTE, b""), True),
        (Message(RTM_NEWLINK, b""), True),
        (Message(NEIGHBOUR, bytes(12)), False),
    ],
)
def test_what_cannot_change_the_way_out_is_no_news(message: Message, expected: bool) -> None:
    assert is_news(_datagram(message)) is expected
    assert is_news(_datagram(Message(NEIGHBOUR, b""), message)) is expected


def test_what_cannot_be_read_is_news() -> None:
    assert is_news(b"")
    assert is_news(b"\xff" * 10)


def test_a_question_names_the_address() -> None:
    (question,) = messages(ask_way("2001:db8::1"))
    assert question.body.endswith(socket.inet_pton(socket.AF_INET6, "2001:db8::1"))
    assert question.body[:2] == bytes([socket.AF_INET6, 128])
