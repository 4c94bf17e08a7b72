"""The wishes of a window that is seen before there is anybody to grant them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mka1_desktop.viewmodels.wishes import TextWish, TimedWish, Wish, Wishes


class Granting(Protocol):
    """Who grants what the window wishes."""

    @property
    def wishes(self) -> Wishes: ...

    def go_on(self, key: str) -> None: ...

    def pin_thread(self, thread_id: str, pinned: bool) -> None: ...

    def open_account(self) -> None: ...


class Later:
    """`wishes` can be wished from the start; what comes before `begin` is granted then, in order."""

    def __init__(self) -> None:
        self._granting: Granting | None = None
        self._waiting: list[Callable[[Granting], None]] = []
        self.wishes = self._make_wishes()

    def begin(self, granting: Granting) -> None:
        """From now on `granting` grants."""
        self._granting = granting
        waiting, self._waiting = self._waiting, []
        for wish in waiting:
            wish(granting)

    def go_on(self, key: str) -> None:
        self._wish(lambda granting: granting.go_on(key))

    def pin_thread(self, thread_id: str, pinned: bool) -> None:
        self._wish(lambda granting: granting.pin_thread(thread_id, pinned))

    def open_account(self) -> None:
        self._wish(lambda granting: granting.open_account())

    def _wish(self, wish: Callable[[Granting], None]) -> None:
        if self._granting is None:
            self._waiting.append(wish)
        else:
            wish(self._granting)

    # The right number of arguments for each, since Qt's signals hand over as many as a callable takes.

    def _plain(self, find: Callable[[Wishes], Wish]) -> Wish:
        return lambda: self._wish(lambda granting: find(granting.wishes)())

    def _text(self, find: Callable[[Wishes], TextWish]) -> TextWish:
        return lambda text: self._wish(lambda granting: find(granting.wishes)(text))

    def _timed(self, find: Callable[[Wishes], TimedWish]) -> TimedWish:
        return lambda since_s=None, /: self._wish(lambda granting: find(granting.wishes)(since_s))

    def _make_wishes(self) -> Wishes:
        plain, text, timed = self._plain, self._text, self._timed
        return Wishes(
            talk_pressed=timed(lambda w: w.talk_pressed),
            talk_released=timed(lambda w: w.talk_released),
            talk_toggled=plain(lambda w: w.talk_toggled),
            stop=plain(lambda w: w.stop),
            mute_toggled=plain(lambda w: w.mute_toggled),
            hang_up=plain(lambda w: w.hang_up),
            drop_speech=plain(lambda w: w.drop_speech),
            text_submitted=text(lambda w: w.text_submitted),
            microphone_chosen=text(lambda w: w.microphone_chosen),
            speaker_chosen=text(lambda w: w.speaker_chosen),
            volume_changed=lambda percent: self._wish(lambda g: g.wishes.volume_changed(percent)),
            notice_action=text(lambda w: w.notice_action),
            suggestion=text(lambda w: w.suggestion),
            copy_turn=text(lambda w: w.copy_turn),
            send_again=text(lambda w: w.send_again),
            copy_all=plain(lambda w: w.copy_all),
            copy_words=text(lambda w: w.copy_words),
            branch_turn=text(lambda w: w.branch_turn),
            show_details=plain(lambda w: w.show_details),
            hear_again=lambda key, percent: self._wish(lambda g: g.wishes.hear_again(key, percent)),
            hear_last=plain(lambda w: w.hear_last),
            open_thread=text(lambda w: w.open_thread),
            new_thread=plain(lambda w: w.new_thread),
            rename_thread=lambda thread, title: self._wish(lambda g: g.wishes.rename_thread(thread, title)),
            delete_thread=text(lambda w: w.delete_thread),
            search=text(lambda w: w.search),
            open_settings=plain(lambda w: w.open_settings),
            test_key=plain(lambda w: w.test_key),
            check_sound=plain(lambda w: w.check_sound),
            set_setting=lambda key, raw: self._wish(lambda g: g.wishes.set_setting(key, raw)),
            key_entered=text(lambda w: w.key_entered),
            use_demo=plain(lambda w: w.use_demo),
        )
