from __future__ import annotations

import json
from pathlib import Path

import pytest

from mka1_desktop.app.command_context import iso
from mka1_desktop.app.exit_codes import Exit
from mka1_desktop.domain.errors import AppError, Code
from tests.support.commands import Desk


def test_data_is_one_line_that_comes_back_as_it_was(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    value = {"a": "x\n\x1b\u202e\ud800 é🎧", "b": [None, True, 1.5]}
    desk.ctx.data(value)
    (line,) = desk.lines
    assert json.loads(line) == value
    assert line.isprintable()
    assert "é🎧" in line


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (Code.NOT_FOUND, Exit.USAGE),
        (Code.STORE_NEWER, Exit.USAGE),
        (Code.KEY_REJECTED, Exit.KEY),
        (Code.DNS, Exit.UNREACHABLE),
        (Code.WRONG_ORIGIN, Exit.REFUSED),
    ],
)
def test_a_failure_is_one_sentence_and_the_contract_s_exit_code(tmp_path: Path, code: Code, expected: Exit) -> None:
    desk = Desk(tmp_path)
    assert desk.ctx.fail(AppError(code)) == expected
    assert desk.sentence == AppError(code).trouble.sentence
    assert desk.lines == []


def test_a_service_s_own_words_cannot_move_the_cursor_or_show_a_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ctx.fail(AppError(Code.BAD_REQUEST, message="no\x1b[2J\nmk-0123456789abcdef"))
    assert "\x1b" not in desk.err.getvalue()
    assert "0123456789" not in desk.err.getvalue()
    assert len(desk.err.getvalue().splitlines()) == 1


def test_times_are_utc_with_milliseconds() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
    assert iso(float("nan")) is None
    assert iso(1e30) is None
