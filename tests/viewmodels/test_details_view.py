from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale

from mka1_desktop.domain.conversation import Identity, Thread
from mka1_desktop.viewmodels.details import DetailsView, details_of
from tests.support.ui_samples import noon

OWNER = Identity(origin="https://gw.example", fingerprint="0a1b2c3d")
CHAIN = Thread(
    id="t1", title="Trip plan", mode="chain", created_at=noon(), updated_at=noon(), identity=OWNER,
    response_id="resp_1", note="Why it is one.",
)  # fmt: skip


@pytest.fixture(autouse=True)
def british() -> None:
    QLocale.setDefault(QLocale("en_GB"))


def words(view: DetailsView) -> dict[str, str]:
    return {row.label: row.value for row in view.rows}


def copied(view: DetailsView) -> list[str]:
    return [row.copied for row in view.rows if row.copied]


def test_a_chain_shows_its_newest_answer_and_why_it_is_one() -> None:
    view = details_of(CHAIN, mode="chain", owner=OWNER, conversation_id=None, response_id="resp_1")
    shown = words(view)
    assert shown.pop("Begun").endswith(", 12:20")
    assert shown == {
        "Kind": "Chain of answers", "Newest answer": "resp_1", "Service": "https://gw.example", "Key": "0a1b2c3d",
        "On behalf of": "Nobody, your own account",
    }  # fmt: skip
    assert (view.shown_title, view.note, copied(view)) == ("Trip plan", "Why it is one.", ["resp_1"])


def test_a_conversation_shows_its_id() -> None:
    thread = replace(CHAIN, mode="conversation", conversation_id="conv_1", note=None)
    view = details_of(thread, mode="conversation", owner=OWNER, conversation_id="conv_1", response_id="resp_1")
    assert words(view)["Kind"] == "Conversation of your account"
    assert words(view)["Conversation"] == "conv_1"
    assert "Newest answer" not in words(view)
    assert (view.note, copied(view)) == ("", ["conv_1"])


def test_a_thread_belongs_to_who_began_it_whoever_is_here_now() -> None:
    other = replace(OWNER, fingerprint="ffffffff", on_behalf_of="user-7")
    view = details_of(replace(CHAIN, identity=other), mode="chain", owner=OWNER, conversation_id=None, response_id=None)
    assert (words(view)["Key"], words(view)["On behalf of"]) == ("ffffffff", "user-7")


def test_the_demo_has_no_key_of_the_person() -> None:
    view = details_of(
        None, mode="conversation", owner=replace(OWNER, demo=True), conversation_id=None, response_id=None
    )
    assert words(view)["Key"] == "Of the built-in demo"


def test_what_has_not_begun_says_so() -> None:
    view = details_of(None, mode="private", owner=None, conversation_id=None, response_id=None)
    assert words(view) == {
        "Kind": "Private, kept nowhere", "Newest answer": "None yet", "Service": "Not connected yet",
        "Begun": "Not yet",
    }  # fmt: skip
    assert view.shown_title == "New conversation"
