from __future__ import annotations

import pytest

from mka1_desktop.domain.conversation import NOTHING, Continuation, Identity
from mka1_desktop.domain.errors import AppError, Code
from mka1_desktop.domain.service_items import ServiceItem
from mka1_desktop.ports.conversations import ConversationsPort
from mka1_desktop.session.delivery import ServiceDelivery
from tests.fakes.fake_conversations import FakeConversations

ME = Identity(origin="https://gw.example", fingerprint="00000000")
CONVERSATION = Continuation(conversation_id="conv_1")
CHAIN = Continuation(response_id="resp_1")


def said(text: str, role: str | None = "user") -> ServiceItem:
    return ServiceItem(id=None, type="message", role=role, text=text)


class Service:
    def __init__(self, *items: ServiceItem, failure: AppError | None = None) -> None:
        self.fake = FakeConversations()
        self.items = items
        self.failure = failure
        self.asked: list[str] = []

    @property
    def identity(self) -> Identity | None:
        return ME

    async def conversations(self) -> tuple[Identity, ConversationsPort]:
        service = self

        class Conversations(FakeConversations):
            async def all_items(self, conversation_id: str, *, order: str = "asc") -> tuple[ServiceItem, ...]:
                return service.look(conversation_id)

            async def input_items(self, response_id: str) -> tuple[ServiceItem, ...]:
                return service.look(response_id)

        return ME, Conversations()

    def look(self, name: str) -> tuple[ServiceItem, ...]:
        self.asked.append(name)
        if self.failure is not None:
            raise self.failure
        return self.items


@pytest.mark.parametrize(("going_on", "name"), [(CONVERSATION, "conv_1"), (CHAIN, "resp_1")])
async def test_the_conversation_or_the_newest_answer_is_asked(going_on: Continuation, name: str) -> None:
    service = Service(said("Hi there"), said("Hi there", role="assistant"))
    assert await ServiceDelivery(service).holds(going_on, "Hi  there ", known=0) is True
    assert await ServiceDelivery(service).holds(going_on, "Hi there", known=1) is False
    assert await ServiceDelivery(service).holds(going_on, "hi there", known=0) is False
    assert service.asked == [name] * 3


async def test_the_same_text_twice_is_counted() -> None:
    service = Service(said("Yes"), said("No"), said("Yes", role=None))
    assert await ServiceDelivery(service).holds(CONVERSATION, "Yes", known=1) is True
    assert await ServiceDelivery(service).holds(CONVERSATION, "Yes", known=2) is False


async def test_a_service_that_does_not_answer_cannot_tell() -> None:
    service = Service(failure=AppError(Code.TIMED_OUT))
    assert await ServiceDelivery(service).holds(CONVERSATION, "Hi", known=0) is None


async def test_a_thread_of_which_nothing_is_known_cannot_be_asked_about() -> None:
    service = Service()
    assert await ServiceDelivery(service).holds(NOTHING, "Hi", known=0) is None
    assert service.asked == []
