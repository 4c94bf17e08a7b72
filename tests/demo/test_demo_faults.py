"""The demo's faults: names, values, numbers of times, listeners, error packets."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mka1_desktop.demo.faults import FAULTS, ROOM_ERRORS, FaultError, Faults, error_packet

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a loaded machine

# One value that each fault takes; "" for those without one.
EXAMPLES = {
    "token-slow": "1.5",
    "token-status": "429",
    "token-retry-after": "Wed, 21 Oct 2026 07:28:00 GMT",
    "token-url": "ws://192.0.2.1:80/x",
    "token-redirect": "https://gw.example/",
    "token-room-name-key": "room_name",
    "http-status": "503:1",
    "http-slow": "0.2",
    "join-status": "401",
    "room-drop": "now",
    "room-delete": "3",
    "participant-remove": "now",
    "room-freeze": "2.5",
    "packet-loss": "5",
    "delay-ms": "80",
    "agent-late": "3",
    "agent-leaves": "now",
    "answer-slow": "0.5",
    "text-gone": "kept",
    "error": "rate_limited:llm",
    "packets": "hostile",
}


def test_every_fault_of_the_brief_exists_and_is_explained() -> None:
    names = (
        "token-slow token-status token-retry-after token-html token-cut token-no-url token-bad-json "
        "token-room-name-key http-status http-slow join-status join-silent join-no-answer room-drop room-delete "
        "participant-remove room-freeze packet-loss delay-ms no-pong agent-absent agent-late agent-leaves "
        "agent-silent agent-mute-audio no-greeting two-agents error error-mid packets captions-huge caption-kinds "
        "html-captions rtl-captions response-id-late no-response-id no-user-captions double-captions"
    )
    assert set(names.split()) <= set(FAULTS)
    assert all(about and "\n" not in about for about in FAULTS.values())


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_goes_on_and_off_and_refuses_nonsense(name: str) -> None:
    faults = Faults()
    value = EXAMPLES.get(name, "")
    assert faults.value(name) is None
    faults.set(name, value)
    assert faults.is_on(name)
    assert faults.current() == {name: faults.value(name)}
    faults.set(name, None)
    assert not faults.is_on(name)
    for wrong in ("\r\nX: y", "\u00e4", "x" * 201):
        with pytest.raises(FaultError):
            faults.set(name, wrong)
    assert faults.current() == {}


def test_faults_from_the_command_line() -> None:
    faults = Faults.parse(["no-pong", "token-status=429:2", "token-url=wss://a.example/x?y=1", "room-drop=2.5"])
    assert faults.current() == {
        "no-pong": "",
        "token-status": "429",
        "token-url": "wss://a.example/x?y=1",
        "room-drop": "2.5",
    }
    assert faults.seconds("room-drop") == 2.5
    for wrong in ("nonsense", "token-status=200", "no-pong=1", "packet-loss=101", ""):
        with pytest.raises(FaultError, match="fault"):
            Faults.parse([wrong])


def test_a_number_of_times_is_counted_by_taking() -> None:
    faults = Faults({"token-status": "429:2"})
    assert faults.value("token-status") == "429"
    assert [faults.take("token-status") for _ in range(3)] == ["429", "429", None]
    assert faults.value("token-status") is None
    assert faults.current() == {}
    faults.set("token-status", "429")
    assert [faults.take("token-status") for _ in range(3)] == ["429"] * 3
    faults.set("token-html", "1")
    assert [faults.take("token-html") for _ in range(2)] == ["", None]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("rate_limited", "rate_limited"),
        ("rate_limited:llm", "rate_limited:llm"),
        ("rate_limited:llm:1", "rate_limited:llm"),
        ("rate_limited:1", "rate_limited"),
    ],
)
def test_a_room_error_may_come_a_number_of_times(value: str, read: str) -> None:
    faults = Faults({"error": value})
    assert faults.take("error") == read
    assert faults.take("error") == (None if value.endswith(":1") else read)


def test_now_is_zero_seconds() -> None:
    faults = Faults({"room-delete": "now"})
    assert (faults.seconds("room-delete"), faults.seconds("room-drop")) == (0.0, None)


def test_listeners_hear_every_change_until_they_stop() -> None:
    faults = Faults()
    heard: list[tuple[str, str | None]] = []
    stop = faults.listen(lambda name, value: heard.append((name, value)))
    faults.set("room-delete", "now")
    faults.set("room-delete", None)
    stop()
    stop()
    faults.set("no-pong", "")
    assert heard == [("room-delete", "now"), ("room-delete", None)]


def test_an_unknown_name_is_an_error_to_read_too() -> None:
    with pytest.raises(FaultError):
        Faults().value("nonsense")


@PATIENT
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_refused_politely(name: str, value: str) -> None:
    with pytest.raises(FaultError):
        Faults({name: value})


@pytest.mark.parametrize(("code", "service"), list(ROOM_ERRORS))
def test_every_error_of_the_table_can_be_sent(code: str, service: str | None) -> None:
    packet = error_packet(code if service is None else f"{code}:{service}")
    error = packet["error"]
    assert isinstance(error, dict)
    assert set(error) == {"code", "message", "details"} | ({"service"} if service else set())
    assert (error["code"], error.get("service")) == (code, service)


def test_errors_that_the_table_does_not_have() -> None:
    assert error_packet("") == error_packet("service_error:llm")
    assert error_packet("timeout") == error_packet("timeout:llm")
    assert error_packet("odd:thing")["error"] == {
        "code": "odd",
        "message": "Something went wrong.",
        "service": "thing",
        "details": "unknown",
    }


def test_once_is_told_and_stays_on_for_nobody() -> None:
    faults, told = Faults({"room-delete": "9"}), list[tuple[str, str | None]]()
    faults.listen(lambda name, value: told.append((name, value)))
    faults.set("room-delete", "once")
    assert told == [("room-delete", "once")]
    assert not faults.is_on("room-delete")
    with pytest.raises(FaultError):
        faults.set("token-slow", "once")
