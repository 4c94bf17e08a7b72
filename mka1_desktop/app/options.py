"""The one command line: every command and option of the contract."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from mka1_desktop import __version__
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.domain.plain import plain
from mka1_desktop.domain.redact import redact

LINK_SCHEME = "mka1://"
LATER = ("doctor", "rehearse")
WITH_VALUE = ("--data-dir", "--account", "--base-url", "--on-behalf-of")  # of the options of every command
COMMANDS = ("converse", "ctl", "history", "key", "settings", "devices", "demo-service", *LATER)


class UsageError(Exception):
    """The words of the command are off; the text is one sentence for people."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message[:1].upper() + message[1:].rstrip(".") + ".")


def _common(default: object) -> _Parser:
    """Options of every command; they may stand before or after it, and an unused place must not undo the other."""
    parser = _Parser(add_help=False, argument_default=default, allow_abbrev=False)
    group = parser.add_argument_group("options of every command")
    group.add_argument("--data-dir", metavar="DIR", help="folder of settings, history and log")
    group.add_argument("--demo", action="store_true", help="use a demo service of its own; needs no key")
    group.add_argument("--account", metavar="NAME")
    group.add_argument("--base-url", metavar="URL")
    group.add_argument("--on-behalf-of", metavar="ID")
    group.add_argument("--json", action="store_true", help="machine-readable output")
    return parser


def build_parser(only: str | None = None) -> _Parser:
    """Return the parser; parse errors are raised as UsageError. `only`: the other commands get no options."""
    after = _common(argparse.SUPPRESS)
    parser = _Parser(
        prog="mka1-desktop", parents=[_common(None)], allow_abbrev=False, description="Talk with the MKA1 assistant."
    )
    parser.add_argument("--version", action="version", version=f"mka1-desktop {__version__}")
    parser.add_argument("--hidden", action="store_true", help="start without showing the window")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    for name, (text, fill) in _COMMANDS.items():
        made = commands.add_parser(name, help=text, parents=[after], allow_abbrev=False)
        if only in (None, name):
            fill(made, after)
    return parser


