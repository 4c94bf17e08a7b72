"""What every transcript of `converse` keeps to, whatever happened in the conversation (reference: transcript)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

FIELDS: dict[str, set[str]] = {
    "state": {"state"},
    "session": {"event", "number", "cause", "continues"},
    "input": {"index", "kind", "text", "file", "seconds"},
    "caption": {"speaker", "segment_id", "text", "final", "channel"},
    "response": {"response_id", "conversation_id"},
    "answer": {"input", "text", "heard_text", "complete", "response_ids", "first_audio_s", "seconds"},
    "error": {"code", "service", "message", "http_status", "action"},
    "summary": {"inputs", "answered", "sessions", "response_id", "conversation_id", "out_seconds", "exit"},
}
STATES = {
    "idle", "connecting", "greeting", "listening", "thinking", "speaking", "interrupted", "muted", "reconnecting",
    "error",
}  # fmt: skip
SESSION_EVENTS = {"token", "joined", "agent", "lost", "renewed", "ended"}
LINES_A_SECOND = 10


def check_transcript(lines: Sequence[Json], *, code: int) -> Json:
    """Assert everything that holds for a whole transcript of a run that ended with `code`; return its summary."""
    times = [line["t"] for line in lines]
    assert times == sorted(times)
    assert all(t == round(t, 3) and t >= 0 for t in times)
    for line in lines:
        assert set(line) == {"t", "type"} | FIELDS[line["type"]], line
        _check_words(line)
    _check_captions([line for line in lines if line["type"] == "caption"])
    summary = lines[-1]
    assert [line for line in lines if line["type"] == "summary"] == [summary]
    assert summary["exit"] == code
    _check_answers(lines, summary)
    return summary


def _check_words(line: Json) -> None:
    match line["type"]:
        case "state":
            assert line["state"] in STATES
        case "session":
            assert line["event"] in SESSION_EVENTS
            assert line["number"] >= 1
            assert line["continues"] is None or set(line["continues"]) in ({"response_id"}, {"conversation_id"})
        case "input":
            assert line["kind"] in ("audio", "text")
            assert (line["text"] is None) == (line["kind"] == "audio")
            assert (line["file"] is None) == (line["seconds"] is None) == (line["kind"] == "text")
        case "caption":
            assert line["speaker"] in ("user", "agent")
            assert line["channel"] in ("event", "stream")
        case _:
            pass


def _check_captions(captions: Sequence[Json]) -> None:
    finals = Counter((line["speaker"], line["segment_id"]) for line in captions if line["final"])
    assert set(finals) == {(line["speaker"], line["segment_id"]) for line in captions}, "a segment without a final"
    assert set(finals.values()) <= {1}, "a segment with two finals"
    by_segment: defaultdict[str, list[float]] = defaultdict(list)
    for line in captions:
        by_segment[line["segment_id"]].append(line["t"])
    for times in by_segment.values():
        for first, eleventh in zip(times, times[LINES_A_SECOND:], strict=False):
            assert eleventh - first >= 0.998  # times are rounded to milliseconds


def _check_answers(lines: Sequence[Json], summary: Json) -> None:
    answers = [line["input"] for line in lines if line["type"] == "answer"]
    inputs = [line["index"] for line in lines if line["type"] == "input"]
    assert inputs == list(range(len(inputs)))
    assert len(answers) == len(set(answers))
    if summary["exit"] in (0, 5):
        assert answers == [None, *range(summary["inputs"])]
        assert len(inputs) == summary["inputs"]
