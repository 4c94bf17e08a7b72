"""The token endpoint in every bad mood: what `converse` makes of it, and what it never does with the key."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from mka1_desktop.app.converse_run import Patience
from tests.support.converse_here import converse_here
from tests.support.demo_service import OWNER, rooms
from tests.support.http_stub import Answer, HttpStub, answer_json
from tests.support.program import Program

pytestmark = pytest.mark.timeout(60)

KEY = "mk-token-test-0123456789"
ASK = ("--text", "What is two plus two?", "--no-wait-greeting")
SOON = Patience(room_s=0.6)
TOKEN = "header.payload.signature"

# What ends it at once: (answer, exit code, part of the sentence).
FINAL = {
    "400": (answer_json({"error": {"message": "no such model", "param": "llm.model"}}, 400), 8, "(no such model)"),
    "401": (answer_json({"message": "bad key", "code": "unauthorized"}, 401), 3, "did not accept this key"),
    "403": (answer_json({"message": "no", "code": "forbidden"}, 403), 3, "not allowed to talk by voice"),
    "403 address": (
        answer_json({"message": "inbound_ip_denied", "code": "inbound_ip_denied"}, 403), 3, "this network address",
    ),
    "402": (answer_json({"error": {"message": "pay"}}, 402), 4, "used up its limit"),
    "404": (answer_json({"detail": "Not Found"}, 404), 4, "Check the base URL"),
    "413": (Answer(413, b"<html>too large</html>", {"Content-Type": "text/html"}), 8, "configuration is too large"),
    "431": (Answer(431), 8, "configuration is too large"),
    "html": (Answer(200, b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"}), 4, "not from MKA1"),
    "bad json": (Answer(200, b'{"token": "a.b.c", "url": '), 4, "not from MKA1"),
    "no url": (answer_json({"token": TOKEN}), 4, "no room address"),
    "no token": (answer_json({"url": "wss://gw.example"}), 4, "no room token"),
    "list": (answer_json([1]), 4, "not from MKA1"),
    "ws elsewhere": (answer_json({"token": TOKEN, "url": "ws://gw.example/x"}), 8, "Only https:// and wss://"),
    "strange url": (answer_json({"token": TOKEN, "url": "ftp://gw.example"}), 4, ""),
    "redirect": (Answer(307, headers={"Location": "http://127.0.0.1:9/elsewhere"}), 4, "redirect"),
    "control": (answer_json({"error": {"message": "\x1b[2Jgone\x07"}}, 401), 3, "\\x1b[2Jgone\\x07"),
}  # fmt: skip


@pytest.mark.parametrize("name", FINAL)
async def test_a_final_answer_ends_it_with_one_sentence(tmp_path: Path, name: str) -> None:
    answer, code, part = FINAL[name]
    async with HttpStub(answer) as stub:
        done = await Program(tmp_path, base_url=stub.base_url, key=KEY).run("converse", *ASK, "--transcript", "-")
        assert len(stub.seen) == 1
        assert stub.seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert done.code == code, done.err
    assert part in done.sentence, done.sentence
    assert done.err.count("\n") == 1  # and the same without a transcript, where errors are told as they come
    assert not set(done.out + done.err) & {"\x1b", "\x07"}
    assert KEY not in done.out + done.err
    error = next(line for line in done.objects if line["type"] == "error")
    assert (done.objects[-1]["type"], done.objects[-1]["exit"]) == ("summary", code)
    assert error["http_status"] == (answer.status if answer.status >= 300 else None)


TEMPORARY = {
    "429": (answer_json({"error": "Rate limit exceeded"}, 429), "rate_limited"),
    "500": (answer_json({"error": {"message": "oops"}}, 500), "service_error"),
    "502": (Answer(502, b"<html>Bad gateway</html>"), "service_error"),
    "503": (Answer(503), "service_error"),
    "504": (Answer(504), "timed_out"),
    "cut": (Answer(200, b'{"token": "a.b.c"', {"Content-Length": "500"}), "connection_cut"),
}


async def test_without_a_transcript_the_sentence_is_said_once(tmp_path: Path) -> None:
    async with HttpStub(answer_json({}, 401)) as stub:
        done = await Program(tmp_path, base_url=stub.base_url, key=KEY).run("converse", *ASK)
    assert (done.code, done.out, done.err) == (3, "", "MKA1 did not accept this key.\n")


async def test_people_are_told_of_each_trouble_as_it_comes(tmp_path: Path) -> None:
    async with rooms("no-greeting", "token-status=503:1", "error=rate_limited:llm:1") as demo:
        program = Program(tmp_path, base_url=demo.service.base_url, key=OWNER.key)
        done = await program.run("converse", *ASK, "--text", "What is one plus one?")
    assert done.code == 5
    assert done.err.splitlines() == [
        "MKA1 has a problem of its own. Trying again helps.",
        "The request limit is reached. Wait a moment, then ask again. (HTTP 429)",
        "1 of 2 inputs got no answer.",
    ]
    assert "MKA1: 1 plus 1 is 2." in done.out.splitlines()


@pytest.mark.parametrize("name", TEMPORARY)
async def test_a_temporary_failure_is_told_and_given_up_with_4_in_the_end(tmp_path: Path, name: str) -> None:
    answer, code = TEMPORARY[name]
    async with HttpStub(answer) as stub:
        result = await converse_here(tmp_path, stub.base_url, *ASK, key=KEY, patience=SOON)
        assert 1 <= len(stub.seen) <= 3
    assert result.code == 4
    assert result.sentence == result.of("error")[0]["message"]
    assert result.of("error")[0]["code"] == code
    assert result.of("input") == []


@pytest.mark.parametrize(
    ("faults", "least_s"),
    [
        (("token-status=500:1",), 0),
        (("token-status=429:1",), 1),
        (("token-status=429:1", "token-retry-after=2"), 2),
        (("token-html=1",), None),
        (("token-cut=1",), 0),
    ],
    ids=["500", "429", "429 with Retry-After", "html", "cut"],
)
async def test_a_good_answer_after_a_bad_one_is_taken(
    tmp_path: Path, faults: tuple[str, ...], least_s: float | None
) -> None:
    async with rooms("no-greeting", *faults) as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK)
    if least_s is None:  # a web page is no service in trouble: nothing to wait for
        assert result.code == 4
        return
    assert result.code == 0
    assert result.answer()["text"] == "2 plus 2 is 4."
    failed = result.of("error")[0]["t"]
    assert next(line["t"] for line in result.of("session") if line["event"] == "token") - failed >= least_s


@pytest.mark.parametrize("name", ["roomName", "room_name", "none"])
async def test_the_room_s_name_may_be_called_as_it_likes(tmp_path: Path, name: str) -> None:
    async with rooms("no-greeting", f"token-room-name-key={name}") as demo:
        result = await converse_here(tmp_path, demo.service.base_url, *ASK)
    assert result.code == 0


async def test_a_language_that_is_refused_is_left_out(tmp_path: Path) -> None:
    refused = answer_json({"error": {"message": "unknown field language"}}, 400)
    async with HttpStub(refused, answer_json({}, 401)) as stub:
        done = await Program(tmp_path, base_url=stub.base_url, key=KEY).run("converse", *ASK, "--language", "pt")
        assert [b"language" in request.body for request in stub.seen] == [True, False]
    assert done.code == 8


@pytest.mark.parametrize("path", ["/", "/v2/gateway", "/v2/gateway/"])
async def test_a_base_url_with_a_path_or_a_slash_is_kept(tmp_path: Path, path: str) -> None:
    async with HttpStub(answer_json({}, 401)) as stub:
        done = await Program(tmp_path, key=KEY).run("converse", *ASK, "--base-url", stub.base_url + path)
        assert stub.seen[0].path == path.rstrip("/") + "/api/v1/llm/speech/livekit/token"
    assert done.code == 3


async def test_on_behalf_of_is_a_header_and_empty_is_none(tmp_path: Path) -> None:
    async with HttpStub(answer_json({}, 401)) as stub:
        program = Program(tmp_path, base_url=stub.base_url, key=f"Bearer {KEY}", MKA1_ON_BEHALF_OF="user-1")
        await program.run("converse", *ASK)
        await program.run("--on-behalf-of", "user-2", "converse", *ASK)
        await program.run("converse", *ASK, environment={"MKA1_ON_BEHALF_OF": ""})
        assert [request.headers.get("x-on-behalf-of") for request in stub.seen] == ["user-1", "user-2", None]
        assert {request.headers["authorization"] for request in stub.seen} == {f"Bearer {KEY}"}


# --- no way to the service at all ---------------------------------------------------------------------------------


async def test_a_name_that_does_not_exist(tmp_path: Path) -> None:
    result = await converse_here(tmp_path, "https://no-such-host.invalid", *ASK, key=KEY, patience=SOON)
    assert result.code == 4
    assert result.sentence == "The name of the service cannot be found. Check the network and the base URL."


async def test_a_port_where_nobody_listens(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    result = await converse_here(tmp_path, f"http://127.0.0.1:{port}", *ASK, key=KEY, patience=SOON)
    assert result.code == 4
    assert result.sentence == "MKA1 cannot be reached. Check the network connection."


async def test_a_service_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    async with HttpStub(Answer(raw=b"", hang=True)) as stub:
        result = await converse_here(tmp_path, stub.base_url, *ASK, key=KEY, patience=SOON)
    assert result.code == 4
    assert result.sentence


async def test_a_certificate_of_an_unknown_authority_ends_it_and_a_known_one_does_not(tmp_path: Path) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    async with HttpStub(answer_json({}, 401), tls=tls) as stub:
        program = Program(tmp_path, base_url=stub.base_url, key=KEY)
        refused = await program.run("converse", *ASK)
        assert stub.seen == []
        trusted = await program.run("converse", *ASK, environment={"SSL_CERT_FILE": str(bundle)})
        assert len(stub.seen) == 1
    assert refused.code == 4
    assert refused.sentence == "The secure connection failed: the certificate is not trusted here."
    assert trusted.code == 3


async def test_a_proxy_that_refuses_is_named(tmp_path: Path) -> None:
    async with HttpStub(Answer(407)) as proxy:
        program = Program(tmp_path, base_url="https://gw.example", key=KEY, HTTPS_PROXY=proxy.base_url)
        done = await program.run("converse", *ASK)
        assert proxy.seen[0].method == "CONNECT"
        assert KEY not in str(proxy.seen)
    assert done.code == 4
    assert done.sentence.startswith("The proxy refused the connection.")
