"""What the demo's assistant says. It follows rules, and says so where they end; it never pretends."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mka1_desktop.demo import texts
from mka1_desktop.demo.capitals import CAPITALS, capital_sentence, country_sentence
from mka1_desktop.demo.clock_words import date_in_words, time_in_words
from mka1_desktop.demo.numbers import in_words
from mka1_desktop.demo.phrases import SUGGESTIONS
from mka1_desktop.demo.records import Turn
from mka1_desktop.demo.sums import SumError, read_sum

MAX_READ = 400  # characters of a question that are looked at
MAX_QUOTE = 160  # characters of an earlier question in an answer
MAX_SPELL = 30  # letters
MAX_COUNT = 50
REPEATED = "I said: "
NOT_UNDERSTOOD = "(not understood)"  # stands in the history for speech without words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    text: str  # lower case, plain quotes, no mark at the end
    spoken: bool
    earlier: Sequence[Turn]  # without this question
    now: datetime
    found: re.Match[str]  # what the rule matched


_Answer = Callable[[_Question], str | None]  # None: the rule has no answer, the next one is asked


class Mind:
    """Answers one question at a time; holds nothing between questions."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()  # noqa: S311 - flips a coin, guards nothing
        self._rules = tuple((re.compile(pattern), answer) for pattern, answer in self._all_rules())

    def answer(
        self, heard: str | None, *, spoken: bool, earlier: Sequence[Turn], now: datetime, language: str | None
    ) -> str:
        """Return the answer to one question, never empty.

        Args:
            heard: the words; None when the speech was not understood.
            spoken: said aloud, not typed.
            earlier: the turns before, oldest first; this question may be the last of them already.
            now: local time, as a clock on the wall shows it.
            language: what the session asked for (ISO 639-1).
        """
        text = "" if heard is None else _plain(heard)
        before = _before(earlier, heard)
        if not text:
            return _not_caught(before, spoken=spoken, language=language)
        try:
            total = read_sum(text)
        except SumError as e:
            return str(e)
        if total is not None:
            return total.sentence()
        for pattern, rule in self._rules:
            found = pattern.search(text)
            if found is None:
                continue
            question = _Question(text=text, spoken=spoken, earlier=before, now=now, found=found)
            if (said := rule(question)) is not None:
                return said
        return _not_known(before, language=language)

    def _all_rules(self) -> Sequence[tuple[str, _Answer]]:
        return (*_RULES[:1], (r"\b(flip|toss) a coin\b|\bheads or tails\b", self._coin), *_RULES[1:])

    def _coin(self, _: _Question) -> str:
        return f"I flipped a coin, and it shows {self._chance.choice(('heads', 'tails'))}."


def _plain(heard: str) -> str:
    text = " ".join(heard[:MAX_READ].lower().replace("’", "'").split())
    return text.strip(" ?!.,;:")


def _before(earlier: Sequence[Turn], heard: str | None) -> Sequence[Turn]:
    """Leave this question out, if the history holds it already."""
    if earlier and earlier[-1].role == "user" and earlier[-1].text == heard:
        return earlier[:-1]
    return earlier


def _two_phrases(earlier: Sequence[Turn]) -> tuple[str, str]:
    """Other phrases each time, so that people learn more of them; always the same for the same history."""
    place = len(earlier)
    return SUGGESTIONS[place % len(SUGGESTIONS)], SUGGESTIONS[(place + 3) % len(SUGGESTIONS)]


def _english_only(language: str | None) -> str:
    return "" if language in (None, "en") else " This demo knows English only."


def _not_caught(earlier: Sequence[Turn], *, spoken: bool, language: str | None) -> str:
    first, second = _two_phrases(earlier)
    verb = "say" if spoken else "write"
    return f"I did not catch that. You can {verb}: {first} Or: {second}{_english_only(language)}"


