from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mka1_desktop.app import logs
from mka1_desktop.app.logs import PrivateRotatingFile, start_logging, stop_logging
from mka1_desktop.domain.redact import Redactor

log = logging.getLogger("mka1_desktop.somewhere")


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def path(tmp_path: Path, redactor: Redactor) -> Iterator[Path]:
    before = logging.getLogger().level
    handler = start_logging(tmp_path / "log.txt", redactor)
    yield tmp_path / "log.txt"
    stop_logging(handler)
    logging.getLogger().setLevel(before)


def test_the_log_is_for_its_owner_only(path: Path) -> None:
    before = os.umask(0)
    try:
        log.info("hello")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "INFO MainThread mka1_desktop.somewhere: hello" in path.read_text()


def test_secrets_are_masked_wherever_they_come_from(path: Path, redactor: Redactor) -> None:
    redactor.register("unusual/secret")
    log.info("key %s", "mk-0123456789abcdef")
    logging.getLogger("httpx").warning("GET https://x/?t=unusual/secret with eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl")
    log.error("failed", exc_info=TypeError("bad token mk-0123456789abcdef"))
    text = path.read_text()
    assert "0123456789" not in text
    assert "unusual" not in text
    assert "eyJzdWIiOiIx" not in text
    assert "TypeError" in text


def test_words_in_an_exception_are_not_logged(path: Path) -> None:
    log.error("failed", exc_info=ValueError("what somebody said"))
    assert "somebody" not in path.read_text()
    assert "ValueError" in path.read_text()


def test_a_message_cannot_fake_a_line_or_move_a_cursor(path: Path) -> None:
    log.info("one\n2026-01-01 00:00:00,000 INFO two\x1b[2J")
    assert len(path.read_text().splitlines()) == 1
    assert "\x1b" not in path.read_text()


def test_a_huge_message_is_cut(path: Path) -> None:
    log.info("x" * 1_000_000)
    assert path.stat().st_size < 5000


def test_libraries_speak_only_of_trouble(path: Path) -> None:
    logging.getLogger("httpx").info("quiet")
    logging.getLogger("livekit").warning("loud")
    assert "quiet" not in path.read_text()
    assert "loud" in path.read_text()


def test_the_log_rotates_and_three_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_B", 2000)
    handler = PrivateRotatingFile(tmp_path / "log.txt")
    for n in range(200):
        handler.handle(logging.LogRecord("x", logging.INFO, "", 0, f"line {n:050}", (), None))
    handler.close()
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == ["log.txt", "log.txt.1", "log.txt.2"]
    assert all(f.stat().st_size <= 2000 and stat.S_IMODE(f.stat().st_mode) == 0o600 for f in files)


def test_the_real_size_is_three_times_2_mb(tmp_path: Path) -> None:
    handler = PrivateRotatingFile(tmp_path / "log.txt")
    assert (handler.maxBytes, handler.backupCount) == (2 * 1024 * 1024, 2)


def test_a_log_that_cannot_be_written_is_no_log_and_no_noise(
    tmp_path: Path, redactor: Redactor, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = start_logging(tmp_path / "nowhere" / "log.txt", redactor)
    log.warning("secret words")
    stop_logging(handler)
    assert capsys.readouterr() == ("", "")
    assert logging.raiseExceptions is True
    assert sys.stderr is not None


def test_the_room_sdk_cannot_write_words_or_tokens_into_the_log(tmp_path: Path) -> None:
    handler = start_logging(tmp_path / "log.txt", Redactor())
    try:
        logging.getLogger().error(
            "error running user callback for %s: %s", "transcription_received", "text: 'my secret plan'"
        )
        body = "client error: 401 Unauthorized - invalid token: abc.def.ghi"
        logging.getLogger("livekit").error("%s:%s:%s - %s", "signal", 12, "signal_client", body)
    finally:
        stop_logging(handler)
    text = (tmp_path / "log.txt").read_text()
    assert "transcription_received" in text
    assert "secret plan" not in text
    assert "client error: 401" in text
    assert "abc.def" not in text
