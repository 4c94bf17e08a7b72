"""Days and times in the person's way of writing, for lists that are grouped by day."""

from __future__ import annotations

from PySide6.QtCore import QDate, QDateTime, QLocale

from mka1_desktop.viewmodels.words import tr

WEEK_DAYS = 7


def day_of(at_s: float) -> QDate:
    """The local day of a moment in Unix seconds."""
    return _moment(at_s).date()


def clock_text(at_s: float) -> str:
    """The local time of day, short: 14:02 or 2:02 PM."""
    return QLocale().toString(_moment(at_s).time(), QLocale.FormatType.ShortFormat)


def moment_text(at_s: float) -> str:
    """Local day and time of day."""
    return f"{QLocale().toString(_moment(at_s).date(), QLocale.FormatType.LongFormat)}, {clock_text(at_s)}"


def day_title(day: QDate, today: QDate) -> str:
    """Today, Yesterday, the weekday within a week, else the date."""
    distance = day.daysTo(today)
    if distance == 0:
        return tr("Days", "Today")
    if distance == 1:
        return tr("Days", "Yesterday")
    if 0 < distance < WEEK_DAYS:
        return QLocale().standaloneDayName(day.dayOfWeek(), QLocale.FormatType.LongFormat)
    return QLocale().toString(day, QLocale.FormatType.LongFormat)


def group_title(day: QDate, today: QDate) -> str:
    """Name of the group of a list of threads that a day belongs to. Days to come count as today."""
    distance = day.daysTo(today)
    if distance <= 0:
        return tr("Days", "Today")
    if distance == 1:
        return tr("Days", "Yesterday")
    if distance <= WEEK_DAYS:
        return tr("Days", "Previous 7 days")
    if distance <= 30:
        return tr("Days", "Previous 30 days")
    month = QLocale().standaloneMonthName(day.month(), QLocale.FormatType.LongFormat)
    return month if day.year() == today.year() else f"{month} {day.year()}"


def short_when(at_s: float, today: QDate) -> str:
    """The time for today and yesterday, the short weekday within a week, else day and month."""
    moment = _moment(at_s)
    distance = moment.date().daysTo(today)
    if distance <= 1:
        return clock_text(at_s)
    if distance <= WEEK_DAYS:
        return QLocale().standaloneDayName(moment.date().dayOfWeek(), QLocale.FormatType.ShortFormat)
    return QLocale().toString(moment.date(), "d MMM" if moment.date().year() == today.year() else "d MMM yyyy")


def _moment(at_s: float) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(at_s))
