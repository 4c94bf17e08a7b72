"""The `converse` command: reads and checks everything first, then talks."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from mka1_desktop.adapters.history_owners import owners_of
from mka1_desktop.app.account import Account
from mka1_desktop.app.answers import AnswerBook
from mka1_desktop.app.converse_run import PATIENCE, ConverseRun, Input, Outcome, Patience
from mka1_desktop.app.exit_codes import Exit, exit_for
from mka1_desktop.app.kit import Kit, build_kit
from mka1_desktop.app.options import say
from mka1_desktop.app.paths import Paths
from mka1_desktop.app.spoken import Spoken
from mka1_desktop.app.transcript import Transcript
from mka1_desktop.domain.conversation import NOTHING, UNTITLED, Continuation, Identity, Opened, title_from
from mka1_desktop.domain.errors import AppError, Code, Trouble
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.request import RequestWarning, SessionRequest, build_request, split_continuation
from mka1_desktop.domain.settings import Settings
from mka1_desktop.domain.text import checked_text
from mka1_desktop.session.opener import METADATA

JSON_LIMIT_B = 1_000_000
NEW_LIMIT_S = 10.0  # to make a conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that `converse` was asked for, read and checked; nothing has been sent."""

    inputs: tuple[Input, ...]
    llm: Mapping[str, object]
    stt: Mapping[str, object]
    continuation: Continuation
    arguments: argparse.Namespace
    settings: Settings
    warnings: tuple[RequestWarning, ...] = ()

    @property
    def opens(self) -> bool | None:
        """Whether a thread that is kept begins with a conversation, or as a chain; None: it has its beginning."""
        if self.continuation or self.arguments.new_conversation:
            return None
        return self.settings.text("thread.kind") == "conversation"

    @property
    def title(self) -> str:
        """Of a new conversation: the first words that are typed."""
        return next((title_from(one.text) for one in self.inputs if one.text is not None), UNTITLED)

    def request(self, continuation: Continuation) -> tuple[SessionRequest, tuple[RequestWarning, ...]]:
        """Build the token request of one session. Raises AppError for our own checks."""
        a = self.arguments
        return build_request(
            model=a.model, instructions=a.instructions, language=a.language, silence_timeout_ms=a.silence_timeout_ms,
            initial_silence_timeout_ms=a.initial_silence_timeout_ms, continuation=continuation, llm_extra=self.llm,
            stt_extra=self.stt, allow_large=a.allow_large, settings=self.settings,
        )  # fmt: skip


def plan(arguments: argparse.Namespace, settings: Settings) -> Plan:
    """Read the inputs and check the request. Raises AppError: BAD_FILE, TEXT_*, BAD_REQUEST, TOO_LARGE, ..."""
    if not arguments.inputs:
        raise AppError(Code.BAD_SETTING, message="Say what to send: --in WAV or --text TEXT.")
    inputs = tuple(_input(kind, value) for kind, value in arguments.inputs)
    llm, chosen = split_continuation(_json_object(arguments.llm_json))
    flags = Continuation(conversation_id=arguments.conversation, response_id=arguments.continue_from)
    made = Plan(
        inputs=inputs, llm=llm, stt=_json_object(arguments.stt_json),
        continuation=NOTHING if arguments.new_conversation else flags or chosen,
        arguments=arguments, settings=settings,
    )  # fmt: skip
    _, warnings = made.request(made.continuation)
    return replace(made, warnings=warnings)


def _input(kind: str, value: str) -> Input:
    if kind == "text":
        return Input(text=checked_text(value))
    from mka1_desktop.adapters.wav_read import read_wav  # noqa: PLC0415 - numpy and the resampler load here only

    return Input(file=value, samples=read_wav(value))


