"""What `converse` refuses before anything is sent: nothing here may reach the service."""

from __future__ import annotations

import json
import struct
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from mka1_desktop.app.options import UsageError, parse
from tests.support.converse_here import converse_here
from tests.support.demo_service import rooms
from tests.support.http_stub import HttpStub, answer_json
from tests.support.program import Program
from tests.support.transcript_contract import check_transcript


@pytest.fixture
async def stub() -> AsyncIterator[HttpStub]:
    """A service that must stay unasked."""
    async with HttpStub(answer_json({"error": {"message": "asked"}}, 401)) as service:
        yield service
        assert service.seen == []


def a_wav(path: Path, *, rate: int = 16_000, channels: int = 1, width: int = 2, seconds: float = 0.2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(bytes(round(rate * seconds) * channels * width))
    return path


def float_wav(path: Path, *, rate: int = 48_000, seconds: float = 0.2) -> Path:
    sound = np.zeros(round(rate * seconds), "<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, rate, rate * 4, 4, 32)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(sound)) + sound
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


def endless_wav(path: Path) -> Path:
    """Ten minutes and a second of silence, in a file that takes no room on the disk."""
    a_wav(path, rate=8_000)
    with path.open("r+b") as file:
        size = 601 * 8_000 * 2
        file.seek(40)
        file.write(struct.pack("<I", size))
        file.truncate(44 + size)
    return path


BAD_FILES = {
    "missing": "cannot be opened",
    "text": "is not a WAV file",
    "eight_bit": "has samples of 8 bit",
    "empty": "is empty",
    "no_sound": "holds no sound",
    "too_fast": "has 192000 samples a second",
    "long": "is longer than 10 minutes",
}


def bad_file(kind: str, path: Path) -> Path:
    match kind:
        case "text":
            path.write_text("This is no sound at all, but quite a long text.")
        case "eight_bit":
            a_wav(path, width=1)
        case "empty":
            path.touch()
        case "no_sound":
            a_wav(path, seconds=0)
        case "too_fast":
            a_wav(path, rate=192_000)
        case "long":
            endless_wav(path)
        case _:
            pass
    return path


@pytest.mark.parametrize("kind", BAD_FILES)
async def test_a_bad_sound_file_is_wrong_usage(tmp_path: Path, stub: HttpStub, kind: str) -> None:
    path = bad_file(kind, tmp_path / "in.wav")
    program = Program(tmp_path, base_url=stub.base_url, key="mk-test-0123456789")
    done = await program.run("converse", "--text", "first", "--in", str(path), "--transcript", "-")
    assert done.code == 2, done.err
    assert done.out == ""
    assert BAD_FILES[kind] in done.sentence
    assert path.name in done.sentence


async def test_every_kind_of_sound_file_that_is_allowed_is_sent(tmp_path: Path) -> None:
    truncated = a_wav(tmp_path / "truncated.wav", seconds=1)
    truncated.write_bytes(truncated.read_bytes()[:8_000])
    files = {
        float_wav(tmp_path / "float.wav"): 0.2,
        a_wav(tmp_path / "fast.wav", rate=96_000): 0.2,
        a_wav(tmp_path / "stereo.wav", channels=2, width=3): 0.2,
        a_wav(tmp_path / "wide.wav", width=4, rate=8_000): 0.2,
        truncated: 0.249,
    }
    words = [word for path in files for word in ("--in", str(path))]
    async with rooms("no-greeting") as demo:
        result = await converse_here(
            tmp_path, demo.service.base_url, *words, "--answer-timeout", "0.1", "--no-wait-greeting"
        )
    assert result.code == 5  # silence is not answered
    assert [line["seconds"] for line in result.of("input")] == [pytest.approx(s, abs=0.002) for s in files.values()]


REFUSED = {
    "empty text": (2, ("--text", " \t "), "There is nothing to send."),
    "long text": (8, ("--text", "ä" * 6_001), "The text is longer than 12 KB."),
    "no input": (2, (), "--in WAV or --text TEXT"),
    "both": (2, ("--text", "a", "--continue-from", "resp_1", "--conversation", "conv_1"), "not allowed with argument"),
    "unknown option": (2, ("--text", "a", "--loud"), "--loud"),
    "no number": (2, ("--text", "a", "--silence-timeout-ms", "soon"), "--silence-timeout-ms"),
    "no time": (2, ("--text", "a", "--answer-timeout", "0"), "between 0 and 3600 seconds"),
    "too quick": (8, ("--text", "a", "--silence-timeout-ms", "99"), "stt.silence_timeout_ms"),
    "too patient": (8, ("--text", "a", "--initial-silence-timeout-ms", "30001"), "stt.initial_silence_timeout_ms"),
    "no language": (8, ("--text", "a", "--language", "xx"), "language must be one of: en"),
    "account": (2, ("--text", "a", "--account", "Work"), "There is no account of this name."),
    "user": (8, ("--text", "a", "--on-behalf-of", "*"), "On behalf of must be 1 to 150"),
    "insecure": (8, ("--text", "a", "--base-url", "http://gw.example"), "Only https:// and wss:// addresses"),
    "no address": (2, ("--text", "a", "--base-url", "gw example"), "base URL"),
    "recording": (2, ("--text", "a", "--out", "no-such-folder/out.wav"), "recording cannot be written"),
    "transcript": (2, ("--text", "a", "--transcript", "no-such-folder/t.jsonl"), "transcript file cannot be written"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_work_is_refused_with_a_sentence(tmp_path: Path, stub: HttpStub, name: str) -> None:
    code, words, part = REFUSED[name]
    program = Program(tmp_path, base_url=stub.base_url, key="mk-test-0123456789")
    done = await program.run("converse", *words)
    assert done.code == code, done.err
    assert done.out == ""
    assert part in done.sentence, done.sentence
    assert done.sentence.endswith(".")


BAD_JSON = {
    "broken": (2, b'{"model": ', "is not a JSON object"),
    "list": (2, b"[1, 2]", "is not a JSON object"),
    "binary": (2, b"\xff\xfe", "is not a JSON object"),
    "deep": (2, b'{"a":' * 100_000, "is not a JSON object"),
    "input": (8, b'{"input": "hi"}', "llm.input is managed"),
    "stream": (8, b'{"stream": true}', "llm.stream is managed"),
    "store": (8, b'{"store": false}', "llm.store is managed"),
    "background": (8, b'{"background": true}', "llm.background is managed"),
    "webhook": (8, b'{"webhook_url": "https://x.example"}', "llm.webhook_url is managed"),
    "both": (
        8, b'{"previous_response_id": "resp_1", "conversation": {"id": "conv_1"}}',
        "llm.previous_response_id and llm.conversation cannot be used together.",
    ),
    "tool calls": (8, b'{"max_tool_calls": 301}', "llm.max_tool_calls"),
    "metadata": (8, json.dumps({"metadata": {f"k{n}": "v" for n in range(16)}}).encode(), "llm.metadata"),
    "consent": (8, json.dumps({"instructions": "x" * 5_600}).encode(), "bytes"),
    "large": (8, json.dumps({"instructions": "x" * 8_100}).encode(), "bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_JSON)
async def test_a_configuration_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, stub: HttpStub, name: str
) -> None:
    code, body, part = BAD_JSON[name]
    (tmp_path / "llm.json").write_bytes(body)
    program = Program(tmp_path, base_url=stub.base_url, key="mk-test-0123456789")
    done = await program.run("converse", "--text", "a", "--llm-json", "llm.json")
    assert (done.code, done.out) == (code, ""), done.err
    assert part in done.sentence, done.sentence


async def test_a_missing_or_wrong_stt_file_is_refused(tmp_path: Path, stub: HttpStub) -> None:
    program = Program(tmp_path, base_url=stub.base_url, key="mk-test-0123456789")
    done = await program.run("converse", "--text", "a", "--stt-json", "nowhere.json")
    assert done.code == 2
    assert "nowhere.json" in done.sentence
    (tmp_path / "stt.json").write_text('{"silence_timeout_ms": 5001}')
    done = await program.run("converse", "--text", "a", "--stt-json", "stt.json")
    assert done.code == 8
    assert "stt.silence_timeout_ms" in done.sentence


@pytest.mark.parametrize("size", [4_600, 5_600])
async def test_a_large_configuration_is_sent_with_a_warning(tmp_path: Path, size: int) -> None:
    (tmp_path / "llm.json").write_text(json.dumps({"instructions": "x" * size}))
    words = ("converse", "--text", "a", "--llm-json", "llm.json", *(("--allow-large",) if size > 5_500 else ()))
    async with HttpStub(answer_json({"error": {"message": "too much"}}, 401)) as service:
        done = await Program(tmp_path, base_url=service.base_url, key="mk-test-0123456789").run(*words)
        assert len(service.seen) == 1
        assert isinstance(service.seen[0].json, dict)
        assert service.seen[0].json["llm"]["max_tool_calls"] == 30
        assert service.seen[0].json["llm"]["reasoning"] == {"effort": "none"}
    warning, sentence = done.err.splitlines()
    assert warning.startswith("llm is ")
    assert "bytes long" in warning
    assert sentence == "MKA1 did not accept this key. (too much)"
    assert done.code == 3


async def test_a_field_that_nobody_knows_is_named_and_sent(tmp_path: Path) -> None:
    (tmp_path / "llm.json").write_text('{"colour": "red"}')
    async with HttpStub(answer_json({}, 401)) as service:
        program = Program(tmp_path, base_url=service.base_url, key="mk-test-0123456789")
        done = await program.run("converse", "--text", "a", "--llm-json", "llm.json")
        assert b'"colour":"red"' in service.seen[0].body
    assert done.err.splitlines()[0] == "llm.colour is not known here. It is sent as it is."


async def test_a_recording_that_cannot_be_written_is_in_the_summary_too(tmp_path: Path, stub: HttpStub) -> None:
    program = Program(tmp_path, base_url=stub.base_url, key="mk-test-0123456789")
    done = await program.run("converse", "--text", "a", "--out", str(tmp_path), "--transcript", "-")
    assert done.code == 2
    assert check_transcript(done.objects, code=2)["answered"] == 0


async def test_without_a_key_there_is_a_sentence_and_3(tmp_path: Path, stub: HttpStub) -> None:
    done = await Program(tmp_path, base_url=stub.base_url).run("converse", "--text", "a")
    assert done.code == 3, done.err
    assert done.sentence == "There is no API key yet. Add one, or use the demo."


# --- words that no command knows, in this process: the parser alone decides ---------------------------------------


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["doctor"], "not in this version"),
        (["rehearse", "--anything"], "not in this version"),
        (["--json", "doctor"], "not in this version"),
        (["mka1://ask?text=a", "--demo"], "A link must be the only argument."),
        (["--hidden", "MKA1://thread/1"], "A link must be the only argument."),
        (["sing"], "sing"),
        (["ctl"], "VERB"),
        (["ctl", "dance"], "dance"),
        (["ctl", "talk", "loudly"], "loudly"),
        (["ctl", "say"], "text"),
        (["history", "show"], "id"),
        (["key", "set", "mk-secret-key-on-the-line"], ""),
        (["settings", "set", "talk.mode"], "value"),
        (["history", "list", "--limit", "many"], "many"),
    ],
)
def test_wrong_words_are_explained(words: list[str], part: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert part in str(caught.value)
    assert str(caught.value).endswith(".")


def test_options_of_every_command_stand_before_or_after_it() -> None:
    for words in (["--demo", "--json", "ctl", "state"], ["ctl", "--demo", "state", "--json"]):
        options = parse(words)
        assert (options.demo, options.json, options.verb) == (True, True, "state")
    assert parse(["ctl", "state"]).demo is False


def test_the_demo_service_has_options_of_its_own() -> None:
    options = parse(["--json", "demo-service", "--data-dir", "d", "--port", "0", "--fault", "error=a:b", "--help"])
    assert options.command == "demo-service"
    assert options.rest == ["--port", "0", "--fault", "error=a:b", "--help"]
    assert (options.json, options.data_dir) == (True, "d")


def test_values_may_look_like_links_and_options_are_never_guessed() -> None:
    assert parse(["converse", "--text", "mka1://ask?text=a"]).inputs == [("text", "mka1://ask?text=a")]
    with pytest.raises(UsageError):
        parse(["converse", "--tex", "a"])


async def test_a_key_on_the_command_line_is_refused_and_never_repeated(tmp_path: Path) -> None:
    program = Program(tmp_path)
    for words in (("key", "set", "mk-secret-0123456789"), ("converse", "--text", "a", "--key", "mk-secret-0123456789")):
        done = await program.run(*words)
        assert done.code == 2
        assert "secret" not in done.out + done.err
        assert done.sentence
