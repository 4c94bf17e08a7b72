"""The app off screen, driven by `ctl` in processes of their own, as scripts do it. One app for the whole file."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.control import App, Line, running_app
from tests.support.demo_service import OWNER, Demo, rooms
from tests.support.program import Json, Program

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(90)]

USER = "user-of-the-contract-test"
STATE = {
    "version": None, "ok": None,
    "app": {"version", "pid", "uptime_s"},
    "state": None,
    "account": {"name", "base_url", "demo"},
    "session": {"number", "connected", "since_s", "token_left_s", "renewals", "lost"},
    "thread": {"id", "title", "mode", "conversation_id", "response_id", "turns"},
    "talk": {"mode", "held", "latched"},
    "hotkey": {"backend", "key", "global", "release_events", "problem"},
    "microphone": {"device", "open", "muted", "level_dbfs"},
    "speaker": {"device", "volume", "playing"},
    "engine": None,
    "caption": {"user", "agent"},
    "outbox": None,
    "latency": {"last_answer_s", "round_trip_ms"},
    "last_error": {"code", "message", "action", "at"},
}  # fmt: skip


def check_state(state: Json) -> Json:
    """Assert that every field of the contract is there, and nothing secret."""
    assert set(state) == set(STATE)
    for name, fields in STATE.items():
        if fields is not None and not (name == "last_error" and state[name] is None):
            assert set(state[name]) == fields, name
    text = json.dumps(state)
    assert OWNER.key not in text
    assert USER not in text
    assert "eyJ" not in text
    return state


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo() -> AsyncIterator[Demo]:
    async with rooms("no-greeting") as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    program = Program(tmp_path_factory.mktemp("app"), key=OWNER.key)
    async with running_app(program, "--base-url", demo.service.base_url, "--on-behalf-of", USER) as one:
        yield one


async def test_an_idle_app_says_everything_that_it_knows(app: App, demo: Demo) -> None:
    code, out, sentence = await app.ctl("state", "--json")
    assert (code, sentence) == (0, "")
    state = check_state(json.loads(out))
    assert (state["version"], state["ok"], state["state"]) == (1, True, "idle")
    assert state["app"]["pid"] == app.running.process.pid
    assert state["app"]["uptime_s"] > 0
    assert state["account"] == {"name": "default", "base_url": demo.service.base_url, "demo": False}
    assert state["session"] == {
        "number": 0, "connected": False, "since_s": None, "token_left_s": None, "renewals": 0, "lost": 0,
    }  # fmt: skip
    assert state["thread"]["id"] is None
    assert state["thread"]["turns"] == 0
    assert state["talk"] == {"mode": "auto", "held": False, "latched": False}
    assert state["hotkey"]["key"] == "Ctrl+Alt+Space"
    assert (state["microphone"]["open"], state["microphone"]["muted"]) == (False, False)
    assert state["speaker"]["volume"] == 100
    assert state["engine"] == "none"
    assert state["caption"] == {"user": "", "agent": ""}
    assert state["outbox"] == 0
    assert await app.ctl("state") == (0, "idle\n", "")


async def test_a_session_starts_once_and_is_ready_when_the_command_returns(app: App) -> None:
    for _ in range(2):
        assert await app.ctl("session", "start") == (0, "", "")
        state = check_state(await app.ask("state"))
        assert state["session"]["connected"] is True
        assert state["session"]["number"] == 1
        assert state["session"]["since_s"] >= 0
        assert 200 < state["session"]["token_left_s"] <= 320
        assert state["state"] in ("greeting", "listening")


async def test_say_returns_the_whole_answer(app: App) -> None:
    assert await app.ctl("say", "What is two plus two?") == (0, "2 plus 2 is 4.\n", "")
    code, out, _ = await app.ctl("say", "What is one plus one?", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer == {
        "version": 1, "ok": True, "thread": answer["thread"], "response_id": answer["response_id"],
        "text": "1 plus 1 is 2.", "complete": True,
    }  # fmt: skip
    state = check_state(await app.ask("state"))
    assert state["thread"] == {
        "id": answer["thread"], "title": "What is two plus two?", "mode": "conversation",
        "conversation_id": state["thread"]["conversation_id"], "response_id": answer["response_id"], "turns": 4,
    }  # fmt: skip
    assert state["thread"]["conversation_id"].startswith("conv_")
    assert state["caption"] == {"user": "What is one plus one?", "agent": "1 plus 1 is 2."}
    assert state["latency"]["last_answer_s"] >= 0
    shown = (await app.program.run("history", "show", answer["thread"], "--json")).object
    assert [item["text"] for item in shown["items"]] == [
        "What is two plus two?", "2 plus 2 is 4.", "What is one plus one?", "1 plus 1 is 2.",
    ]  # fmt: skip


async def test_words_of_the_service_cannot_move_the_cursor(app: App) -> None:
    async with Line(app.program) as line:
        await line.ask("say", text="Hello \x1b[2J\x9b31m\u202e")
    code, out, _ = await app.ctl("say", "What did I ask you earlier?")
    assert code == 0
    assert out.startswith("Earlier you asked me: Hello \\x1b[2J\\x9b31m\\u202e. Before that:")
    code, out, _ = await app.ctl("state", "--json")
    assert "\\u001b[2J\\u009b31m\\u202e" in out
    assert out.rstrip("\n").isprintable()


async def test_what_cannot_be_said_is_refused(app: App) -> None:
    assert await app.ctl("say", "   ") == (2, "", "There is nothing to send.")
    assert await app.ctl("say", "x" * 12_001) == (
        8, "", "The text is longer than 12 KB. Shorten it or send it in parts.",
    )  # fmt: skip
    code, out, sentence = await app.ctl("say", "\x01" * 12_000)
    assert (code, out) == (2, "")
    assert "64 KiB" in sentence


async def test_a_failed_answer_is_a_sentence_and_a_code(app: App, demo: Demo) -> None:
    demo.faults.set("error", "rate_limited:llm:1")
    code, out, sentence = await app.ctl("say", "What is three plus three?", "--json")
    assert code == 5
    assert json.loads(out)["ok"] is False
    assert set(json.loads(out)["error"]) == {"code", "message", "action"}
    assert json.loads(out)["error"]["code"] == "rate_limited"
    assert sentence == "The request limit is reached. Wait a moment, then ask again. (HTTP 429)"
    error = (await app.ask("state"))["last_error"]
    assert (error["code"], error["action"]) == ("rate_limited", "repeat")
    assert error["at"].endswith("Z")


async def test_an_answer_is_stopped_in_the_middle(app: App) -> None:
    async with Line(app.program) as line:
        await line.send(b'{"verb":"say","text":"Tell me a story"}\n')
        await app.until(lambda s: s["state"] == "speaking" and s["caption"]["agent"], "the story begins")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(app.until(lambda s: s["state"] == "interrupted", "the interruption is shown"))
            assert await app.ctl("stop") == (0, "", "")
        assert await app.ctl("stop") == (0, "", "")
        answer = await line.answer()
    assert answer is not None
    assert answer["text"].startswith("Once")
    assert answer["complete"] is False


async def test_talking_starts_and_stops_once(app: App) -> None:
    for what, latched in (
        ("start", True),
        ("start", True),
        ("stop", False),
        ("stop", False),
        ("toggle", True),
        ("toggle", False),
    ):
        assert await app.ctl("talk", what) == (0, "", "")
        talk = (await app.ask("state"))["talk"]
        assert (talk["held"], talk["latched"]) == (False, latched), what


async def test_muting_is_idempotent_and_stops_talking(app: App) -> None:
    await app.ctl("talk", "start")
    for what, muted in (("on", True), ("on", True), ("off", False), ("off", False), ("toggle", True)):
        code, out, _ = await app.ctl("mute", what, "--json")
        assert (code, json.loads(out)["ok"]) == (0, True)
        state = check_state(await app.ask("state"))
        assert state["microphone"]["muted"] is muted, what
        assert state["talk"]["latched"] is False
    assert await app.ctl("talk", "start") == (8, "", "The microphone is muted.")
    await app.until(lambda s: s["state"] == "muted", "muted where it would listen")
    assert await app.ctl("mute", "toggle") == (0, "", "")
    assert (await app.ask("state"))["microphone"]["muted"] is False


async def test_a_session_ends_once(app: App) -> None:
    for _ in range(2):
        code, out, _ = await app.ctl("session", "end", "--json")
        assert (code, json.loads(out)) == (0, {"version": 1, "ok": True, "state": "idle"})
        state = await app.until(lambda s: not s["session"]["connected"], "the end")
        assert state["state"] == "idle"
        assert state["session"]["since_s"] is None
        assert state["session"]["token_left_s"] is None
    assert check_state(state)["thread"]["turns"] > 0


async def test_say_connects_by_itself(app: App) -> None:
    assert await app.ctl("say", "What did I ask you earlier?") == (
        0, "Earlier you asked me: Tell me a story. Before that: What did I ask you earlier?\n", "",
    )  # fmt: skip
    assert (await app.ask("state"))["session"]["number"] == 2


async def test_settings_change_the_running_app_at_once(app: App) -> None:
    done = await app.program.run("settings", "set", "audio.volume", "70")
    assert (done.code, done.sentence) == (0, "audio.volume is now 70.")
    assert (await app.ask("state"))["speaker"]["volume"] == 70
    assert (await app.program.run("settings", "get", "audio.volume", "--json")).object["value"] == 70
    for key, value, part in (
        ("audio.volume", "151", "a whole number from 0 to 150 %"),
        ("talk.mode", "shout", "one of: auto, hold, toggle, open"),
        ("no.such.setting", "1", "There is no setting named 'no.such.setting'."),
    ):
        done = await app.program.run("settings", "set", key, value)
        assert done.code == 2
        assert part in done.sentence
    assert (await app.program.run("settings", "reset", "audio.volume")).code == 0
    state = await app.ask("state")
    assert state["speaker"]["volume"] == 100
    assert state["state"] != "error"
    assert stat.S_IMODE((app.program.data / "settings.json").stat().st_mode) == 0o600


async def test_the_raw_setting_verb_refuses_with_the_range_too(app: App) -> None:
    answer = await app.ask("setting", key="talk.tail_ms", value=9_999)
    assert answer["ok"] is False
    assert answer["error"]["code"] == "bad_setting"
    assert "0 to 2000 ms" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"verb": "fly"}, "no such verb"),
        ({"verb": "talk", "what": "louder"}, "start, stop, toggle"),
        ({"verb": "talk"}, "start, stop, toggle"),
        ({"verb": "talk", "what": "start", "extra": 1}, "'extra'"),
        ({"verb": "say"}, "text must be a text"),
        ({"verb": "say", "text": ["a"]}, "text must be a text"),
        ({"verb": "state", "follow": "yes"}, "true or false"),
        ({"verb": "stop", "now": True}, "'now'"),
        ({"verb": "state", "version": 2}, "another version"),
        ({"verb": 7}, "no verb"),
        ({}, "no verb"),
    ],
)
async def test_what_is_not_understood_is_an_error_and_nothing_else(app: App, fields: Json, part: str) -> None:
    async with Line(app.program) as line:
        await line.send(json.dumps(fields).encode() + b"\n")
        answer = await line.answer()
        assert answer is not None
        assert (answer["version"], answer["ok"], answer["error"]["code"]) == (1, False, "bad_message")
        assert part in answer["error"]["message"]
        assert (await line.ask("state"))["ok"] is True  # the connection goes on


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 0, "The app is already running."),
        (("--hidden",), 0, "The app is already running."),
        (("--base-url", "same/"), 0, "The app is already running."),
        (("--demo",), 8, "The app is already running with other options. Quit it first."),
        (("--base-url", "https://gw.example"), 8, "The app is already running with other options. Quit it first."),
        (("--on-behalf-of", "somebody else"), 8, "The app is already running with other options. Quit it first."),
        (("--account", "Work"), 2, "There is no account of this name."),
        (("--base-url", "http://gw.example"), 8, "Only https:// and wss:// addresses are allowed, except on this"),
    ],
)
async def test_a_second_start_hands_over(
    app: App, demo: Demo, words: tuple[str, ...], code: int, sentence: str
) -> None:
    given = tuple(demo.service.base_url + "/" if word == "same/" else word for word in words)
    done = await app.program.run(*given)
    assert done.code == code, done.err
    assert done.out == ""
    assert done.sentence.startswith(sentence)
    assert (await app.ask("state"))["app"]["pid"] == app.running.process.pid


async def test_show_is_answered(app: App) -> None:
    assert await app.ctl("show") == (0, "", "")


async def test_following_is_bounded_and_ends_with_the_app(app: App) -> None:
    """The last test of the file: it ends the app."""
    async with app.program.running("ctl", "state", "--follow") as following:
        first = await following.line()
        assert first is not None
        check_state(json.loads(first))
        times = [asyncio.get_running_loop().time()]
        async with Line(app.program) as line:
            for number in range(60):
                await line.ask("mute", what="off" if number % 2 else "on")
                await asyncio.sleep(0.021)  # below the limit of 50 messages a second
        assert await app.ctl("quit") == (0, "", "")
        done = await following.done()
        times.append(asyncio.get_running_loop().time())
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert done.err == ""
    assert 3 < len(lines) <= 20 * (times[1] - times[0]) + 2
    uptimes = [line["app"]["uptime_s"] for line in lines]
    for place in range(len(uptimes) - 22):
        assert uptimes[place + 22] - uptimes[place] > 0.9  # 20 lines a second, times of a tenth
    ended = await app.running.done()
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert await app.ctl("state") == (7, "", "The app is not running.")
    code, out, said = await app.ctl("state", "--json")
    assert (code, said) == (7, "The app is not running.")
    assert json.loads(out) == {
        "version": 1, "ok": False,
        "error": {"code": "not_running", "message": "The app is not running.", "action": "none"},
    }  # fmt: skip
    assert not list((app.program.run_folder / "mka1-desktop").glob("*.sock"))
