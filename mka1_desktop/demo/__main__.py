"""`python -m mka1_desktop.demo`: the demo service as a process of its own.

The first line on standard output, when it listens: {"base_url", "api_key", "pid"}.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence

from mka1_desktop.demo.captions import Channels
from mka1_desktop.demo.faults import FAULTS, FaultError, Faults
from mka1_desktop.demo.rooms import RoomOptions
from mka1_desktop.demo.service import Service, ServiceOptions
from mka1_desktop.demo.settings import TOKEN_TTL_S, DemoSettings, new_key

MAX_TTL_S = 86_400.0
EXIT_PORT = 4


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mka1-desktop demo-service", allow_abbrev=False,
        description="A stand-in for the MKA1 service, on this computer only.",
    )  # fmt: skip
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0: any free one")
    parser.add_argument("--token-ttl", type=float, default=TOKEN_TTL_S, metavar="S", help="life of a voice token")
    parser.add_argument("--enforce-ttl", action="store_true", help="rooms end when their token ends")
    parser.add_argument("--echo", action="store_true", help="the agent sends the microphone back")
    parser.add_argument(
        "--captions", choices=[str(c) for c in Channels], default=str(Channels.BOTH), help="caption channels"
    )
    parser.add_argument("--cors", action="store_true", help="let web pages use the service")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[=VALUE]", help="misbehave")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the program that started it")
    parser.add_argument("--list-faults", action="store_true", help="name all faults and end")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the service until SIGTERM or SIGINT. Returns the exit code."""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.list_faults:
        _tell(
            "\n".join(f"{name}{'' if about.startswith(('=', '[')) else '  '}{about}" for name, about in FAULTS.items())
        )
        return 0
    try:
        faults = Faults.parse(given.fault)
    except FaultError as error:
        parser.error(str(error))
    if not 0 <= given.port <= 65_535:
        parser.error("The port must be between 0 and 65535.")
    if not 0 < given.token_ttl <= MAX_TTL_S:
        parser.error("The life of a token must be more than 0 and at most 86400 seconds.")
    options = ServiceOptions(
        settings=DemoSettings(keys=(new_key(),), token_ttl_s=given.token_ttl, cors=given.cors),
        rooms=RoomOptions(enforce_ttl=given.enforce_ttl, echo=given.echo),
        channels=Channels(given.captions),
        port=given.port,
    )
    return asyncio.run(_serve(options, faults, until_stdin_closes=given.until_stdin_closes))


async def _serve(options: ServiceOptions, faults: Faults, *, until_stdin_closes: bool) -> int:
    stop = asyncio.Event()
    _on_signals(stop)
    if until_stdin_closes:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_wait_for_end, args=(loop, stop), name="standard input", daemon=True).start()
    try:
        async with Service(options, faults) as service:
            hello = {"base_url": service.base_url, "api_key": options.settings.keys[0], "pid": os.getpid()}
            _tell(json.dumps(hello))
            await stop.wait()
    except OSError as error:
        sys.stderr.write(f"The demo service cannot listen on port {options.port}: {error.strerror}.\n")
        return EXIT_PORT
    return 0


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows ends processes without asking
            loop.add_signal_handler(number, stop.set)


def _wait_for_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Block until standard input ends, as it does when the other program is gone, however it went."""
    while sys.stdin.buffer.read(1024):
        pass
    with contextlib.suppress(RuntimeError):  # the loop is closed already
        loop.call_soon_threadsafe(stop.set)


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # aiortc's decoder threads are no daemons: one that was left over would keep the process for ever.
    os._exit(code)
