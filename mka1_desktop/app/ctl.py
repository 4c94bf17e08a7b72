"""The `ctl` command: one request to the running app, its answer as text or JSON."""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from mka1_desktop.app.control_socket import pipe_name, socket_address, socket_folder, socket_name
from mka1_desktop.app.control_wire import request
from mka1_desktop.app.exit_codes import TURN_ERRORS, Exit, exit_for
from mka1_desktop.app.json_line import json_line
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.plain import plain

LIMIT_S = 5.0
LIMITS_S = {"session start": 20.0, "say": 60.0}
ANSWER_LIMIT_B = 1_000_000


def fields_of(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the request's fields of a parsed command."""
    match arguments.verb:
        case "talk" | "mute" | "session":
            return {"what": arguments.what}
        case "say":
            return {"text": arguments.text}
        case "state":
            return {"follow": True} if arguments.follow else {}
        case _:
            return {}


def limit_of(arguments: argparse.Namespace) -> float | None:
    """How long the answer may take, seconds; None for a stream."""
    if arguments.verb == "state" and arguments.follow:
        return None
    words = f"{arguments.verb} {getattr(arguments, 'what', '')}".strip()
    return LIMITS_S.get(words, LIMIT_S)


def run_ctl(arguments: argparse.Namespace, *, data_dir: Path, out: TextIO) -> tuple[Exit, str]:
    """Ask the running app of this data folder; returns exit code and sentence. Raises AppError(NOT_RUNNING)."""
    line = request(arguments.verb, fields_of(arguments))
    last: dict[str, object] = {}
    try:
        for answer in _ask(data_dir, line, limit_of(arguments)):
            last = answer
            _show(answer, arguments, out)
    except TimeoutError:
        return Exit.UNREACHABLE, "The app did not answer in time."
    if not last:
        raise AppError(Code.NOT_RUNNING)
    if last.get("ok") is True:
        unanswered = arguments.verb == "say" and last.get("text") is None
        return (Exit.UNANSWERED, "No answer came.") if unanswered else (Exit.DONE, "Done.")
    code, message = refused(last)
    if code is Code.BAD_MESSAGE:
        return Exit.USAGE, message
    if arguments.verb == "say" and code in TURN_ERRORS:
        return Exit.UNANSWERED, message
    return exit_for(code), message


def refused(answer: dict[str, object]) -> tuple[Code, str]:
    """Return code and sentence of an answer that is not ok."""
    error = answer.get("error")
    found = error if isinstance(error, dict) else {}
    code = {c.value: c for c in Code}.get(str(found.get("code", "")), Code.UNKNOWN)
    return code, plain(str(found.get("message", "It did not work.")))


def _ask(data_dir: Path, line: bytes, limit_s: float | None) -> Iterator[dict[str, object]]:
    """Yield each answer, none when the app ends meanwhile. Raises TimeoutError, AppError(NOT_RUNNING | BAD_ANSWER)."""
    with _connected(data_dir, limit_s) as (send, answers):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # refused before it was read: the answer says
            send(line)
        while answer := _next(answers):
            yield _object(answer)
            if limit_s is not None:
                return


def _next(answers: BinaryIO) -> bytes:
    try:
        return answers.readline(ANSWER_LIMIT_B)
    except ConnectionResetError:
        return b""


def _object(answer: bytes) -> dict[str, object]:
    try:
        body = json.loads(answer)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise AppError(Code.BAD_ANSWER, message="The app's answer was not understood.")
    return body


@contextlib.contextmanager
def _connected(data_dir: Path, limit_s: float | None) -> Iterator[tuple[Callable[[bytes], object], BinaryIO]]:
    """Yield what sends and what answers."""
    if sys.platform == "win32":
        try:
            with Path(rf"\\.\pipe\{pipe_name(data_dir)}").open("r+b", buffering=0) as pipe:
                yield pipe.write, cast(BinaryIO, pipe)
        except FileNotFoundError:
            raise AppError(Code.NOT_RUNNING) from None
        return
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as connection:
        connection.settimeout(limit_s)
        try:
            with socket_address(socket_folder(create=False), f"{socket_name(data_dir)}.sock") as address:
                connection.connect(address)
        except (OSError, AppError):
            raise AppError(Code.NOT_RUNNING) from None
        with connection.makefile("rb") as answers:
            yield connection.sendall, cast(BinaryIO, answers)


def _show(answer: dict[str, object], arguments: argparse.Namespace, out: TextIO) -> None:
    if arguments.json or (arguments.verb == "state" and arguments.follow):
        out.write(json_line(answer))
    elif answer.get("ok") is True:
        text = _words(answer, arguments)
        if text:
            out.write(text + "\n")
    out.flush()


def _words(answer: dict[str, object], arguments: argparse.Namespace) -> str:
    if arguments.verb == "say":
        return plain(str(answer.get("text") or ""))
    if arguments.verb == "state":
        return plain(str(answer.get("state")))
    return ""


def set_in_running_app(data_dir: Path, key: str, value: object) -> bool:
    """Hand a changed setting to the running app; True when it took and stored it, False without one.

    Raises AppError when the app refused it.
    """
    try:
        answer = ask_once(data_dir, "setting", {"key": key, "value": value})
    except (AppError, OSError):
        return False
    if answer.get("ok") is True:
        return True
    _, message = refused(answer)
    raise AppError(Code.BAD_SETTING, message=message)


def ask_once(data_dir: Path, verb: str, fields: dict[str, object]) -> dict[str, object]:
    """Return the running app's answer to one request. Raises AppError(NOT_RUNNING), OSError, TimeoutError."""
    for answer in _ask(data_dir, request(verb, fields), LIMIT_S):
        return answer
    raise AppError(Code.NOT_RUNNING)
