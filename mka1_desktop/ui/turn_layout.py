"""Where the parts of one turn stand in its row. Computed once for a turn, a width and a look, then only painted.

Boxes are in px from the row's top start corner, as for left to right; `TurnLayout.placed` mirrors them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QTextCharFormat, QTextLayout, QTextOption

from mka1_desktop.ui.forms import Form, side_margin
from mka1_desktop.ui.roles import Role
from mka1_desktop.ui.theme import Theme
from mka1_desktop.ui.turn_text import Kind, ShownText, shown_text
from mka1_desktop.viewmodels.transcript import TurnView, state_words
from mka1_desktop.viewmodels.words import clock, tr

PAD_NARROW = 16
GUTTER, MARK = 36, 24
TURN_GAP, TOOL_GAP, TOOL_LINE = 20, 4, 28
BUBBLE_PAD_X, BUBBLE_PAD_Y, BUBBLE_SHARE = 14, 10, 0.82
GO_ON_GAP, GO_ON_HEIGHT, GO_ON_PAD, GO_ON_ICON = 8, 30, 12, 16
META_GAP = 4
BESIDE_BUTTON = 10 + 6 + 16 + 40  # px beside a button: a gap, the icon of the words, the copy tool
DAY_ABOVE, DAY_BELOW = 5, 18
CARET_ROOM = 8
LOOKS: Mapping[Kind, Role] = {
    "plain": "text",
    "soft": "text2",
    "interim": "text2",
    "current": "accent_text",
    "bar": "text2",
    "chip": "text2",
}


@dataclass(frozen=True, slots=True)
class Column:
    """The band in which the conversation stands: left edge and width in px of the view."""

    x: int
    width: int


def column_for(view_width: int, form: Form) -> Column:
    """The column of a view: the same as the composer's below it, but 16 from the edges where that has 12."""
    side = max(PAD_NARROW, side_margin(view_width, form))
    return Column(side, max(120, view_width - 2 * side))


@dataclass(slots=True)
class TurnLayout:
    """The row of one turn: its height and the boxes of its parts."""

    turn: TurnView
    day: str
    width: int
    shown: ShownText
    text: QTextLayout
    text_box: QRectF
    height: int = 0
    day_box: QRectF = field(default_factory=QRectF)
    bubble: QRectF = field(default_factory=QRectF)
    mark: QRectF = field(default_factory=QRectF)
    go_on: QRectF = field(default_factory=QRectF)
    go_on_words: str = ""
    go_on_icon: str = "play"
    beside: QRectF = field(default_factory=QRectF)  # the sentence that belongs to "go on"
    meta: QRectF = field(default_factory=QRectF)  # the line under the turn: tools, or time and state
    meta_words: str = ""
    meta_icon: str = ""
    note: QRectF = field(default_factory=QRectF)
    note_words: str = ""

    def placed(self, box: QRectF, *, mirrored: bool) -> QRectF:
        """`box` in a row of this width that reads in the window's direction."""
        return QRectF(self.width - box.right(), box.y(), box.width(), box.height()) if mirrored else box


class _Given(NamedTuple):
    """What the row of a turn is made from; `top` is where its text may begin, in px."""

    turn: TurnView
    day: str
    width: int
    theme: Theme
    shown: ShownText
    top: float

    def row(self, text: QTextLayout, text_box: QRectF) -> TurnLayout:
        return TurnLayout(self.turn, self.day, self.width, self.shown, text, text_box)


def lay_out(turn: TurnView, day: str, width: int, theme: Theme) -> TurnLayout:
    """Compute the row of `turn` in a column of `width` px."""
    shown = shown_text(turn, tr("Conversation", "not heard"))
    top = 0.0
    day_box = QRectF()
    if day:
        day_box = QRectF(0, DAY_ABOVE, width, theme.line_height("small"))
        top = day_box.bottom() + DAY_BELOW
    given = _Given(turn, day, width, theme, shown, top)
    make = {"user": _person, "assistant": _assistant, "notice": _notice}[turn.role]
    row = make(given)
    row.day_box = day_box
    row.height += TURN_GAP
    return row


