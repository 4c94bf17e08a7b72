"""What the person can ask for in the windows. Widgets call these and know nothing of who listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

Wish: TypeAlias = Callable[[], None]
TextWish: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """One callable for each wish, all called on the window's thread; they return at once and never raise.

    None has a default: a wish that nobody listens to is a mistake that the type check finds.
    """

    # Talking
    talk_pressed: Wish  # the talk key or button went down; never repeated while it is down
    talk_released: Wish  # follows exactly once on each talk_pressed
    stop: Wish  # silence the answer; the session goes on
    mute_toggled: Wish
    hang_up: Wish  # end the session
    text_submitted: TextWish  # not empty, at most 12 KB as UTF-8; the box is already cleared

    # Sound
    microphone_chosen: TextWish  # device id; "" follows the system
    speaker_chosen: TextWish
    volume_changed: Callable[[int], None]  # percent, 0 to 150

    # Notices and the conversation
    notice_action: TextWish  # the `action` of the notice that is shown
    suggestion: TextWish  # a phrase to put into the text box, not to send
    copy_turn: TextWish  # key of the turn
    copy_all: Wish

    # Threads
    open_thread: TextWish
    new_thread: Wish
    rename_thread: Callable[[str, str], None]  # id, new title
    delete_thread: TextWish
    search: TextWish

    # Settings and the key
    open_settings: Wish
    set_setting: Callable[[str, object], None]  # key of domain.settings.TABLE, raw value
    key_entered: TextWish
    use_demo: Wish