def _not_known(earlier: Sequence[Turn], *, language: str | None) -> str:
    first, second = _two_phrases(earlier)
    return (
        "This is the demo, and I only know a few things; no language model answers here. "
        f"You can ask: {first} Or: {second}{_english_only(language)}"
    )


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_QUOTE else text[:MAX_QUOTE].rsplit(" ", 1)[0] + "…"


def _ended(text: str) -> str:
    return text if text.endswith(("?", ".", "!", "…")) else f"{text}."


# -- rules ----------------------------------------------------------------------------------------


def _earlier(question: _Question) -> str:
    asked = [turn.text for turn in question.earlier if turn.role == "user" and turn.text.strip()]
    asked = [text for text in asked if text != NOT_UNDERSTOOD]
    if not asked:
        return "You have not asked me anything yet in this conversation."
    last = f"Earlier you asked me: {_ended(_shortened(asked[-1]))}"
    return last if len(asked) == 1 else f"{last} Before that: {_ended(_shortened(asked[-2]))}"


def _repeat(question: _Question) -> str:
    said = [turn.text for turn in question.earlier if turn.role == "assistant" and turn.text.strip()]
    if not said:
        return "I have not said anything yet that I could repeat."
    return REPEATED + said[-1].removeprefix(REPEATED)  # asked twice, it is still said once


def _time(question: _Question) -> str:
    return f"It is {time_in_words(question.now)}."


def _time_elsewhere(question: _Question) -> str:
    return f"I only know the time of this computer. Here it is {time_in_words(question.now)}."


def _date(question: _Question) -> str:
    return f"Today is {date_in_words(question.now)}."


def _other_day(question: _Question) -> str:
    tomorrow = "tomorrow" in (question.found["day"], question.found["other"])
    day = question.now + timedelta(days=1 if tomorrow else -1)
    return f"{'Tomorrow is' if tomorrow else 'Yesterday was'} {date_in_words(day)}."


def _weekday(question: _Question) -> str:
    return f"Today is {question.now:%A}."


def _year(question: _Question) -> str:
    return f"It is the year {question.now.year}."


def _capital(question: _Question) -> str:
    country = question.found["country"] or question.found["owner"]
    return capital_sentence(country) or (
        f"I do not know a country of that name. I know the capitals of {len(CAPITALS)} countries."
    )


def _country(question: _Question) -> str | None:
    return country_sentence(question.found["city"] or question.found["town"])


def _spell(question: _Question) -> str | None:
    word = re.sub(r"^(?:the )?word\b|[\"'“”]", "", question.found["word"]).strip()
    letters = [letter for letter in word if letter.isalnum()]
    if not letters:
        return None
    if len(letters) > MAX_SPELL:
        return f"That is too long for me; I spell up to {MAX_SPELL} letters."
    return f"{word.capitalize()} is spelled: {', '.join(letter.upper() for letter in letters)}."


def _count(question: _Question) -> str:
    first, last = (_small_number(question.found[name]) for name in ("first", "last"))
    first = 1 if first is None else first
    if last is None or abs(last - first) >= MAX_COUNT or max(first, last) > 99:
        return f"I count at most {MAX_COUNT} numbers, up to ninety-nine."
    step = 1 if first <= last else -1
    words = ", ".join(in_words(each) for each in range(first, last + step, step))
    return f"{words.capitalize()}."