def _text(shown: ShownText, theme: Theme, width: float, line_height: float) -> tuple[QTextLayout, float, float]:
    """A finished layout, its height and the width that its longest line takes."""
    layout = QTextLayout(shown.text, theme.font("message"))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    layout.setFormats(_formats(shown, theme))
    height, natural = _break_lines(layout, width, line_height)
    if shown.right_to_left and natural < width:  # lines are aligned at their end of the box: make the box fit
        height, natural = _break_lines(layout, ceil(natural) + 1, line_height)
        natural = ceil(natural) + 1
    return layout, height, natural


def _break_lines(layout: QTextLayout, width: float, line_height: float) -> tuple[float, float]:
    layout.beginLayout()
    y = natural = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        step = max(line_height, line.height())
        line.setPosition(QPointF(0, y + (step - line.height()) / 2))
        natural = max(natural, line.naturalTextWidth())
        y += step
    layout.endLayout()
    return y, natural


def _formats(shown: ShownText, theme: Theme) -> list[QTextLayout.FormatRange]:
    ranges = []
    for span in shown.spans:
        look = QTextCharFormat()
        look.setForeground(theme.colour(LOOKS[span.kind]))
        if span.kind in {"bar", "chip"}:
            look.setFont(theme.font("micro"))
        one = QTextLayout.FormatRange()
        one.start, one.length, one.format = span.start, span.length, look
        ranges.append(one)
    return ranges


def _person(given: _Given) -> TurnLayout:
    turn, width, theme, top = given.turn, given.width, given.theme, given.top
    room = width * BUBBLE_SHARE - 2 * BUBBLE_PAD_X
    caret = CARET_ROOM if turn.live else 0
    text, height, natural = _text(given.shown, theme, room - caret, theme.line_height("message") - 1)
    box_width = ceil(natural) + caret + 2 * BUBBLE_PAD_X
    bubble = QRectF(width - box_width, top, box_width, height + 2 * BUBBLE_PAD_Y)
    text_box = QRectF(bubble.x() + BUBBLE_PAD_X, top + BUBBLE_PAD_Y, ceil(natural) + caret, height)
    row = given.row(text, text_box)
    row.bubble = bubble
    bottom = _note(row, bubble.bottom(), 0.0, theme)
    row.meta = QRectF(0, bottom + META_GAP, width, theme.line_height("small"))
    row.meta_icon, row.meta_words = _person_meta(turn)
    if turn.can_send_again:
        _send_again(row, bottom, theme)
    row.height = ceil(max(row.meta.bottom(), row.go_on.bottom()))
    return row


def _send_again(row: TurnLayout, bottom: float, theme: Theme) -> None:
    """The button that sends the person's turn once more: at the end of its line or, where it is narrow, under it."""
    row.go_on_words, row.go_on_icon = tr("Conversation", "Send again"), "refresh"
    wide, high = _button_size(row.go_on_words, theme)
    words = QFontMetricsF(theme.font("small")).horizontalAdvance(row.meta_words)
    row.go_on = QRectF(row.width - wide, bottom + GO_ON_GAP, wide, high)
    if wide + words + BESIDE_BUTTON <= row.width:
        row.meta = QRectF(0, row.go_on.y(), row.go_on.x() - 10, high)
    else:
        row.go_on.moveTop(row.meta.bottom() + GO_ON_GAP)


def _person_meta(turn: TurnView) -> tuple[str, str]:
    """Icon and words under a bubble."""
    match turn.state:
        case "waiting":
            return "clock", state_words(turn)
        case "failed" | "unsure":
            return "alert", state_words(turn)
        case "sent" if turn.on_hold:
            return "clock", state_words(turn)
        case "sent" | "final" | "interrupted":
            if turn.live or turn.interim:
                return "", ""
            return ("keyboard" if turn.source == "text" else "mic"), turn.time_text


