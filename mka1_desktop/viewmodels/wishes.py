"""What the person can ask for in the windows. Widgets call these and know nothing of who listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Wish: TypeAlias = Callable[[], None]
TextWish: TypeAlias = Callable[[str], None]


class TimedWish(Protocol):
    """A key or button moved, so many seconds after it moved the other way; None where the input system cannot tell."""

    def __call__(self, since_s: float | None = None, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """One callable for each wish, all called on the window's thread; they return at once and never raise.

    None has a default: a wish that nobody listens to is a mistake that the type check finds.
    """

    # Talking
    talk_pressed: TimedWish  # the talk key or button went down; never repeated while it is down
    talk_released: TimedWish  # follows exactly once on each talk_pressed
    talk_toggled: Wish  # the talk button was clicked by a program, such as a screen reader: nobody holds it
    stop: Wish  # silence the answer; the session goes on
    mute_toggled: Wish
    hang_up: Wish  # end the session
    drop_speech: Wish  # what was said and has not been sent is not wanted
    text_submitted: TextWish  # not empty, at most 12 KB as UTF-8; the box is already cleared

    # Sound
    microphone_chosen: TextWish  # device id; "" follows the system
    speaker_chosen: TextWish
    volume_changed: Callable[[int], None]  # percent, 0 to 150

    # Notices and the conversation
    notice_action: TextWish  # the `action` of the notice that is shown
    suggestion: TextWish  # a phrase to put into the text box, not to send
    copy_turn: TextWish  # key of the turn
    send_again: TextWish  # key of a turn of the person that got no answer, or may not have arrived
    copy_all: Wish
    copy_words: TextWish  # any words that are shown
    branch_turn: TextWish  # key of the answer that a new conversation goes on from
    show_details: Wish  # of the open conversation
    hear_again: Callable[[str, int], None]  # key of an answer that has its sound, speed in percent; 0: as last time
    hear_last: Wish  # the newest answer that has its sound, as last time

    # Threads
    open_thread: TextWish
    new_thread: Wish
    rename_thread: Callable[[str, str], None]  # id, new title
    delete_thread: TextWish
    search: TextWish

    # Settings and the key
    open_settings: Wish
    test_key: Wish  # count presses of the talk key for ten seconds
    check_sound: Wish  # open the sound check
    set_setting: Callable[[str, object], None]  # key of domain.settings.TABLE, raw value
    key_entered: TextWish
    use_demo: Wish
