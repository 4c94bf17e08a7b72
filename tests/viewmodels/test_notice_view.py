from __future__ import annotations

import pytest

from mka1_desktop.domain.errors import Action, Code, Trouble
from mka1_desktop.viewmodels.head import HeadView, Link, link_word
from mka1_desktop.viewmodels.notices import NoticeKind, NoticesModel, NoticeView, action_label, notice_of


@pytest.mark.parametrize("code", list(Code))
def test_every_trouble_becomes_a_sentence_and_at_most_one_action(code: Code) -> None:
    notice = notice_of(Trouble(code))
    assert notice.sentence.endswith((".", "!"))
    assert bool(notice.action) == bool(notice.action_label)
    assert code.value not in notice.sentence or code.value in ("timeout",)
    assert not notice.leaves


def test_the_services_own_words_and_its_wait_come_after_ours() -> None:
    notice = notice_of(Trouble(Code.RATE_LIMITED, message="Too many.", http_status=429, retry_after_s=12.4))
    assert notice.more == "Too many. The service asks to wait 12 s."
    assert (notice.action, notice.action_label) == ("retry", "Try again")


def test_a_check_of_our_own_speaks_alone() -> None:
    notice = notice_of(Trouble(Code.TLS, message="The file named by SSL_CERT_FILE cannot be read."))
    assert (notice.sentence, notice.more) == ("The file named by SSL_CERT_FILE cannot be read.", "")
    assert notice.action == "retry"


def test_a_code_instead_of_words_is_not_shown() -> None:
    notice = notice_of(Trouble(Code.ADDRESS_DENIED, message="inbound_ip_denied", http_status=403))
    assert (notice.sentence, notice.more) == (Trouble(Code.ADDRESS_DENIED).sentence, "")


def test_every_action_but_none_has_words() -> None:
    assert [action for action in Action if not action_label(action)] == [Action.NONE]


def test_only_failures_and_what_is_told_to_stay() -> None:
    assert NoticeView(kind=NoticeKind.WAITING, sentence="x").leaves
    assert not NoticeView(kind=NoticeKind.WAITING, sentence="x", stays=True).leaves
    assert not NoticeView(kind=NoticeKind.FAILURE, sentence="x").leaves


def test_dismissing_shows_nothing() -> None:
    model = NoticesModel(NoticeView(kind=NoticeKind.INFO, sentence="x"))
    told: list[object] = []
    model.changed.connect(told.append)
    model.dismiss()
    model.dismiss()
    assert told == [None]


def test_head_words() -> None:
    assert len({link_word(link) for link in Link}) == len(Link)
    assert HeadView().shown_title == "New conversation"
    assert HeadView(link=Link.FAILED, link_words="Signed out").shown_link == "Signed out"
