"""What a conversation is, in words: kind, ids, whose it is, when it began, and why it is a chain."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject

from mka1_desktop.domain.conversation import Identity, Mode, Thread
from mka1_desktop.viewmodels.days import moment_text
from mka1_desktop.viewmodels.shown import Shown
from mka1_desktop.viewmodels.words import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailRow:
    """One line. `copied` is what a copy button beside it takes; empty: there is none."""

    label: str
    value: str
    copied: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsView:
    """`note` is one more sentence, empty where nothing is special."""

    title: str = ""
    rows: tuple[DetailRow, ...] = ()
    note: str = ""

    @property
    def shown_title(self) -> str:
        return self.title or tr("Head", "New conversation")


class DetailsModel(Shown[DetailsView]):
    """State in by `show(view)`, out by `changed`."""

    def __init__(self, view: DetailsView | None = None, parent: QObject | None = None) -> None:
        super().__init__(view or DetailsView(), parent)


def details_of(
    thread: Thread | None, *, mode: Mode, owner: Identity | None, conversation_id: str | None, response_id: str | None
) -> DetailsView:
    """Describe the open thread.

    Args:
        thread: None while nothing has been said in it.
        mode: what it is, or will be.
        owner: whose it is, or will be; None while that is not known.
        conversation_id: of the conversation that it goes on in.
        response_id: of its newest answer.
    """
    identity = thread.identity if thread is not None and thread.identity is not None else owner
    return DetailsView(
        title=thread.title if thread is not None else "",
        rows=(
            DetailRow(label=tr("Details", "Kind"), value=kind_words(mode)),
            _id_row(conversation_id, response_id),
            *_owner_rows(identity),
            DetailRow(
                label=tr("Details", "Begun"),
                value=moment_text(thread.created_at) if thread is not None else tr("Details", "Not yet"),
            ),
        ),
        note=(thread.note or "") if thread is not None else "",
    )


def kind_words(mode: Mode) -> str:
    match mode:
        case "conversation":
            return tr("Details", "Conversation of your account")
        case "chain":
            return tr("Details", "Chain of answers")
        case "private":
            return tr("Details", "Private, kept nowhere")


def _id_row(conversation_id: str | None, response_id: str | None) -> DetailRow:
    if conversation_id is not None:
        return DetailRow(label=tr("Details", "Conversation"), value=conversation_id, copied=conversation_id)
    label = tr("Details", "Newest answer")
    if response_id is None:
        return DetailRow(label=label, value=tr("Details", "None yet"))
    return DetailRow(label=label, value=response_id, copied=response_id)


def _owner_rows(identity: Identity | None) -> tuple[DetailRow, ...]:
    if identity is None:
        return (DetailRow(label=tr("Details", "Service"), value=tr("Details", "Not connected yet")),)
    key = tr("Details", "Of the built-in demo") if identity.demo else identity.fingerprint
    return (
        DetailRow(label=tr("Details", "Service"), value=identity.origin),
        DetailRow(label=tr("Details", "Key"), value=key),
        DetailRow(
            label=tr("Details", "On behalf of"),
            value=identity.on_behalf_of or tr("Details", "Nobody, your own account"),
        ),
    )
