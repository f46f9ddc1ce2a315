"""Claims that overlap: no character that one covered is lost, and no two findings overlap in one layer."""

from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.recogniser import Candidate, Hit, Recogniser
from ecluse.passage.classify.resolve import Claim, resolve


def recogniser(name: str, *, of_document: bool = False) -> Recogniser:
    def verify(candidate: Candidate) -> Hit | None:
        return Hit(candidate.start, candidate.end, 1.0, "")

    return Recogniser(
        name=name, kind=name, data_class=DataClass.PERSONAL, patterns=("x",), verify=verify, of_document=of_document
    )


PHONE, IBAN, HEALTH = recogniser("phone"), recogniser("iban"), recogniser("health", of_document=True)
TEXT = "abcdefghij" * 4


def claim(start: int, end: int, confidence: float, by: Recogniser = PHONE) -> Claim:
    return Claim(start, end, confidence, by, "because")


def spans(*claims: Claim) -> list[tuple[int, int, str]]:
    return [(c.start, c.end, c.recogniser.name) for c in resolve(TEXT, claims)]


def test_the_surer_claim_hides_one_inside_it() -> None:
    assert spans(claim(2, 8, 0.7), claim(0, 20, 0.9, IBAN)) == [(0, 20, "iban")]


def test_a_weaker_claim_keeps_what_is_left_of_it() -> None:
    assert spans(claim(0, 30, 0.6), claim(10, 20, 0.9, IBAN)) == [(0, 10, "phone"), (10, 20, "iban"), (20, 30, "phone")]


def test_two_claims_of_one_kind_become_one_as_sure_as_the_surer() -> None:
    (united,) = resolve(TEXT, [claim(0, 8, 0.6), claim(5, 12, 0.9)])
    assert (united.start, united.end, united.confidence) == (0, 12, 0.9)


def test_the_class_of_a_document_neither_hides_nor_is_hidden() -> None:
    assert spans(claim(0, 8, 0.9), claim(2, 6, 0.5, HEALTH)) == [(0, 8, "phone"), (2, 6, "health")]


def test_signs_alone_are_no_left_over() -> None:
    text = "12 (34) 56"
    found = resolve(text, [claim(0, 10, 0.5), claim(0, 6, 0.9, IBAN)])
    assert [(c.start, c.end) for c in found] == [(0, 6), (8, 10)]


CLAIMS = st.lists(
    st.builds(
        lambda start, size, confidence, by: claim(start, min(start + size, 40), confidence, by),
        st.integers(0, 38),
        st.integers(1, 20),
        st.sampled_from([0.5, 0.7, 0.9]),
        st.sampled_from([PHONE, IBAN, HEALTH]),
    ),
    max_size=8,
)


@given(CLAIMS)
def test_every_character_that_a_claim_covered_stays_covered(claims: list[Claim]) -> None:
    def covered(some: list[Claim], *, documents: bool) -> set[int]:
        return {i for c in some if c.recogniser.of_document == documents for i in range(c.start, c.end)}

    settled = list(resolve(TEXT, claims))
    for documents in (False, True):
        assert covered(settled, documents=documents) == covered(claims, documents=documents)
        layer = [c for c in settled if c.recogniser.of_document == documents]
        assert sum(c.end - c.start for c in layer) == len(covered(layer, documents=documents))
