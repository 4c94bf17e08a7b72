"""Faults of the network against a real loopback server: time limits, names, certificates, proxies."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from mka1_desktop.adapters.api_httpx import HttpxApi
from mka1_desktop.adapters.api_transport import TimeLimits, explained
from mka1_desktop.domain.errors import AppError, Code
from tests.support.api_client import (
    GRANT,
    KEY,
    MODELS,
    PATIENT,
    QUICK,
    REQUEST,
    TOKEN,
    client,
    failure,
    without_proxy,
)
from tests.support.http_stub import Answer, HttpStub


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxy(monkeypatch)


# -- faults of the network ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [Answer(raw=b"", hang=True), Answer(200, GRANT.body, cut=80, hang=True)],
    ids=["no answer", "half an answer"],
)
async def test_a_service_that_does_not_answer_is_given_up(answer: Answer) -> None:
    async with HttpStub(answer) as stub:
        assert (await failure(stub, limits=QUICK)).code is Code.TIMED_OUT


async def test_a_whole_call_has_a_limit_too() -> None:
    async with HttpStub(Answer(raw=b"", hang=True)) as stub:
        limits = TimeLimits(connect=30.0, read=30.0, total=0.2)
        assert (await failure(stub, limits=limits)).code is Code.TIMED_OUT


async def test_nobody_listens() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: the port is refused, and nobody else gets it
        async with client(f"http://127.0.0.1:{closed.getsockname()[1]}") as api:
            with pytest.raises(AppError) as caught:
                await api.models()
    assert caught.value.code is Code.OFFLINE


async def test_a_name_that_cannot_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)  # the network stays out of the tests
    async with client("https://nowhere.invalid") as api:
        with pytest.raises(AppError) as caught:
            await api.models()
    assert caught.value.code is Code.DNS


@pytest.mark.parametrize(
    ("error", "proxied", "code"),
    [
        (httpx.ConnectTimeout("x"), False, Code.TIMED_OUT),
        (httpx.PoolTimeout("x"), False, Code.TIMED_OUT),
        (httpx.WriteError("x"), False, Code.CUT),
        (httpx.ReadError("x"), True, Code.CUT),
        (httpx.ConnectError("x"), True, Code.PROXY),
        (httpx.ProxyError("x"), True, Code.PROXY),
        (httpx.UnsupportedProtocol("x"), False, Code.BAD_ANSWER),
    ],
)
def test_other_failures_of_the_transport(error: httpx.TransportError, proxied: bool, code: Code) -> None:
    assert explained(error, proxied=proxied).code is code


# -- certificates ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """The private authority, trusted through SSL_CERT_FILE."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


async def test_a_private_authority_is_refused(server_tls: ssl.SSLContext) -> None:
    async with HttpStub(GRANT, tls=server_tls) as stub:
        assert (await failure(stub)).code is Code.TLS
        assert stub.seen == []


@pytest.mark.usefixtures("trusted")
async def test_a_private_authority_is_accepted_through_ssl_cert_file(server_tls: ssl.SSLContext) -> None:
    async with HttpStub(GRANT, tls=server_tls) as stub, client(stub.base_url) as api:
        assert (await api.fetch_grant(REQUEST)).token == TOKEN


