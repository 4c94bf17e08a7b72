from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mka1_desktop.session.outbox import Letter, Outbox, Stage


def filled(*keys: str) -> Outbox:
    outbox = Outbox()
    for key in keys:
        outbox.add(key, f"text {key}")
    return outbox


def test_letters_are_seen_to_in_order() -> None:
    outbox = filled("a", "b")
    assert outbox.next == Letter(key="a", text="text a")
    outbox.move("a", Stage.HANDED)
    assert outbox.next == Letter(key="b", text="text b")
    assert (len(outbox), outbox.waiting) == (2, 1)


def test_the_same_letter_twice_is_one() -> None:
    outbox = filled("a", "a")
    assert len(outbox) == 1


def test_a_sign_takes_what_was_handed_over_and_nothing_else() -> None:
    outbox = filled("a", "b", "c")
    outbox.move("a", Stage.HANDED)
    outbox.move("b", Stage.HANDED)
    assert outbox.signed() == ("a", "b")
    assert [one.key for one in outbox.letters] == ["c"]
    assert outbox.signed() == ()


def test_a_room_that_is_gone_leaves_a_doubt_which_comes_before_what_waits() -> None:
    outbox = filled("a", "b")
    outbox.move("a", Stage.HANDED)
    outbox.room_gone()
    assert outbox.next == Letter(key="a", text="text a", stage=Stage.DOUBTED)
    assert outbox.signed() == ()
    assert outbox.take("a")
    assert not outbox.take("a")
    assert outbox.next == Letter(key="b", text="text b")


def test_refusals_are_counted() -> None:
    outbox = filled("a")
    outbox.refused("a")
    outbox.move("a", Stage.WAITING)
    outbox.refused("a")
    assert outbox.letters == (Letter(key="a", text="text a", stage=Stage.DOUBTED, refusals=2),)


def test_another_thread_brings_its_own_letters() -> None:
    outbox = filled("a")
    outbox.load([Letter(key="z", text="old", stage=Stage.DOUBTED)])
    assert [one.key for one in outbox.letters] == ["z"]


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order: a letter leaves only by being taken or signed, and the order stays."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox()
        self.added: list[str] = []
        self.gone: set[str] = set()

    @rule()
    def add(self) -> None:
        key = str(len(self.added))
        self.added.append(key)
        self.outbox.add(key, key)

    @rule()
    def hand_over(self) -> None:
        if (letter := self.outbox.next) is not None and letter.stage is Stage.WAITING:
            self.outbox.move(letter.key, Stage.HANDED)

    @rule()
    def lose_the_room(self) -> None:
        self.outbox.room_gone()
        assert all(one.stage is not Stage.HANDED for one in self.outbox.letters)

    @rule(there=st.sampled_from([True, False, None]))
    def ask(self, there: bool | None) -> None:
        letter = self.outbox.next
        if letter is None or letter.stage is not Stage.DOUBTED:
            return
        if there is False:
            self.outbox.move(letter.key, Stage.WAITING)
        else:
            self.outbox.take(letter.key)
            self.gone.add(letter.key)

    @rule()
    def sign(self) -> None:
        handed = {one.key for one in self.outbox.letters if one.stage is Stage.HANDED}
        assert set(self.outbox.signed()) == handed
        self.gone |= handed

    @invariant()
    def nothing_is_lost_and_the_order_stays(self) -> None:
        assert [one.key for one in self.outbox.letters] == [key for key in self.added if key not in self.gone]


TestAnyOrder = AnyOrder.TestCase
