"""The controller with its runner over the ports: the same for the window and without one."""

from __future__ import annotations

from collections.abc import Callable

from mka1_desktop.domain.conversation import Continuation
from mka1_desktop.domain.events import Event
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.ports.api import ApiPort
from mka1_desktop.ports.audio import SoundPort
from mka1_desktop.ports.room import RoomPort
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.controller import SessionController
from mka1_desktop.session.delivery import DeliveryPort
from mka1_desktop.session.opener import ConversationOpener
from mka1_desktop.session.runner import EffectRunner, ExpiryMemory


def build_controller(
    *,
    api: ApiPort,
    rooms: RoomPort,
    sound: SoundPort,
    clock: ClockPort,
    request_for: Callable[[Continuation], SessionRequest],
    opener: ConversationOpener | None = None,
    expiry: ExpiryMemory | None = None,
    delivery: DeliveryPort | None = None,
) -> SessionController:
    """Build a controller whose runner acts through these ports; it starts nothing.

    Without an `opener` every thread is a chain; without `expiry` each run learns anew that sessions end; without
    `delivery` a text whose room was lost is never sent again by itself.

    A bug in one of the runner's tasks ends the controller, see `SessionController.defect`.
    """
    controller: SessionController

    def runner(post: Callable[[Event], None]) -> EffectRunner:
        return EffectRunner(
            api=api, rooms=rooms, sound=sound, clock=clock, request_for=request_for, post=post,
            opener=opener, expiry=expiry,
            on_defect=lambda error: controller.defect(error),  # noqa: PLW0108 - it is not made yet
        )  # fmt: skip

    controller = SessionController(runner=runner, clock=clock, delivery=delivery)
    return controller
