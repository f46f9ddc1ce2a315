"""What was searched is not searched again, and nothing that is found depends on it."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.finding import DataClass
from ecluse.domain.request import Role, Slot, SlotPath
from ecluse.edge.remembered import Remembered
from ecluse.packs import dictionaries, weights
from ecluse.passage.classify import Candidate, Engine, Entry, Hit, OwnDetector, Recogniser, built_in, classify, engine
from ecluse.passage.classify.code import CodeProfile
from ecluse.passage.classify.prints import hash_value, value_of
from ecluse.passage.classify.tagger import Tagger, Weights

KEY = b"k" * 32
ENTRIES = (
    Entry(name="codes", kind="code", data_class=DataClass.TRADE_SECRET, patterns=(r"PRJ-[0-9]{4}",)),
    Entry(
        name="customers",
        kind="customer_number",
        data_class=DataClass.PERSONAL,
        values=frozenset({hash_value(KEY, value_of("C-0012 3456"))}),
        lengths=frozenset({9}),
    ),
)
PIECES = st.sampled_from(
    [
        "Mme Marie Dubois", "06 12 3", "4 56 78", "PRJ-2041", "C-0012 3456", "marie.dubois@", "orange.fr", " ", "\n",
        "FR76 3000 6000 0112", " 3456 7890 189", "def f(x):\n    return x\n" * 3, "a" * 70, "é", "\ud800", "\u200b",
        "data:image/png;base64," + "QUJD" * 400, "%40", '{"password": "Tr0ub4dor"}', "12 rue de la Paix, 75002 Paris",
    ]
)  # fmt: skip
TURNS = st.lists(st.lists(PIECES, max_size=5).map("".join), max_size=6)


@pytest.fixture(scope="module")
def whole() -> CodeProfile:
    cascade = engine(built_in().values(), dictionaries.load(), Tagger(Weights.of(weights.load())))
    return CodeProfile(OwnDetector(cascade, ENTRIES, KEY))


def chat(texts: Sequence[str]) -> list[Slot]:
    roles = (Role.USER, Role.ASSISTANT)
    return [
        Slot(path=SlotPath(f"messages/{n}/parts/0"), text=text, role=roles[n % 2], maskable=n % 5 != 4)
        for n, text in enumerate(texts)
    ]


@settings(deadline=None, max_examples=60)
@given(turns=TURNS, edited=st.integers(0, 5), most=st.sampled_from([1500, 32 * 2**20]))
def test_each_turn_finds_what_a_search_of_the_whole_finds(
    whole: CodeProfile, turns: list[str], edited: int, most: int
) -> None:
    memory = Remembered(most).of("firm")
    for turn in range(len(turns) + 1):
        slots = chat(turns[:turn])
        assert classify(whole, slots, memory=memory) == classify(whole, slots)
    changed = [text + " PRJ-1000" if n == edited else text for n, text in enumerate(turns)]
    assert classify(whole, chat(changed), memory=memory) == classify(whole, chat(changed))


class Counting:
    """A detector that counts the characters that its recogniser is shown."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def engine(self, verify: Callable[[Candidate], Hit | None] | None = None) -> Engine:
        def look(candidate: Candidate) -> Hit | None:
            self.seen.append(candidate.value)
            return None

        asked = Recogniser(
            name="asked", kind="asked", data_class=DataClass.PERSONAL, patterns=("Q[0-9]{2}",), verify=verify or look
        )
        return engine((asked,), {})


def test_a_turn_asks_of_its_new_message_alone() -> None:
    counting, memory = Counting(), Remembered().of("firm")
    detector = counting.engine()
    filler = " and so on" * 20
    for turn in range(1, 21):
        counting.seen.clear()
        detector.classify(chat([f"{filler} Q{n:02}{filler}" for n in range(turn)]), memory=memory)
        assert counting.seen == [f"Q{turn - 1:02}"]


def test_nothing_is_shared_between_organisations_or_versions() -> None:
    counting, remembered = Counting(), Remembered()
    detector = counting.engine()
    for organisation in ("one", "two", "one"):
        detector.classify(chat(["a text with Q12 in it"]), memory=remembered.of(organisation))
    assert counting.seen == ["Q12", "Q12"]
    other = counting.engine(lambda _: None)
    assert remembered.of("one").recall(detector.version, "a text with Q12 in it") is not None
    assert remembered.of("one").recall(f"{other.version}.", "a text with Q12 in it") is None


def test_the_memory_stays_within_its_bound_and_forgets_the_oldest() -> None:
    remembered = Remembered(10_000)
    memory = remembered.of("firm")
    for n in range(1_000):
        memory.keep("v", str(n), ((), False))
        assert remembered.weight <= 10_000
    assert memory.recall("v", "999") is not None
    assert memory.recall("v", "0") is None
    memory.keep("v", "large", (tuple(range(1_000)), False))
    assert memory.recall("v", "large") is None


def test_what_is_kept_holds_no_text() -> None:
    remembered = Remembered()
    detector = engine(built_in().values(), dictionaries.load())
    text = "Son mail est marie.dubois@orange.fr, merci."
    detector.classify(chat([text, text + "!"]), memory=remembered.of("firm"))
    kept = repr(list(remembered._kept.items()))
    assert "email" in kept
    assert "dubois" not in kept
