"""What the person asks for in the window -> the desk. Each returns at once; what takes time is a task of the desk's."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication

from mka1_desktop.app.account_desk import AccountDesk
from mka1_desktop.app.desk import Desk
from mka1_desktop.app.replay import Refused
from mka1_desktop.domain.errors import Action, AppError
from mka1_desktop.session.tasks import KeyedTasks
from mka1_desktop.ui.main_window import WindowModels
from mka1_desktop.viewmodels.notices import ToastView
from mka1_desktop.viewmodels.threads import ThreadListModel
from mka1_desktop.viewmodels.transcript import TranscriptModel, copy_form
from mka1_desktop.viewmodels.wishes import Wishes
from mka1_desktop.viewmodels.words import tr


@dataclass(slots=True, kw_only=True, eq=False)
class Doors:
    """What opens windows; set once they exist."""

    open_settings: Callable[[], None]
    open_account: Callable[[], None]
    fill_text: Callable[[str], None]
    focus_text: Callable[[], None]
    open_details: Callable[[], None]
    open_sound_check: Callable[[], None]


class WishList:
    """Builds the Wishes of the window."""

    def __init__(
        self,
        desk: Desk,
        *,
        accounts: AccountDesk,
        models: WindowModels,
        turns: TranscriptModel,
        threads: ThreadListModel,
        doors: Doors,
    ) -> None:
        self._desk = desk
        self._accounts = accounts
        self._models = models
        self._turns = turns
        self._threads = threads
        self._doors = doors
        self._tasks = KeyedTasks(desk.controller.defect)
        self.wishes = Wishes(
            talk_pressed=self._talk_pressed,
            talk_released=desk.release,
            talk_toggled=self._talk_toggled,
            stop=desk.stop,
            mute_toggled=lambda: desk.set_muted(not desk.session.muted),
            hang_up=desk.hang_up,
            drop_speech=desk.drop_speech,
            text_submitted=self._say,
            microphone_chosen=lambda device: self._choose("audio.microphone", device),
            speaker_chosen=lambda device: self._choose("audio.speaker", device),
            volume_changed=lambda percent: self.set_setting("audio.volume", percent),
            notice_action=self._notice_action,
            suggestion=doors.fill_text,
            copy_turn=self._copy_turn,
            send_again=desk.send_again,
            copy_all=self._copy_all,
            copy_words=self._copy,
            branch_turn=lambda key: self._start("thread", self._branch(key)),
            show_details=doors.open_details,
            hear_again=self._hear_again,
            hear_last=self._hear_again,
            open_thread=lambda thread: self._start("thread", self._open_thread(thread)),
            new_thread=self._new_thread,
            rename_thread=lambda thread, title: self._start("rename", self._rename(thread, title)),
            delete_thread=lambda thread: self._start("delete", self._delete(thread)),
            search=self._search,
            open_settings=doors.open_settings,
            test_key=desk.test_key,
            check_sound=doors.open_sound_check,
            set_setting=self.set_setting,
            key_entered=lambda key: self._start("key", self._keep_key(key)),
            use_demo=lambda: self._start("key", self._use_demo()),
        )

    async def close(self) -> None:
        await self._tasks.close()

    def _start(self, key: str, work: Coroutine[object, object, None]) -> None:
        self._tasks.start(key, self._shown(work))

    async def _shown(self, work: Coroutine[object, object, None]) -> None:
        """Run `work`; what it cannot do becomes a notice."""
        try:
            await work
        except AppError as error:
            self._desk.notice(error.trouble)

    # --- talking -----------------------------------------------------------------------------------------------

    def _talk_pressed(self, up_s: float | None = None) -> None:
        """The talk button also leads out of mute and of a failure (design: talk button)."""
        if self._desk.session.muted and not self._desk.key_test.running:
            self._desk.set_muted(False)
            return
        self._desk.press(up_s)

    def _talk_toggled(self) -> None:
        if self._desk.session.muted:
            self._desk.set_muted(False)
            return
        self._desk.talk("toggle")

    def _say(self, text: str) -> None:
        try:
            self._desk.say(text)
        except AppError as error:
            self._doors.fill_text(text)
            self._desk.notice(error.trouble)

    def _choose(self, key: str, device: str) -> None:
        self.set_setting(key, device)

    # --- notices and the conversation --------------------------------------------------------------------------

    def _notice_action(self, action: str) -> None:
        self._models.notices.dismiss()
        match action:
            case Action.RETRY:
                self._desk.retry_or_connect()
            case Action.REPEAT:
                self._desk.repeat()
            case Action.EDIT_KEY:
                self._doors.open_account()
            case Action.EDIT_SETTINGS | Action.CHOOSE_DEVICE:
                self._doors.open_settings()
            case Action.OPEN_MIC_SETTINGS:
                self._open_microphone_page()
            case Action.START_FRESH:
                self._start_fresh()
            case Action.UNMUTE:
                self._desk.set_muted(False)
            case Action.USE_TALK_KEY:
                self._desk.set_setting("talk.mode", "auto")
            case Action.FREE_SPACE:
                self._start("store", self._desk.save_again())
            case _:
                return

    def _open_microphone_page(self) -> None:
        """The system's page about microphones, else our own settings."""
        pages = self._desk.parts.pages
        if pages is None or pages.microphone is None:
            self._doors.open_settings()
        else:
            pages.open_microphone()

    def go_on(self, key: str) -> None:
        """Ask for the rest of an answer that was cut."""
        for turn in self._turns.turns():
            if turn.key == key and turn.cut is not None:
                heard = " ".join(turn.text[: turn.cut].split()[-8:])
                self._say(tr("Conversation", "Please go on from here: “… {words}”", words=heard))

    def _copy_turn(self, key: str) -> None:
        found = [turn for turn in self._turns.turns() if turn.key == key]
        if found:
            self._copy(found[0].text)

    def _copy_all(self) -> None:
        self._copy(copy_form(self._turns.turns()))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._models.toasts.show(ToastView(text=tr("Conversation", "Copied"), icon="copy"))

    def _hear_again(self, key: str | None = None, percent: int = 0) -> None:
        refused = self._desk.replay.start(key, percent or None)
        if refused is not None:
            self._models.toasts.show(ToastView(text=refusal(refused), icon="volume"))

    # --- threads -----------------------------------------------------------------------------------------------

    async def _open_thread(self, thread_id: str) -> None:
        self._search_again("")
        await self._desk.open_thread(thread_id)
        self._threads.set_open(thread_id)

    def _new_thread(self) -> None:
        self._desk.new_thread()
        self._threads.set_open(None)
        self._doors.focus_text()  # what is typed now begins it

    def _start_fresh(self) -> None:
        """Begin a new conversation; what was typed in the old one and got no answer stands in the box."""
        unanswered = self._desk.start_fresh()
        self._threads.set_open(None)
        if unanswered:
            self._doors.fill_text(unanswered)

    async def _branch(self, key: str) -> None:
        self._search_again("")
        thread = await self._desk.branch(key)
        self._threads.put(thread)
        self._threads.set_open(thread.id)
        told = tr("Conversation", "A new conversation goes on from here")
        self._models.toasts.show(ToastView(text=told, icon="branch"))
        self._doors.focus_text()

    async def _rename(self, thread_id: str, title: str) -> None:
        self._desk.on_threads_changed(await self._desk.rename_thread(thread_id, title))

    async def pin(self, thread_id: str, pinned: bool) -> None:
        self._desk.on_threads_changed(await self._desk.pin_thread(thread_id, pinned=pinned))

    def pin_thread(self, thread_id: str, pinned: bool) -> None:
        self._start("pin", self.pin(thread_id, pinned))

    async def _delete(self, thread_id: str) -> None:
        await self._desk.delete_thread(thread_id)
        self._threads.remove(thread_id)

    def _search(self, text: str) -> None:
        self._threads.set_query(text)
        self._search_again(text)

    def _search_again(self, text: str) -> None:
        if text.strip():
            self._start("search", self._find(text))

    async def _find(self, text: str) -> None:
        page = await self._desk.parts.history.search(text)
        self._threads.set_results(text, page.threads)

    # --- settings and the key ----------------------------------------------------------------------------------

    def set_setting(self, key: str, raw: object) -> None:
        """Change one setting; what the window shows of it follows."""
        try:
            self._desk.set_setting(key, raw)
        except AppError as error:
            self._desk.notice(error.trouble)

    async def _keep_key(self, key: str) -> None:
        await self._accounts.keep_key(key)

    async def _use_demo(self) -> None:
        await self._accounts.use_demo()

    def open_account(self) -> None:
        self._doors.open_account()

    def delete_key(self) -> None:
        self._start("key", self._accounts.delete_key())


def refusal(refused: Refused) -> str:
    """Why an answer is not heard again now, in words for people."""
    match refused:
        case Refused.SPEAKING:
            return tr("Conversation", "Not while the assistant speaks")
        case Refused.TALKING:
            return tr("Conversation", "Not while you talk")
        case Refused.NOTHING:
            return tr("Conversation", "No answer to hear again")