class _InOrder(argparse.Action):
    """`--in` and `--text` are kept in the order given."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        inputs = list(getattr(namespace, "inputs", None) or [])
        inputs.append(("audio" if option == "--in" else "text", str(values)))
        namespace.inputs = inputs


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError("must be between 0 and 3600 seconds")
    return value


def _converse(parser: argparse.ArgumentParser, _after: _Parser) -> None:
    parser.add_argument(
        "--in", dest="inputs", action=_InOrder, metavar="WAV", help="say this file; - is standard input"
    )
    parser.add_argument("--text", dest="inputs", action=_InOrder, metavar="TEXT", help="send this text")
    parser.add_argument("--out", metavar="WAV", help="what the assistant said")
    parser.add_argument("--transcript", metavar="FILE", help="one JSON object a line; - is standard output")
    continuation = parser.add_mutually_exclusive_group()
    continuation.add_argument("--continue-from", metavar="RESPONSE_ID")
    continuation.add_argument("--conversation", metavar="ID")
    continuation.add_argument("--new-conversation", action="store_true", help="make a conversation on the service")
    parser.add_argument("--save", action="store_true", help="keep it as a new thread in local history")
    parser.add_argument("--model", metavar="ID")
    parser.add_argument("--instructions", metavar="TEXT")
    parser.add_argument("--language", metavar="CODE")
    parser.add_argument("--llm-json", metavar="FILE")
    parser.add_argument("--stt-json", metavar="FILE")
    parser.add_argument("--silence-timeout-ms", type=int, metavar="N")
    parser.add_argument("--initial-silence-timeout-ms", type=int, metavar="N")
    parser.add_argument("--allow-large", action="store_true", help="send a configuration above 5,500 bytes")
    parser.add_argument("--answer-timeout", type=_positive, default=30.0, metavar="S")
    parser.add_argument("--no-wait-greeting", action="store_true")


def _ctl(parser: argparse.ArgumentParser, after: _Parser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)

    def verb(name: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, parents=[after], allow_abbrev=False)

    verb("talk").add_argument("what", choices=("start", "stop", "toggle"))
    verb("say").add_argument("text")
    verb("stop")
    verb("mute").add_argument("what", choices=("on", "off", "toggle"))
    verb("session").add_argument("what", choices=("start", "end"))
    verb("state").add_argument("--follow", action="store_true")
    verb("show")
    verb("quit")


def _history(parser: argparse.ArgumentParser, after: _Parser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    for name in ("list", "search"):
        one = verbs.add_parser(name, parents=[after], allow_abbrev=False)
        if name == "search":
            one.add_argument("query")
        one.add_argument("--limit", type=int, default=50)
        one.add_argument("--cursor", default=None)
    verbs.add_parser("show", parents=[after], allow_abbrev=False).add_argument("id")


def _key(parser: argparse.ArgumentParser, after: _Parser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    for name in ("set", "status", "delete"):
        verbs.add_parser(name, parents=[after], allow_abbrev=False)


def _settings(parser: argparse.ArgumentParser, after: _Parser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    verbs.add_parser("list", parents=[after], allow_abbrev=False)
    verbs.add_parser("get", parents=[after], allow_abbrev=False).add_argument("setting")
    one = verbs.add_parser("set", parents=[after], allow_abbrev=False)
    one.add_argument("setting")
    one.add_argument("value")
    verbs.add_parser("reset", parents=[after], allow_abbrev=False).add_argument("setting")


def _nothing(_parser: argparse.ArgumentParser, _after: _Parser) -> None:
    """The options of every command are all it has."""


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser, _Parser], None]]] = {
    "converse": ("a conversation without window and sound card", _converse),
    "ctl": ("drive the running app", _ctl),
    "history": ("local history", _history),
    "key": ("the API key in the keyring", _key),
    "settings": ("list, read and change settings", _settings),
    "devices": ("list microphones and speakers", _nothing),
    "demo-service": ("run the demo service", _nothing),
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line. A link stands alone (contract). Raises UsageError; --help and --version exit 0."""
    command_first = bool(arguments) and arguments[0] in COMMANDS  # its values may be anything
    if not command_first and any(a.casefold().startswith(LINK_SCHEME) for a in arguments):
        if len(arguments) != 1:
            raise UsageError("A link must be the only argument.")
        return argparse.Namespace(command="link", link=arguments[0], **_NOTHING)
    place = _command_place(arguments)
    name = arguments[place] if place < len(arguments) else None
    if name in LATER:
        raise UsageError("This command is not in this version.")
    if name == "demo-service":  # a program of its own, with options of its own
        after, rest = _common(argparse.SUPPRESS).parse_known_args(arguments[place + 1 :])
        options = build_parser().parse_args(arguments[: place + 1])
        return argparse.Namespace(**{**vars(options), **vars(after), "rest": rest})
    return build_parser(name or "").parse_args(arguments)  # building every option takes longer than a start can spare


def _command_place(arguments: Sequence[str]) -> int:
    """Return where the command's name stands: the first word that is neither an option nor the value of one."""
    place = 0
    while place < len(arguments) and arguments[place].startswith("-"):
        place += 2 if arguments[place] in WITH_VALUE else 1
    return place


_NOTHING: dict[str, object] = {
    "data_dir": None, "demo": False, "account": None, "base_url": None, "on_behalf_of": None, "json": False,
    "hidden": False,
}  # fmt: skip


def say(sentence: str, code: Exit) -> int:
    """Write the last line of standard error, one sentence for people, and return the exit code."""
    print(plain(redact(sentence)), file=sys.stderr, flush=True)  # noqa: T201 - the command line's own voice
    return int(code)
