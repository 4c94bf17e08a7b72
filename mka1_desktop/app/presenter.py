"""The session -> the window's models. Decides nothing; everything shown is made from state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from mka1_desktop.app.desk import Desk
from mka1_desktop.app.device_choice import picker_of
from mka1_desktop.app.device_news import device_news
from mka1_desktop.app.microphone_notice import about_microphone
from mka1_desktop.app.repeating import SPEECH
from mka1_desktop.app.turn_rows import turn_row
from mka1_desktop.app.views import Moment, kept_of, link_of, link_words_of, status_of, talk_of
from mka1_desktop.domain.audio import Devices
from mka1_desktop.domain.conversation import Thread
from mka1_desktop.domain.errors import Action, Code, Trouble
from mka1_desktop.domain.events import Event, MicrophoneClosed, MicrophoneReady, SpeechRepeated
from mka1_desktop.session.dialogue import Entry
from mka1_desktop.session.state import Connecting, Live, Phase, Session, Shown
from mka1_desktop.session.watch import Watcher
from mka1_desktop.ui.main_window import WindowModels
from mka1_desktop.viewmodels.devices import DevicesView
from mka1_desktop.viewmodels.head import HeadView
from mka1_desktop.viewmodels.levels import LevelsView, level_of
from mka1_desktop.viewmodels.notices import NoticeKind, NoticeView, notice_of
from mka1_desktop.viewmodels.threads import ThreadListModel
from mka1_desktop.viewmodels.transcript import TranscriptModel, TurnView

LEVELS_MS = 33  # 30 times a second while something can be heard
SECOND_MS, QUARTER_MS = 1000, 250  # a counter that began between two seconds is late by no more than this
CALM_S = 1.0  # a break that is over sooner shows no notice
MICROPHONE_CODES = frozenset({Code.MIC_DENIED, Code.MIC_SILENT, Code.NO_MICROPHONE, Code.DEVICE_GONE, Code.MUTED})
WAITING_CODES = frozenset({Code.KEYRING_SLOW, Code.AGENT_ABSENT, Code.THINKING_LONG})


class Presenter(Watcher):
    """One for the window. All on the window's thread."""

    def __init__(
        self,
        desk: Desk,
        *,
        models: WindowModels,
        turns: TranscriptModel,
        threads: ThreadListModel,
        parent: QObject,
        key_name: Callable[[], str],
    ) -> None:
        self._desk = desk
        self._models = models
        self._turns = turns
        self._threads = threads
        self._key_name = key_name
        self._ready = False
        self._shown = Shown.IDLE
        self._since_s = desk.parts.clock.monotonic()
        self._lost_s: float | None = None  # when the connection was lost that is not back yet
        self._held: Trouble | None = None  # shown if the break lasts
        self._failed: str | None = None  # key of the spoken turn that got no answer
        self._devices = Devices()
        self._devices_known = False
        self._dialogue = desk.controller.dialogue
        self._levels = QTimer(parent)
        self._levels.setInterval(LEVELS_MS)
        self._levels.timeout.connect(self._show_levels)
        self._seconds = QTimer(parent)
        self._seconds.setInterval(SECOND_MS)
        self._seconds.timeout.connect(self.render)
        desk.controller.watch(self)
        desk.voice.on_change = desk.replay.on_change = self.sounds_changed
        self.render()

    # --- Watcher -----------------------------------------------------------------------------------------------

    def on_session(self, session: Session) -> None:
        self._follow_time(session)
        if not session.sending:
            self._ready = False
        if self._dialogue is not self._desk.controller.dialogue:
            self._dialogue, self._failed = self._desk.controller.dialogue, None
            self._show_all_turns()
            self._models.notices.dismiss()
        live = isinstance(session.link, Live)
        _run(self._levels, live or session.speech.keeping)
        _run(self._seconds, self._desk.active)
        every_ms = QUARTER_MS if self._counts(session) else SECOND_MS
        if every_ms != self._seconds.interval():  # setting it begins the wait anew
            self._seconds.setInterval(every_ms)
        thread = self._desk.recorder.thread
        self._threads.set_live(thread.id if thread is not None and self._desk.active else None)
        self.render()
        self._show_newest()

    def on_event(self, event: Event, session: Session) -> None:
        if isinstance(event, MicrophoneReady | MicrophoneClosed):
            self._ready = isinstance(event, MicrophoneReady)
            self.render()
        elif isinstance(event, SpeechRepeated):
            self._not_failed()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        known = [e.key for e in self._dialogue.entries]
        for entry in entries:
            if entry.role == "notice":
                continue
            late = self._turns.row_of(entry.key) < 0 and known.index(entry.key) < len(known) - 1
            if late:  # the person's words came after the answer to them had begun
                self._show_all_turns()
                return
            if entry.key != self._failed:
                self._not_failed()
            self._turns.put(self._row(entry))

    def on_turn_failed(self, trouble: Trouble) -> None:
        """Mark a spoken question in its place; a typed one is marked already, and what goes out by itself is not."""
        said = [entry for entry in self._dialogue.entries if entry.role != "notice"]
        spoken = bool(said) and (said[-1].role, said[-1].source) == ("user", "voice")
        if spoken and trouble.advice.action is not Action.NONE and not self._desk.session.speech.pending:
            self._failed = said[-1].key
            self._turns.put(self._row(said[-1]))

    def sounds_changed(self, keys: frozenset[str]) -> None:
        """The sound of these turns is kept now, or is not any more, or is heard again."""
        for entry in self._dialogue.entries:
            if entry.key in keys and self._turns.row_of(entry.key) >= 0:
                self._turns.put(self._row(entry))
        self.render()

    def _not_failed(self) -> None:
        """The turn that failed is answered, or another one follows it."""
        if self._failed is None:
            return
        before, self._failed = self._failed, None
        for entry in self._dialogue.entries:
            if entry.key == before:
                self._turns.put(self._row(entry))

    def on_notice(self, trouble: Trouble) -> None:
        """Show it, unless the connection may be back in a moment by itself."""
        young = isinstance(self._desk.session.link, Connecting) and self._lost_for_s() < CALM_S
        self._held = trouble if young and trouble.code not in MICROPHONE_CODES else None
        if self._held is None:
            self._show_notice(trouble)

    def _show_notice(self, trouble: Trouble) -> None:
        if trouble.code is Code.INVALID_REQUEST and not self._desk.session.continuation:
            trouble = replace(trouble, code=Code.BAD_REQUEST)  # nothing was gone on from: a fresh start changes nothing
        kind = NoticeKind.FAILURE
        trying = isinstance(self._desk.session.link, Connecting)  # nothing has failed yet: it goes on by itself
        if trouble.code in MICROPHONE_CODES:
            kind = NoticeKind.MICROPHONE
        elif trouble.code in WAITING_CODES or trying:
            kind = NoticeKind.WAITING
        view = self._about_microphone(replace(notice_of(trouble, kind=kind), stays=trying), trouble)
        repeats = trouble.advice.action is Action.REPEAT
        if (repeats and self._desk.repeatable is None) or (trying and trouble.advice.action is Action.RETRY):
            # nothing is left to send, or the button for it stands beside the state
            view = replace(view, action="", action_label="")
        self._models.notices.show(view)

    def _about_microphone(self, view: NoticeView, trouble: Trouble) -> NoticeView:
        pages, used = self._desk.parts.pages, self._models.devices.view.microphone
        page = pages.microphone if pages is not None else None
        return about_microphone(view, trouble, name=used.name if used.enabled else "", page=page)

    def on_notice_cleared(self) -> None:
        self._held = None
        self._models.notices.dismiss()

    # --- rendering ---------------------------------------------------------------------------------------------

    def moment(self) -> Moment:
        desk = self._desk
        lost = self._lost_s is not None and self._shown is Shown.RECONNECTING
        return Moment(
            session=desk.session,
            talk=desk.talker.talk,
            key_name=self._key_name(),
            mode=desk.talker.settings.mode,
            microphone_ready=self._ready,
            has_microphone=bool(self._devices.microphones) or not self._devices_known,
            seconds=int(self._lost_for_s() if lost else desk.parts.clock.monotonic() - self._since_s),
            kept=desk.parts.sound.kept,
            replaying=desk.replay.playing is not None,
        )

    def _lost_for_s(self) -> float:
        """Since the connection was lost, whatever was tried meanwhile; infinite while it is there."""
        return float("inf") if self._lost_s is None else self._desk.parts.clock.monotonic() - self._lost_s

    def _follow_time(self, session: Session) -> None:
        now_s = self._desk.parts.clock.monotonic()
        if session.shown is not self._shown:
            self._shown, self._since_s = session.shown, now_s
        if session.listens or not self._desk.active:
            self._lost_s = None
        elif session.shown is Shown.RECONNECTING and self._lost_s is None:
            self._lost_s = now_s

    def _counts(self, session: Session) -> bool:
        """Whether something is shown that changes by the second and began at any moment."""
        speech = session.speech
        return self._lost_s is not None or speech.keeping or speech.pending or speech.sending

    def render(self) -> None:
        """Show head, talk bar and status line anew."""
        moment, thread = self.moment(), self._desk.recorder.thread
        self._models.status.show(status_of(moment))
        self._models.talk.show(talk_of(moment))
        self._models.kept.show(kept_of(moment))
        if self._held is not None and self._lost_for_s() >= CALM_S:
            held, self._held = self._held, None
            if isinstance(moment.session.link, Connecting):  # else a room is joined already
                self._show_notice(held)
        self._models.head.show(
            HeadView(
                title=thread.title if thread else "",
                thread_id=thread.id if thread else None,
                link=link_of(moment.session),
                link_words=link_words_of(moment),
                can_end=self._desk.active,
            )
        )

    def show_devices(self, devices: Devices) -> None:
        """Show what is plugged in."""
        before = self._models.devices.view if self._devices_known else None
        self._devices, self._devices_known = devices, True
        settings = self._desk.settings
        view = DevicesView(
            microphone=picker_of(settings, "microphone", devices),
            speaker=picker_of(settings, "speaker", devices),
            volume=settings.number("audio.volume"),
        )
        self._models.devices.show(view)
        if before is not None and (news := device_news(before, view)) is not None:
            self._models.toasts.show(news)
        self._desk.microphones_counted(len(devices.microphones))
        self._desk.report.set_devices(microphone=view.microphone.name, speaker=view.speaker.name)
        self.render()

    def thread_saved(self, thread: Thread) -> None:
        """The store has it: list it and mark it as open."""
        self._threads.put(thread)
        self._threads.set_open(self._desk.recorder.thread.id if self._desk.recorder.thread else None)
        self.render()

    def _row(self, entry: Entry) -> TurnView:
        newest = bool(self._dialogue.entries) and self._dialogue.entries[-1].key == entry.key
        spoken = self._dialogue.spoken_chars(self._desk.parts.clock.monotonic()) if newest else None
        failed = entry.key == self._failed
        recorded = failed and self._desk.repeatable == SPEECH
        return turn_row(
            entry, self._desk.session, newest=newest, spoken_chars=spoken, failed=failed, recorded=recorded,
            can_hear=self._desk.voice.has(entry.key), playing=self._desk.replay.playing == entry.key,
        )  # fmt: skip

    def _show_all_turns(self) -> None:
        self._turns.set_rows([self._row(e) for e in self._dialogue.entries if e.role != "notice"])

    def _show_newest(self) -> None:
        """A change of state changes what the newest turns and those that wait look like."""
        entries = self._dialogue.entries
        for entry in (
            *(e for e in entries[:-2] if e.state in ("waiting", "sent") or e.key == self._failed),
            *entries[-2:],
        ):
            if entry.role != "notice":
                self._turns.put(self._row(entry))

    def _show_levels(self) -> None:
        levels, session = self._desk.parts.sound.levels(), self._desk.session
        open_ = (session.sending and self._ready) or self.moment().recording
        self._models.levels.show(
            LevelsView(
                microphone=level_of(levels.microphone_dbfs) if open_ else None,
                speaker=level_of(levels.agent_dbfs),
            )
        )
        live = session.link
        if isinstance(live, Live) and live.phase in (Phase.SPEAKING, Phase.GREETING):
            answer = self._dialogue.answer
            if answer is not None:
                self._turns.put(self._row(answer))


def _run(timer: QTimer, wanted: bool) -> None:
    if wanted and not timer.isActive():
        timer.start()
    elif not wanted:
        timer.stop()
