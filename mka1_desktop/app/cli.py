"""Every command: reads the command line, builds what the command needs, returns its exit code.

Heavy libraries are imported by the command that uses them, so that `ctl` and the first paint stay quick.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import subprocess
import sys
from collections.abc import Sequence

from mka1_desktop.app.crash import CrashReports
from mka1_desktop.app.exit_codes import Exit, exit_for
from mka1_desktop.app.logs import start_logging, stop_logging
from mka1_desktop.app.options import UsageError, parse, say
from mka1_desktop.app.paths import Paths, find_paths
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.redact import Redactor

REDACTOR = Redactor()


def run(arguments: Sequence[str]) -> int:
    """Run one command; never raises but SystemExit of --help and --version."""
    _write_utf8()
    try:
        return _run(arguments)
    except BrokenPipeError:  # whoever read our output has enough of it: `history list | head`
        return int(Exit.DONE)
    finally:
        _let_go_of_output()


def _write_utf8() -> None:
    """Data is UTF-8 on every system, and no character of a service can stop it."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # None in a Windows program without a console
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def _let_go_of_output() -> None:
    """Flush now; what a closed pipe does not take must not become an error when the interpreter ends."""
    if not isinstance(sys.stdout, io.TextIOWrapper):
        return
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def _run(arguments: Sequence[str]) -> int:
    try:
        options = parse(arguments)
    except UsageError as error:
        return say(str(error), Exit.USAGE)
    if options.command == "demo-service":
        return _demo_service(options)
    key = os.environ.get("MKA1_API_KEY")
    if key:
        REDACTOR.register(key.strip())
    try:
        if options.account is not None:
            from mka1_desktop.app.wanted import check_account_name  # noqa: PLC0415

            check_account_name(options.account)
        paths = find_paths(options.data_dir)
        return _logged(options, paths)
    except AppError as error:
        return say(REDACTOR.redact(error.trouble.text), exit_for(error.code))
    except KeyboardInterrupt:
        return say("Interrupted.", Exit.INTERRUPTED)


def _logged(options: argparse.Namespace, paths: Paths) -> int:
    """Run the command with log and crash reports; a defect is one sentence, its details are in the report."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries must not write to standard error
    if options.command == "ctl":
        return _ctl(options, paths)
    reports = CrashReports(folder=paths.data, redactor=REDACTOR, tell=lambda _: None)
    handler = start_logging(paths.log, REDACTOR) if _prepared(paths) else logging.NullHandler()
    try:
        return _dispatch(options, paths, reports)
    except (AppError, KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - the last net of the command line: reported, and said in one sentence
        reports.report(error, where=str(options.command or "app"))
        return say("Something went wrong in the app itself. A report is in the data folder.", Exit.DEFECT)
    finally:
        stop_logging(handler)


def _prepared(paths: Paths) -> bool:
    """Whether the data folder can be used; without it there is no log, and nothing else is lost by that."""
    try:
        paths.prepare()
    except AppError:
        return False
    return True


def _dispatch(options: argparse.Namespace, paths: Paths, reports: CrashReports) -> int:
    match options.command:
        case "converse":
            from mka1_desktop.app.cli_converse import run_converse  # noqa: PLC0415

            return run_converse(options, paths, REDACTOR)
        case "history" | "key" | "settings":
            from mka1_desktop.app.cli_short import run_short  # noqa: PLC0415

            return run_short(options, paths, REDACTOR)
        case "devices":
            from mka1_desktop.app.cli_devices import run_devices  # noqa: PLC0415

            return run_devices(options, paths)
        case _:
            from mka1_desktop.app.plain_imports import keep_imports_plain  # noqa: PLC0415

            keep_imports_plain()
            from mka1_desktop.app.main import run_app  # noqa: PLC0415

            return run_app(options, paths, REDACTOR, reports)


def _ctl(options: argparse.Namespace, paths: Paths) -> int:
    from mka1_desktop.app.control_wire import failure  # noqa: PLC0415
    from mka1_desktop.app.ctl import run_ctl  # noqa: PLC0415

    try:
        code, sentence = run_ctl(options, data_dir=paths.data, out=sys.stdout)
    except AppError as error:
        if options.json:  # the app gave no answer, and a script reads one
            sys.stdout.write(failure(error.trouble).decode())
        return say(error.trouble.text, exit_for(error.code))
    return int(Exit.DONE) if code is Exit.DONE else say(sentence, code)


def _demo_service(options: argparse.Namespace) -> int:  # noqa: RET503 - exec never returns
    """Become the demo service: its own program with its own libraries."""
    from mka1_desktop.app.demo_child import child_environment, demo_command, demo_missing  # noqa: PLC0415

    if demo_missing():
        trouble = AppError(Code.DEMO_MISSING).trouble
        return say(trouble.sentence, Exit.USAGE)
    if getattr(sys, "frozen", False):
        import runpy  # noqa: PLC0415

        sys.argv = ["demo-service", *options.rest]
        runpy.run_module("mka1_desktop.demo", run_name="__main__")
        return int(Exit.DONE)
    command = [*demo_command(), *options.rest]
    if sys.platform == "win32":  # exec there would start a second process and end this one
        return subprocess.call(command, env=child_environment())  # noqa: S603 - our own interpreter
    os.execve(command[0], command, child_environment())  # noqa: S606 - no shell, our own interpreter, never returns
