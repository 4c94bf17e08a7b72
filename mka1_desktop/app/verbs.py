"""The verbs of the control socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeAlias

from mka1_desktop.app.desk import Desk
from mka1_desktop.domain.errors import AppError, Code

Fields: TypeAlias = Mapping[str, object]
SESSION_LIMIT_S = 19.0  # the contract's limits less a second, so that the answer is ours and not a time-out
ANSWER_LIMIT_S = 59.0


class Verbs:
    """Answers one request at a time for each connection; raises AppError for what is refused."""

    def __init__(
        self, desk: Desk, *, show: Callable[[], None], quit_app: Callable[[], None], closing: Callable[[], bool]
    ) -> None:
        self._closing = closing
        self._desk = desk
        self._show = show
        self._quit = quit_app

    async def __call__(self, verb: str, fields: dict[str, object]) -> Fields | AsyncIterator[Fields]:
        match verb:
            case "state":
                follow = _flag(fields, "follow")
                return self._desk.report.follow() if follow else self._desk.report.state()
            case "talk":
                self._desk.talk(_word(fields, "what", ("start", "stop", "toggle")))
            case "mute":
                self._mute(_word(fields, "what", ("on", "off", "toggle")))
            case "session":
                await self._session(_word(fields, "what", ("start", "end")))
            case "say":
                return await self._say(_text(fields))
            case "start":
                self._start(fields)
            case "setting":
                value = self._desk.set_setting(_string(fields, "key"), _value(fields))
                return {"key": fields["key"], "value": value}
            case "stop" | "show" | "quit":
                _none(fields)
                {"stop": self._desk.stop, "show": self._show, "quit": self._quit}[verb]()
            case _:
                raise AppError(Code.BAD_MESSAGE, message="There is no such verb.")
        return {"state": self._desk.session.shown.value}

    def _start(self, fields: Fields) -> None:
        """A second start: show, unless it asks for another app than this.

        Raises AppError: ALREADY_RUNNING with other options; NOT_RUNNING while this one ends, so that the second one
        takes its place.
        """
        if self._closing():
            raise AppError(Code.NOT_RUNNING)
        _only(fields, "hidden", "demo", "base_url", "on_behalf_of")
        hidden, demo = _is_on(fields, "hidden"), _is_on(fields, "demo")
        base_url, user = _maybe(fields, "base_url"), _maybe(fields, "on_behalf_of")
        accounts = self._desk.report.accounts
        if accounts is not None and accounts.differs(demo=demo, base_url=base_url, on_behalf_of=user):
            raise AppError(Code.ALREADY_RUNNING)
        if not hidden:
            self._show()

    def _mute(self, what: str) -> None:
        muted = self._desk.session.muted
        self._desk.set_muted(not muted if what == "toggle" else what == "on")

    async def _session(self, what: str) -> None:
        if what == "end":
            self._desk.controller.hang_up_now()  # over when the command returns
            return
        self._desk.connect()
        try:
            async with asyncio.timeout(SESSION_LIMIT_S):
                await self._desk.until_ready()
        except TimeoutError:
            raise AppError(Code.TIMED_OUT) from None

    async def _say(self, text: str) -> Fields:
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                answer = await self._desk.ask(text)
                await self._desk.recorder.flush()  # what is told as said is kept
        except TimeoutError:
            raise AppError(Code.TIMED_OUT) from None
        thread = self._desk.recorder.thread
        return {
            "thread": thread.id if thread else None,
            "response_id": answer.response_ids[-1] if answer.response_ids else None,
            "text": answer.text if answer.answered else None,
            "complete": answer.complete,
        }


def _only(fields: Fields, *names: str) -> None:
    unknown = sorted(set(fields) - set(names))
    if unknown:
        raise AppError(Code.BAD_MESSAGE, message=f"There is no field named {unknown[0][:40]!r} here.")


def _none(fields: Fields) -> None:
    _only(fields)


def _word(fields: Fields, name: str, allowed: tuple[str, ...]) -> str:
    _only(fields, name)
    value = fields.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise AppError(Code.BAD_MESSAGE, message=f"{name} must be one of: {', '.join(allowed)}.")
    return value


def _flag(fields: Fields, name: str) -> bool:
    _only(fields, name)
    return _is_on(fields, name)


def _is_on(fields: Fields, name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise AppError(Code.BAD_MESSAGE, message=f"{name} must be true or false.")
    return value


def _text(fields: Fields) -> str:
    _only(fields, "text")
    return _string(fields, "text")


def _string(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise AppError(Code.BAD_MESSAGE, message=f"{name} must be a text.")
    return value


def _maybe(fields: Fields, name: str) -> str | None:
    return None if fields.get(name) is None else _string(fields, name)


def _value(fields: Fields) -> object:
    _only(fields, "key", "value")
    return fields.get("value")
