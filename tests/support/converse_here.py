"""`converse` in the test's own process: the same code as the command, without the time that a process takes."""

from __future__ import annotations

import io
import json
from pathlib import Path

from mka1_desktop.app.account import Account
from mka1_desktop.app.converse import Stopper, converse, plan
from mka1_desktop.app.converse_run import PATIENCE, Outcome, Patience
from mka1_desktop.app.options import parse
from mka1_desktop.app.paths import find_paths
from mka1_desktop.domain.conversation import Identity
from mka1_desktop.domain.redact import Redactor
from mka1_desktop.domain.settings import Settings
from tests.support.program import Json
from tests.support.transcript_contract import check_transcript

DEFAULTS = Settings({})


class Result:
    """How a conversation ended; its transcript has kept the contract."""

    def __init__(self, outcome: Outcome, sentence: str | None, raw: str) -> None:
        self.code = int(outcome.exit)
        self.outcome = outcome
        self.sentence = sentence or ""
        self.raw = raw
        self.lines: list[Json] = [json.loads(line) for line in raw.splitlines()]
        self.summary = check_transcript(self.lines, code=self.code)

    def of(self, kind: str) -> list[Json]:
        return [line for line in self.lines if line["type"] == kind]

    def answer(self, index: int | None = 0) -> Json:
        return next(line for line in self.of("answer") if line["input"] == index)


async def converse_here(
    folder: Path,
    base_url: str,
    *words: str,
    key: str = "mk-demo-test",
    patience: Patience = PATIENCE,
    fingerprint: str = "00000000",
    settings: Settings = DEFAULTS,
) -> Result:
    """Hold one conversation with these words of the command line."""
    made = plan(parse(["converse", *words, "--transcript", "-"]), settings)
    identity = Identity(origin=base_url, fingerprint=fingerprint)
    account = Account(name="default", base_url=base_url, key=key, on_behalf_of=None, identity=identity)
    out = io.StringIO()
    outcome, sentence = await converse(
        made, account, paths=find_paths(str(folder / "data")), out=out, redactor=Redactor(), stopper=Stopper(),
        patience=patience,
    )  # fmt: skip
    return Result(outcome, sentence, out.getvalue())