def _json_object(path: str | None) -> dict[str, object]:
    if path is None:
        return {}
    try:
        with Path(path).open("rb") as file:
            raw = file.read(JSON_LIMIT_B + 1)
        body = json.loads(raw) if len(raw) <= JSON_LIMIT_B else None
    except (OSError, ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise AppError(Code.BAD_FILE, message=f"{Path(path).name} is not a JSON object.")
    return body


@dataclass(slots=True, eq=False)
class Stopper:
    """Ends the conversation from outside: the task that holds it is cancelled, and saves what was said."""

    task: asyncio.Task[object] | None = None
    code: Exit | None = None

    def stop(self, code: Exit) -> None:
        if self.code is None and self.task is not None:
            self.task.cancel()  # once: a second signal must not cut short the saving
        self.code = self.code or code


async def converse(
    made: Plan,
    account: Account,
    *,
    paths: Paths,
    out: TextIO,
    redactor: Redactor,
    stopper: Stopper,
    patience: Patience = PATIENCE,
) -> tuple[Outcome, str | None]:
    """Hold the conversation; returns how it ended, and the sentence for people unless it has just been told.

    Raises AppError: OTHER_IDENTITY before anything is sent, BAD_FILE, and those of the history.
    """
    arguments = made.arguments
    await _check_owner(paths.history, made.continuation, account.identity)
    to_stdout = arguments.transcript == "-" or (arguments.json and arguments.transcript is None)
    with _opened(None if to_stdout else arguments.transcript) as file:
        kit = await build_kit(
            account=account, request_for=lambda c: made.request(c)[0], redactor=redactor,
            recording=arguments.out, history=paths.history if arguments.save else None, opens=made.opens,
        )  # fmt: skip
        transcript = Transcript(
            out if to_stdout else file, now=kit.clock.monotonic, clean=redactor.redact,
            saved=kit.recorder.flush if kit.recorder is not None else None,
        )  # fmt: skip
        spoken = Spoken(out, tell=lambda text: say(redactor.redact(text), Exit.DONE))
        if not to_stdout:
            kit.controller.watch(spoken)
        outcome = await _talk(made, kit, transcript, stopper, patience)
    sentence = _sentence(outcome, made)
    return outcome, None if sentence == spoken.told else sentence


async def _check_owner(history: Path, continuation: Continuation, identity: Identity) -> None:
    """Refuse what local history knows as somebody else's: the service would not find it (API reference 1)."""
    owners = await owners_of(history, continuation)
    if owners and identity not in owners:
        raise AppError(
            Code.OTHER_IDENTITY,
            message="This conversation belongs to another key or user. Leave the option out to start a new one here.",
        )


async def _begin(made: Plan, kit: Kit) -> Trouble | None:
    """Show the controller what it goes on from; a conversation that was asked for by name is made first.

    Returns why there is none.
    """
    going_on = made.continuation
    if made.arguments.new_conversation:
        try:
            found = await kit.api.conversations.create({**METADATA, "title": made.title}, limit_s=NEW_LIMIT_S)
        except AppError as error:
            kit.controller.notice(error.trouble)
            return error.trouble
        going_on = Continuation(conversation_id=found.id)
    kit.controller.open_thread((), continuation=going_on)
    if kit.recorder is not None and going_on.conversation_id:
        kit.recorder.began_with(Opened(continuation=going_on))
    return None


async def _talk(made: Plan, kit: Kit, transcript: Transcript, stopper: Stopper, patience: Patience) -> Outcome:
    controller, player = kit.controller, kit.file_sound()
    book = AnswerBook()
    controller.watch(transcript)
    controller.watch(book)
    controller.open_thread((), continuation=made.continuation)  # the summary tells of it, whatever happens
    if kit.warning is not None:
        controller.notice(kit.warning)
    run = ConverseRun(
        controller=controller, book=book, player=player, transcript=transcript, clock=kit.clock,
        answer_timeout_s=made.arguments.answer_timeout, wait_greeting=not made.arguments.no_wait_greeting,
        patience=patience,
    )  # fmt: skip
    outcome = Outcome(Exit.DEFECT, None, 0)
    try:
        async with kit.running():
            trouble = await _begin(made, kit)
            outcome = await run.run(made.inputs) if trouble is None else Outcome(exit_for(trouble.code), trouble, 0)
    except AppError as error:  # the recording could not be written
        outcome = Outcome(exit_for(error.code), error.trouble, run.answered)
        raise
    except asyncio.CancelledError:
        outcome = Outcome(stopper.code or Exit.INTERRUPTED, None, run.answered)
        raise
    finally:
        transcript.close()
        going_on = controller.session.continuation
        transcript.line(
            "summary", inputs=len(made.inputs), answered=run.answered, sessions=transcript.number,
            response_id=book.last_response_id, conversation_id=going_on.conversation_id,
            out_seconds=round(player.recorded_s, 3), exit=int(outcome.exit),
        )  # fmt: skip
    return outcome


@contextlib.contextmanager
def _opened(path: str | None) -> Iterator[TextIO | None]:
    """Open the transcript file, readable by its owner only. Raises AppError(BAD_FILE)."""
    if path is None:
        yield None
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        if os.name == "posix" and stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)  # it may have been there with another mode; never of a device or pipe
    except OSError:
        raise AppError(Code.BAD_FILE, message="The transcript file cannot be written.") from None
    file = os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")
    try:
        yield file
    finally:
        with contextlib.suppress(OSError):  # what a full disk did not take; the conversation counts
            file.close()


def _sentence(outcome: Outcome, made: Plan) -> str:
    if outcome.trouble is not None:
        return outcome.trouble.text
    missing = len(made.inputs) - outcome.answered
    if missing:
        return f"{missing} of {len(made.inputs)} inputs got no answer."
    return f"{outcome.answered} of {len(made.inputs)} inputs answered."