async def test_a_certificate_for_another_name_is_refused(trusted: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.issue_cert("other.example").configure_cert(context)
    async with HttpStub(GRANT, tls=context) as stub:
        assert (await failure(stub)).code is Code.TLS


async def test_a_service_without_tls_behind_https_is_a_tls_failure() -> None:
    finished = asyncio.Event()

    async def answer_in_plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()  # until the client goes away
        writer.close()
        finished.set()

    server = await asyncio.start_server(answer_in_plain, "127.0.0.1", 0)
    async with server, client(f"https://localhost:{server.sockets[0].getsockname()[1]}") as api:
        with pytest.raises(AppError) as caught:
            await api.models()
        await finished.wait()
    assert caught.value.code is Code.TLS


@pytest.mark.parametrize(
    ("answer", "limits", "code"),
    [
        (Answer(raw=b"", hang=True), QUICK, Code.TIMED_OUT),
        (Answer(200, GRANT.body, cut=80, hang=True), QUICK, Code.TIMED_OUT),
        (Answer(raw=b""), PATIENT, Code.CUT),
        (Answer(200, GRANT.body, cut=80), PATIENT, Code.CUT),
        (Answer(200, GRANT.body, cut=80, abort=True), PATIENT, Code.CUT),
    ],
)
@pytest.mark.usefixtures("trusted")
async def test_other_faults_under_tls_are_not_blamed_on_the_certificate(
    answer: Answer, limits: TimeLimits, code: Code, server_tls: ssl.SSLContext
) -> None:
    async with HttpStub(answer, tls=server_tls) as stub:
        assert (await failure(stub, limits=limits)).code is code


async def test_a_handshake_that_never_ends_is_given_up_as_slow() -> None:
    async with HttpStub(GRANT) as stub, client(f"https://localhost:{stub.port}", limits=QUICK) as api:
        with pytest.raises(AppError) as caught:  # the stub waits for the end of a request that is none
            await api.models()
    assert caught.value.code is Code.TIMED_OUT


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_certificate_file_that_cannot_be_read_is_said_at_once(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(AppError) as caught:
        await HttpxApi.open(base_url="https://gw.example", key=KEY)
    assert caught.value.code is Code.TLS
    assert "SSL_CERT_FILE" in str(caught.value.trouble.message)


# -- proxies --------------------------------------------------------------------------------------


async def through_proxy(monkeypatch: pytest.MonkeyPatch, proxy: str) -> AppError:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    async with client("https://gw.example") as api:
        with pytest.raises(AppError) as caught:
            await api.models()
    return caught.value


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_that_refuses(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async with HttpStub(Answer(status)) as proxy:
        error = await through_proxy(monkeypatch, f"http://user:hush@127.0.0.1:{proxy.port}")
    assert error.code is Code.PROXY
    (seen,) = proxy.seen
    assert (seen.method, seen.path) == ("CONNECT", "gw.example:443")
    assert "authorization" not in seen.headers  # the key is for the service alone
    assert KEY not in repr(seen)


async def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        error = await through_proxy(monkeypatch, f"127.0.0.1:{closed.getsockname()[1]}")
    assert error.code is Code.PROXY


async def test_a_tunnel_with_an_untrusted_certificate_behind_it(
    server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with HttpStub(GRANT, tls=server_tls) as service, tunnel(service.port) as port:
        assert (await through_proxy(monkeypatch, f"http://127.0.0.1:{port}")).code is Code.TLS


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "gopher://127.0.0.1:9", "http://127.0.0.1:port"])
async def test_a_proxy_of_another_kind_is_refused_at_once(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(AppError) as caught:
        await HttpxApi.open(base_url="https://gw.example", key=KEY)
    assert caught.value.code is Code.PROXY


async def test_what_runs_on_this_machine_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with HttpStub(MODELS) as stub, client(stub.base_url) as api:
        assert await api.models()


async def test_a_host_can_be_left_out_of_the_proxy(trusted: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.org,.gw.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.issue_cert("a.gw.example").configure_cert(context)
    loop = asyncio.get_running_loop()
    local = await loop.getaddrinfo("127.0.0.1", 443, type=socket.SOCK_STREAM)
    async with HttpStub(MODELS, tls=context) as stub:

        async def resolve(*_: object, **__: object) -> object:
            return [(*local[0][:4], ("127.0.0.1", stub.port))]

        monkeypatch.setattr(loop, "getaddrinfo", resolve)
        async with client(f"https://a.gw.example:{stub.port}") as api:
            assert await api.models()


@asynccontextmanager
async def tunnel(port: int) -> AsyncIterator[int]:
    """A proxy that opens a tunnel to a loopback port, whatever it was asked for; yields its own port."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while part := await reader.read(65536):
                writer.write(part)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(copy(reader, inner_writer))
            tasks.create_task(copy(inner_reader, writer))
        finished.set()

    finished = asyncio.Event()  # the one tunnel of a test is closed at both ends
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await finished.wait()
