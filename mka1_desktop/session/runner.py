"""Does what the machine decided: one branch an effect, no decisions. Failures come back as events."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Protocol

from mka1_desktop.domain.audio import SOUND_DBFS
from mka1_desktop.domain.conversation import Continuation, Opened
from mka1_desktop.domain.errors import AppError
from mka1_desktop.domain.events import (
    Event,
    GrantFailed,
    GrantReady,
    KeptNotSent,
    KeptSent,
    MicrophoneFailed,
    MicrophoneLoud,
    TimerFired,
)
from mka1_desktop.domain.grant import RoomGrant
from mka1_desktop.domain.request import SessionRequest
from mka1_desktop.ports.api import ApiPort
from mka1_desktop.ports.audio import SoundPort
from mka1_desktop.ports.room import RoomPort
from mka1_desktop.ports.system import ClockPort
from mka1_desktop.session.effects import (
    Effect,
    FetchGrant,
    ForgetSpeech,
    HandOver,
    HearRoom,
    JoinRoom,
    KeepSpeech,
    LearnExpiry,
    LeaveRoom,
    RecallSentence,
    SendKept,
    SetMicrophone,
    SilenceAgent,
    StartTimer,
    WarmMicrophone,
    WatchLevel,
)
from mka1_desktop.session.opener import ConversationOpener
from mka1_desktop.session.seats import Seats
from mka1_desktop.session.tasks import KeyedTasks

WORLD_LIMIT_S = 10.0  # leaving all rooms at the end takes no longer
LEVEL_EVERY_S = 0.05
MICROPHONE, SPEECH, KEPT, LEVEL = "microphone", "speech", "kept", "level"  # keys of the tasks that tell the engine


class ExpiryMemory(Protocol):
    """What the app knows of the service that is in use now: whether it ends sessions with their token."""

    def ends(self) -> bool: ...

    def learn(self) -> None: ...


class NoMemory:
    """Nothing is known, and nothing is kept."""

    def ends(self) -> bool:
        return False

    def learn(self) -> None:
        return


class EffectRunner:
    """Performs effects; `post` brings what came of them back to the machine."""

    def __init__(
        self,
        *,
        api: ApiPort,
        rooms: RoomPort,
        sound: SoundPort,
        clock: ClockPort,
        request_for: Callable[[Continuation], SessionRequest],
        post: Callable[[Event], None],
        on_defect: Callable[[BaseException], None],
        opener: ConversationOpener | None = None,
        expiry: ExpiryMemory | None = None,
    ) -> None:
        self._api = api
        self._sound = sound
        self._clock = clock
        self._request_for = request_for
        self._post = post
        self._opener = opener
        self._expiry = expiry or NoMemory()
        self._tasks = KeyedTasks(on_defect)
        self.seats = Seats(rooms=rooms, clock=clock, post=post, tasks=self._tasks)
        self._microphone_wanted = False
        self._speech_wanted = False
        self._microphone_turn = asyncio.Lock()

    def perform(self, effect: Effect) -> None:
        """Start one effect and return at once."""
        match effect:
            case FetchGrant(ticket=ticket):
                self.seats.want(ticket)
                self._tasks.start(("ticket", ticket), self._fetch(effect))
            case JoinRoom() | LeaveRoom() | HandOver() | HearRoom():
                self._seat(effect)
            case SetMicrophone(sending=sending):
                self._microphone_wanted = sending
                if not self._tasks.running(MICROPHONE):  # one that runs follows the wish
                    self._tasks.start(MICROPHONE, self._set_microphone())
            case WarmMicrophone(warm=warm):
                self._sound.keep_open(warm)
            case KeepSpeech() | SendKept() | RecallSentence() | ForgetSpeech():
                self._speech(effect)
            case SilenceAgent(silent=silent):
                self._tasks.start(("silence",), self._silence(silent))
            case StartTimer(timer=timer):
                self._tasks.start(("timer", timer), self._wait(effect))
            case WatchLevel(watch=True):
                self._tasks.start(LEVEL, self._watch_level())
            case WatchLevel():
                self._tasks.stop(LEVEL)
            case LearnExpiry():
                self._expiry.learn()
            case _:
                return  # news for people: the controller's

    def _seat(self, effect: JoinRoom | LeaveRoom | HandOver | HearRoom) -> None:
        match effect:
            case JoinRoom(ticket=ticket):
                self._tasks.start(("ticket", ticket), self.seats.join(effect))
            case LeaveRoom(ticket=ticket):
                self.seats.leave(ticket)
            case HandOver(ticket=ticket):
                self._tasks.start(("hand over", ticket), self.seats.hand_over(effect))
            case HearRoom(ticket=ticket):
                self.seats.hear(ticket)

    def _speech(self, effect: KeepSpeech | SendKept | RecallSentence | ForgetSpeech) -> None:
        match effect:
            case KeepSpeech(keep=keep):
                self._speech_wanted = keep
                if not self._tasks.running(SPEECH):
                    self._tasks.start(SPEECH, self._keep_speech())
            case SendKept():
                self._tasks.start(KEPT, self._send_kept(effect))
            case RecallSentence():
                self._sound.recall_sentence()
            case ForgetSpeech(taken=True):
                self._sound.turn_over()
            case ForgetSpeech():
                self._tasks.stop(KEPT)
                self._sound.drop_kept()

    async def close(self) -> None:
        """Stop everything and leave every room; what is being left already is waited for."""
        self._tasks.stop_where(lambda key: not (isinstance(key, tuple) and key[0] == "leave"))
        self.seats.leave_all()
        await self._tasks.finish(WORLD_LIMIT_S)
        await self._tasks.close()
        if self._opener is not None:
            await self._opener.close()

    async def _fetch(self, effect: FetchGrant) -> None:
        if effect.delay_s:
            vary = random.uniform(1 - effect.jitter, 1 + effect.jitter)  # noqa: S311 - spreads load, no secret
            await self._clock.sleep(effect.delay_s * vary)
        try:
            opened, grant = await self._granted(effect)
        except AppError as error:
            self._post(GrantFailed(ticket=effect.ticket, trouble=error.trouble))
            return
        self.seats.granted(effect.ticket)
        self._post(
            GrantReady(
                ticket=effect.ticket, grant=grant, ends=self._expiry.ends(),
                continuation=opened.continuation if opened is not None else None,
                refused=opened.refused if opened is not None else None,
            )
        )  # fmt: skip

    async def _granted(self, effect: FetchGrant) -> tuple[Opened | None, RoomGrant]:
        async def ask(going_on: Continuation) -> RoomGrant:
            return await self._api.fetch_grant(self._request_for(going_on))

        if effect.fresh and self._opener is not None:
            return await self._opener.granted(ask)
        return None, await ask(effect.continuation)

    async def _silence(self, silent: bool) -> None:
        try:
            await self._sound.silence_agent(silent)
        except AppError as error:
            self._post(MicrophoneFailed(trouble=error.trouble))

    async def _set_microphone(self) -> None:
        """Bring the engine to what is wanted now; several changes in a row end with the last one."""
        async with self._microphone_turn:
            told: bool | None = None
            while told != self._microphone_wanted:
                told = self._microphone_wanted
                try:
                    await self._sound.set_microphone(sending=told)
                except AppError as error:
                    self._post(MicrophoneFailed(trouble=error.trouble))

    async def _keep_speech(self) -> None:
        told: bool | None = None
        while told != self._speech_wanted:
            told = self._speech_wanted
            await self._sound.keep_speech(told)

    async def _watch_level(self) -> None:
        told: bool | None = None
        while True:
            loud = self._sound.levels().microphone_dbfs > SOUND_DBFS
            if loud != told:
                told = loud
                self._post(MicrophoneLoud(loud=loud))
            await self._clock.sleep(LEVEL_EVERY_S)

    async def _send_kept(self, effect: SendKept) -> None:
        await self.seats.microphone_in(effect.ticket)
        room = self.seats.room(effect.ticket)
        if room is None:
            return  # it was left meanwhile
        try:
            await room.send_kept(again=effect.again)
        except AppError as error:
            self._post(KeptNotSent(ticket=effect.ticket, trouble=error.trouble))
        else:
            self._post(KeptSent(ticket=effect.ticket))

    async def _wait(self, effect: StartTimer) -> None:
        await self._clock.sleep(effect.seconds)
        self._post(TimerFired(timer=effect.timer, serial=effect.serial))