def _assistant(given: _Given) -> TurnLayout:
    turn, width, theme, shown, top = given.turn, given.width, given.theme, given.shown, given.top
    line = theme.line_height("message")
    text, height, natural = _text(shown, theme, width - GUTTER, line)
    x = width - natural if shown.right_to_left else GUTTER
    text_box = QRectF(x, top, natural if shown.right_to_left else width - GUTTER, height)
    row = given.row(text, text_box)
    row.mark = QRectF(0, top + (line - MARK) / 2, MARK, MARK)
    bottom = _note(row, top + max(height, line), GUTTER, theme)
    if turn.cut is not None and turn.can_go_on and not turn.live:
        _go_on(row, bottom, theme)
    else:
        row.meta = QRectF(GUTTER, bottom + TOOL_GAP, width - GUTTER, TOOL_LINE)
        row.meta_icon, row.meta_words = _assistant_meta(turn)
        row.height = ceil(row.meta.bottom())
    return row


def _go_on(row: TurnLayout, bottom: float, theme: Theme) -> None:
    """The button that asks for the rest, and the sentence beside it or, where it is narrow, under it."""
    row.go_on_words = tr("Conversation", "Go on from here")
    row.meta_words = _stopped_words(row.turn)
    wide, high = _button_size(row.go_on_words, theme)
    row.go_on = QRectF(GUTTER, bottom + GO_ON_GAP, min(wide, row.width - GUTTER), high)
    row.meta = QRectF(GUTTER, row.go_on.y(), row.width - GUTTER, high)
    sentence = QFontMetricsF(theme.font("small")).horizontalAdvance(row.meta_words) + 1
    row.beside = QRectF(row.go_on.right() + 10, row.go_on.y(), sentence, high)
    if row.beside.right() > row.width - TOOL_LINE - 4:
        row.beside = QRectF(GUTTER, row.go_on.bottom() + 6, row.width - GUTTER, theme.line_height("small"))
    row.height = ceil(max(row.beside.bottom(), row.meta.bottom()))


def _button_size(words: str, theme: Theme) -> tuple[int, float]:
    """Width and height in px of a button in a row."""
    wide = QFontMetricsF(theme.font("small", 500)).horizontalAdvance(words)
    return ceil(2 * GO_ON_PAD + GO_ON_ICON + 8 + wide), max(GO_ON_HEIGHT, theme.line_height("small") + 12)


def _assistant_meta(turn: TurnView) -> tuple[str, str]:
    return ("alert", tr("Conversation", "Not complete")) if turn.state in {"failed", "unsure"} else ("", "")


def _stopped_words(turn: TurnView) -> str:
    left = turn.words_left
    if left == 1 and turn.stopped_at_s is None:
        return tr("Conversation", "You stopped it with one word left.")
    if left == 1:
        return tr("Conversation", "You stopped it at {time}, with one word left.", time=clock(turn.stopped_at_s or 0))
    if turn.stopped_at_s is None:
        return tr("Conversation", "You stopped it with %n words left.", n=left)
    return tr("Conversation", "You stopped it at {time}, with %n words left.", n=left, time=clock(turn.stopped_at_s))


def _notice(given: _Given) -> TurnLayout:
    """A remark between the turns: small, in the middle."""
    width, theme, shown, top = given.width, given.theme, given.shown, given.top
    line = theme.line_height("small")
    text = QTextLayout(shown.text, theme.font("small"))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    text.setTextOption(option)
    height, natural = _break_lines(text, width - 2 * GUTTER, line)
    if shown.right_to_left:
        height, natural = _break_lines(text, ceil(natural) + 1, line)
    text_box = QRectF((width - natural) / 2, top, ceil(natural) + 1, height)
    row = given.row(text, text_box)
    row.height = ceil(top + height)
    return row


def _note(row: TurnLayout, bottom: float, x: float, theme: Theme) -> float:
    """Place the line that says that the rest is not shown; return the new lower edge."""
    if not row.shown.elided:
        return bottom
    row.note_words = tr("Conversation", "Too long to show here. Copying takes all of it.")
    row.note = QRectF(x, bottom + META_GAP, row.width - x, theme.line_height("small"))
    return row.note.bottom()