def _small_number(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isdecimal() and len(text) <= 3:
        return int(text)
    return next((value for value in range(100) if in_words(value) == text.replace(" ", "-")), None)


def _joke(question: _Question) -> str:
    """Tell the first joke that this conversation has not heard."""
    told = {turn.text for turn in question.earlier}
    return next((joke for joke in texts.JOKES if joke not in told), texts.JOKES[0])


def _hear(question: _Question) -> str:
    return "Yes, I can hear you well." if question.spoken else "You wrote that, and I read it well."


def _greet(question: _Question) -> str:
    day = question.found["day"]
    return f"Good {day} to you too. What can I do for you?" if day else "Hello. What can I do for you?"


def _always(text: str) -> _Answer:
    return lambda _: text


# The first rule that matches and has an answer wins: particular ones first, polite words last.
_RULES: Sequence[tuple[str, _Answer]] = (
    (r"\b(did|have) i (just )?(ask|asked|say|said|tell|told)\b|\bmy (last|previous|earlier) question", _earlier),
    (r"\brepeat (that|it|your|the)\b|\bsay (that|it) again\b|\bwhat did you (just )?say\b", _repeat),
    (r"\bstory\b", _always(texts.STORY)),
    (r"\bjoke\b|\bmake me laugh\b", _joke),
    (r"\bspell(?:ing of)?(?: of)? (?P<word>.+)", _spell),
    (
        r"\b(?:which|what) country (?:is|has) (?P<city>[\w .,'-]+?)(?: (?:is )?(?:as )?(?:the|its) capital.*)?$|"
        r"^(?:is )?(?P<town>[\w .,'-]+?) (?:is )?the capital (?:city )?of (?:which|what)\b",
        _country,
    ),
    (
        r"\bcapital(?: city)? of (?P<country>(?!which\b|what\b).+?)(?: please)?$|"
        r"(?:^|\b(?:is|of) )(?P<owner>(?!what\b|which\b|the capital)[\w .]+?)(?:'s)? capital(?: city)?$",
        _capital,
    ),
    (r"\bcount (?:down )?(?:(?:from )?(?P<first>[\w -]+?) )?(?:up |down )?to (?P<last>[\w -]+)", _count),
    (r"\bhow many days\b.*\byear\b|\bdays in a (leap )?year\b", _always(texts.YEAR)),
    (r"\b(far|distance|away)\b.*\bmoon\b", _always(texts.MOON)),
    (r"\bsky\b.*\bblue\b|\bblue\b.*\bsky\b", _always(texts.SKY)),
    (r"\b(name|list|which|what)\b.*\bplanets\b", _always(texts.PLANETS)),
    (r"\bweather\b|\btemperature outside\b|\bis it (raining|cold|warm|sunny)\b", _always(texts.WEATHER)),
    (
        r"\b(?:day|date)\b.*\b(?P<day>tomorrow|yesterday)\b|\b(?P<other>tomorrow|yesterday)('s| is| was)? ?(the )?"
        r"(day|date|what day)\b",
        _other_day,
    ),
    (r"\bday of the week\b|\b(which|what) (week)?day\b", _weekday),
    (r"\b(which|what) year (is it|is this|do we)\b", _year),
    (r"\b(the|today's|current|which|what) date\b|^date\b|\b(what's|what is) today\b", _date),
    (r"\btime\b.*\bin (?!the\b|this\b|words\b)\w+", _time_elsewhere),
    (r"\bwhat time\b|\btime is it\b|\b(what's|what is|tell me|know) the time\b|^(the )?time\b|\bhow late\b", _time),
    (r"\b(hear|understand) me\b", _hear),
    (r"\bdemo\b.*\bwork|\bhow do you work\b|\bis (this|that) (a|the) demo\b", _always(texts.WORKS)),
    (
        r"\bwho (are you|made you)\b|\bwhat are you\b|\byour name\b|\bare you (an? )?(ai|robot|real|human)\b",
        _always(texts.ABOUT),
    ),
    (r"\bwhat can (you|i)\b|\bhelp\b", _always(texts.ABILITIES)),
    (r"\bhow are you\b", _always("I am well, thank you. What would you like to know?")),
    (r"\bthank(s| you)\b", _always("You are welcome.")),
    (r"\b(goodbye|good bye|bye|see you|good night)\b", _always("Goodbye. It was nice to talk with you.")),
    (r"\bgood (?P<day>morning|afternoon|evening|day)\b|^(hello|hi|hey)\b", _greet),
    (r"^(stop|be quiet|never ?mind)\b", _always("All right.")),
)
