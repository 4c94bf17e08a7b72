"""Who said what, in the order of turns: captions, typed texts and response ids, grouped into entries.

An entry is one side's turn. Segments of one answer belong to one entry; a caption of the person that comes late goes
before the answer to it. Deterministic, no I/O: time comes in with the events.
"""

from __future__ import annotations

from dataclasses import replace

from mka1_desktop.domain import captions
from mka1_desktop.domain.conversation import Item, ItemState, Role
from mka1_desktop.domain.events import CaptionReceived, ResponseStarted, Speaker
from mka1_desktop.session.entry import Entry, restored, unanswered_voice
from mka1_desktop.session.heard import Pace, heard_chars

__all__ = ["Dialogue", "Entry"]

LATE_ID_S = 2.0  # a response id this long after its words still belongs to them
NEARLY_ALL = 0.9  # of an answer; what is missing then is not worth a mark
LATE_WORDS_S = 6.0  # the person's words this long after the answer began still go before it
SPEAKERS: tuple[Speaker, ...] = ("user", "agent")
REPEATS = 20  # entries in which a repeated response id is looked for


class Dialogue:
    """The turns of one thread while it is open. Methods return the entries that changed."""

    def __init__(self, *, prefix: str) -> None:
        self._prefix = prefix
        self._count = 0
        self._transcript = captions.Transcript()
        self._texts: dict[str, str] = {}  # record key -> its longest text
        self._entries: list[Entry] = []
        self._pending: tuple[ResponseStarted, ...] = ()  # their words have not come yet
        self._sound_since_s: float | None = None
        self._barged: str | None = None  # the answer that the person speaks over
        self._pace = Pace()
        self._again: str | None = None  # a spoken turn that is being sent once more

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    @property
    def answer(self) -> Entry | None:
        """The newest answer, when nothing of the person came after it."""
        last = self._entries[-1] if self._entries else None
        return last if last is not None and last.role == "assistant" else None

    def load(self, items: tuple[Item, ...]) -> None:
        """Show an earlier part of the thread. What waited then is not sent by itself now."""
        for item in items:
            self._entries.append(restored(item))

    # --- the person types --------------------------------------------------------------------------------------

    def add_text(self, text: str, *, at: float, at_s: float) -> Entry:
        """A typed text; it waits until it is handed over."""
        return self._written("user", text, "waiting", at=at, at_s=at_s)

    def set_state(self, key: str, state: ItemState) -> tuple[Entry, ...]:
        return tuple(self._put(replace(e, state=state)) for e in self._entries if e.key == key and e.state != state)

    def arrived(self, text: str) -> int:
        """How often exactly this was typed and has arrived."""
        return sum(e.typed and e.state == "final" and e.text == text for e in self._entries)

    def notice(self, text: str, *, at: float, at_s: float) -> Entry:
        """Something that went wrong, kept in its place."""
        return self._written("notice", text, "final", at=at, at_s=at_s)

    def _written(self, role: Role, text: str, state: ItemState, *, at: float, at_s: float) -> Entry:
        return self._append(
            Entry(
                key=self._key(), role=role, source="text", text=text, final_text=text, final=True, state=state, at=at,
                at_s=at_s,
            )
        )  # fmt: skip

    # --- captions ----------------------------------------------------------------------------------------------

    def caption(
        self, event: CaptionReceived, *, asked: bool, at: float
    ) -> tuple[tuple[captions.Record, ...], tuple[Entry, ...]]:
        """One caption of either channel; `asked`: the person has said something in this session."""
        self._transcript, records = captions.apply(self._transcript, event)
        return records, self._follow(records, asked=asked, at=at)

    def settle(
        self, speaker: Speaker, *, at_s: float, at: float
    ) -> tuple[tuple[captions.Record, ...], tuple[Entry, ...]]:
        """Close what has no final flag."""
        self._transcript, records = captions.settle(self._transcript, speaker=speaker, at_s=at_s)
        return records, self._follow(records, asked=True, at=at)

    def open_since(self, speaker: Speaker) -> float | None:
        """When the newest open segment of this speaker last changed (monotonic); None: none is open."""
        return max((r.changed_at_s for r in self._transcript.open_records(speaker)), default=None)

    def _follow(self, records: tuple[captions.Record, ...], *, asked: bool, at: float) -> tuple[Entry, ...]:
        changed: dict[str, Entry] = {}
        for record in records:
            entry = self._entry_of(record, asked=asked, at=at)
            entry = self._put(self._with_record(entry, record))
            changed[entry.key] = entry
        return tuple(changed.values())

    def _entry_of(self, record: captions.Record, *, asked: bool, at: float) -> Entry:
        for entry in reversed(self._entries):
            if record.key in entry.records:
                return entry
        return self._user_entry(record, at) if record.speaker == "user" else self._agent_entry(record, asked, at)

    def say_again(self) -> None:
        """The newest spoken turn, if nothing has answered it, is sent once more: what comes of it takes its place."""
        self._again = unanswered_voice(self._entries)

    def _user_entry(self, record: captions.Record, at: float) -> Entry:
        again, self._again = self._again, None
        if again is not None:
            return next(replace(e, records=(), ticket=record.ticket) for e in self._entries if e.key == again)
        last = self._entries[-1] if self._entries else None
        if last is not None and last.role == "user" and last.records and last.ticket == record.ticket:
            return last
        entry = self._fresh("user", record, at)
        late = (
            last is not None
            and last.role == "assistant"
            and not last.greeting
            and last.ticket == record.ticket
            and record.first_at_s - last.at_s < LATE_WORDS_S
            and (len(self._entries) < 2 or self._entries[-2].role != "user")
        )
        if late:
            self._entries.insert(len(self._entries) - 1, entry)
            return entry
        return self._append(entry)

    def _agent_entry(self, record: captions.Record, asked: bool, at: float) -> Entry:
        answer = self.answer
        if answer is not None and not self._pending and self._goes_on(answer, record, asked):
            return answer
        pending, self._pending = self._pending, ()
        entry = replace(self._fresh("assistant", record, at), greeting=not asked)
        return self._append(entry.with_ids(pending))

    def _goes_on(self, answer: Entry, record: captions.Record, asked: bool) -> bool:
        over = answer.greeting and asked and answer.final  # what comes after a question is no greeting
        return bool(answer.records) and answer.ticket == record.ticket and not over

    def _fresh(self, role: Role, record: captions.Record, at: float) -> Entry:
        return Entry(
            key=self._key(), role=role, source="voice", text="", final=False, state="final", at=at,
            at_s=record.first_at_s, language=record.language, ticket=record.ticket,
        )  # fmt: skip

    def _with_record(self, entry: Entry, record: captions.Record) -> Entry:
        before = self._texts.get(record.key, "")
        shorter = before.strip() != record.text.strip() and before.strip().startswith(record.text.strip())
        cut = record.final and entry.role == "assistant" and shorter
        self._texts[record.key] = before if cut else record.text
        records = entry.records if record.key in entry.records else (*entry.records, record.key)
        text = " ".join(t for t in (self._texts.get(r, "").strip() for r in records) if t)
        open_keys = {r.key for r in self._transcript.records if not r.final}
        final_text = " ".join(t for t in (self._texts.get(r, "").strip() for r in records if r not in open_keys) if t)
        final = not open_keys.intersection(records)
        if entry.state == "interrupted" and not final:  # what was kept of it when it was cut stays
            final_text = max(entry.final_text, final_text, key=len)
        entry = replace(entry, records=records, text=text, final_text=final_text, final=final)
        if cut:  # the service says what had been spoken when it was interrupted
            heard = len(text) - len(before.strip()) + len(record.text.strip())
            return self._interrupted(entry, heard, record.changed_at_s)
        if entry.key == self._barged and entry.final and entry.state != "interrupted":
            return self._interrupted(entry, len(text), record.changed_at_s)
        return entry

    # --- response ids ------------------------------------------------------------------------------------------

    def response(self, event: ResponseStarted) -> tuple[Entry, ...]:
        """Generation starts: the words that follow are a new answer; a late id belongs to the words before it."""
        if event.response_id is None:
            return ()
        known = {i for e in self._entries[-REPEATS:] for i in e.response_ids}
        if event.response_id in known or event.response_id in [e.response_id for e in self._pending]:
            return ()
        answer = self.answer
        late = answer is not None and answer.response_id is None and answer.records and not answer.greeting
        if answer is not None and late and (not answer.final or self._just_changed(answer)):
            return (self._put(answer.with_ids((event,))),)
        self._pending = (*self._pending[-REPEATS:], event)
        return ()

    def _just_changed(self, answer: Entry) -> bool:
        times = [r.changed_at_s for r in self._transcript.records if r.key in answer.records]
        newest = max((r.changed_at_s for r in self._transcript.records), default=0.0)
        return bool(times) and newest - max(times) < LATE_ID_S and not self._sound_over()

    def _sound_over(self) -> bool:
        return self._sound_since_s is None and bool(self.answer and self.answer.sound_s)

    # --- sound and interruption --------------------------------------------------------------------------------

    def sound_started(self, at_s: float) -> None:
        self._sound_since_s = at_s

    def sound_stopped(self, at_s: float) -> tuple[Entry, ...]:
        """The voice paused or ended; learn how fast it speaks, or where the person cut it.

        What is left of the voice of an answer that was interrupted is nothing that was heard of it.
        """
        since, self._sound_since_s = self._sound_since_s, None
        answer = self._newest_answer()
        if since is None or answer is None or answer.state == "interrupted":
            return ()
        answer = self._put(replace(answer, sound_s=answer.sound_s + max(0.0, at_s - since)))
        if not answer.final or answer.state != "final":
            return ()
        if answer.key == self._barged:
            heard = heard_chars(answer.text, answer.sound_s, self._pace)
            if heard < NEARLY_ALL * len(answer.text):
                return (self._put(replace(answer, state="interrupted", heard_chars=heard)),)
            return ()
        self._pace.learn(len(answer.text), answer.sound_s)
        return ()

    def barge_in(self) -> None:
        """The person speaks over the voice; whether the server lets itself be cut shows in what follows."""
        answer = self._newest_answer()
        if answer is not None and (not answer.final or self._sound_since_s is not None):
            self._barged = answer.key

    def _newest_answer(self) -> Entry | None:
        return next((e for e in reversed(self._entries) if e.role == "assistant" and e.records), None)

    def spoken_chars(self, at_s: float) -> int | None:
        """How far the voice is in the newest answer, estimated; None when nothing is known of its sound."""
        answer = self._newest_answer()
        if answer is None or (self._sound_since_s is None and not answer.sound_s):
            return None
        return heard_chars(answer.text, self._voiced_s(answer, at_s), self._pace)

    def _voiced_s(self, answer: Entry, at_s: float) -> float:
        """Seconds of its voice until now."""
        running_s = at_s - self._sound_since_s if self._sound_since_s is not None else 0.0
        return answer.sound_s + max(0.0, running_s)

    def interrupt(self, at_s: float) -> tuple[Entry, ...]:
        """The voice is stopped in mid-answer: what was heard stays, the rest is marked; all of it may be kept."""
        answer = self._newest_answer()
        if answer is None or answer.state == "interrupted" or self._over(answer):
            return ()
        heard = heard_chars(answer.text, self._voiced_s(answer, at_s), self._pace)
        return (self._put(self._interrupted(replace(answer, final_text=answer.text), heard, at_s)),)

    def _interrupted(self, answer: Entry, heard: int, at_s: float) -> Entry:
        """Mark where it was cut. Its seconds of voice are fixed by that, unless they were before."""
        if answer.state != "interrupted":
            answer = replace(answer, sound_s=self._voiced_s(answer, at_s))
            self._sound_since_s = None
        return replace(answer, state="interrupted", heard_chars=heard)

    def cut(self, *, at_s: float, at: float) -> tuple[tuple[captions.Record, ...], tuple[Entry, ...]]:
        """Nothing more comes of this room: what is shown is what was said, and half an answer was interrupted."""
        before = self.entries
        answer = self._newest_answer()
        if answer is not None and self._unfinished(answer, at_s):
            self.interrupt(at_s)
        self._sound_since_s = None
        records = tuple(r for speaker in SPEAKERS for r in self.settle(speaker, at_s=at_s, at=at)[0])
        return records, tuple(now for old, now in zip(before, self.entries, strict=True) if now != old)

    def _unfinished(self, answer: Entry, at_s: float) -> bool:
        """Whether its words are open, or its voice is not near their end."""
        if not answer.final or self._sound_since_s is None:
            return not answer.final
        ours = answer is self.answer or answer.key == self._barged  # else the voice is that of the next answer
        heard = heard_chars(answer.text, self._voiced_s(answer, at_s), self._pace)
        return ours and heard < NEARLY_ALL * len(answer.text)

    def _over(self, answer: Entry) -> bool:
        """Whether this answer had ended before: another one is on its way, or its voice has gone quiet."""
        quiet = self._sound_since_s is None and self.answer is not answer
        return answer.final and (bool(self._pending) or quiet)

    # --- bookkeeping -------------------------------------------------------------------------------------------

    def _key(self) -> str:
        self._count += 1
        return f"{self._prefix}-{self._count}"

    def _append(self, entry: Entry) -> Entry:
        self._entries.append(entry)
        return entry

    def _put(self, entry: Entry) -> Entry:
        for place, old in enumerate(self._entries):
            if old.key == entry.key:
                self._entries[place] = entry
        return entry
