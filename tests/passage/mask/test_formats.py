"""Format-valid surrogates are valid, reach nobody, keep their spelling, and come back."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.event import Event, Finish, ToolArgs
from ecluse.domain.finding import Finding
from ecluse.domain.masking import MaskingStyle, Quasi
from ecluse.domain.request import Request
from ecluse.domain.vault import MAX_FORMAT, MAX_SURROGATE, SurrogateType, Vault
from ecluse.passage.mask import Masked, mask
from ecluse.passage.mask.dates import read
from ecluse.passage.mask.formats import check_digits
from ecluse.passage.unmask import Restorer
from ecluse.passage.unmask.forms import JSON, TEXT, Form
from ecluse.passage.unmask.lane import Lane, Tally
from tests.passage.mask.case import KEY, OTHER_KEY, PERSONAL, chat, found, pieces, restored, seen, text_of

ALL = MaskingStyle(
    formatted=frozenset({SurrogateType.IBAN, SurrogateType.PHONE, SurrogateType.EMAIL, SurrogateType.DATE})
)
FRENCH_IBAN = "FR76 3000 6000 0112 3456 7890 189"
KINDS = {"iban": "IBAN", "phone": "PHONE", "email": "EMAIL", "birth_date": "DATE"}


def hide(text: str, *values: tuple[str, str], key: bytes = KEY, style: MaskingStyle = ALL) -> Masked:
    """Mask `(value, kind)` pairs where they first stand."""
    request = chat(text)
    findings = [seen(request, value, kind=kind) for value, kind in values]
    return mask(request, found(*findings), cover=PERSONAL, key=key, style=style)


def comes_back(result: Masked, text: str) -> bool:
    shown = text_of(result.request)
    return all(restored(Restorer(result.vault), *pieces(shown, [size])) == text for size in (1, 3, 4, len(shown)))


# ------------------------------------------------------------------ each kind
@pytest.mark.parametrize("iban", [FRENCH_IBAN, FRENCH_IBAN.replace(" ", ""), "FR76-3000-6000-0112-3456-7890-189"])
def test_an_iban_is_valid_and_of_no_bank(iban: str) -> None:
    result = hide(f"IBAN {iban}, merci", (iban, "iban"))
    shown = text_of(result.request).removeprefix("IBAN ").removesuffix(", merci")
    plain = re.sub(r"\W", "", shown)
    assert plain[4:9] == "00000"
    assert len(plain) == 27
    assert check_digits("FR", plain[4:]) == plain[2:4]
    bank, branch, account, rib_key = (int(plain[a:b]) for a, b in ((4, 9), (9, 14), (14, 25), (25, 27)))
    assert rib_key == 97 - (89 * bank + 15 * branch + 3 * account) % 97
    assert [len(g) for g in re.split(r"\W", shown)] == [len(g) for g in re.split(r"\W", iban)]
    assert comes_back(result, f"IBAN {iban}, merci")
    assert result.instruction is None


def test_a_german_iban_stays_german_and_one_of_elsewhere_gets_a_typed_surrogate() -> None:
    assert "DE" in text_of(hide("an DE89370400440532013000", ("DE89370400440532013000", "iban")).request)
    british = "GB82 WEST 1234 5698 7654 32"
    assert "IBAN_" in text_of(hide(f"to {british}", (british, "iban")).request)


@pytest.mark.parametrize(
    ("phone", "form"),
    [
        ("06 12 34 56 78", r"06 39 98 \d\d \d\d"),
        ("07.12.34.56.78", r"06\.39\.98\.\d\d\.\d\d"),
        ("0612345678", r"063998\d{4}"),
        ("+33 6 12 34 56 78", r"\+33 6 39 98 \d\d \d\d"),
        ("+33 (0)6 12 34 56 78", r"\+33 \(0\)6 39 98 \d\d \d\d"),
        ("01 42 34 56 78", r"01 99 00 \d\d \d\d"),
        ("+44 20 7946 0958", r"\+?PHONE_\w+"),
    ],
)
def test_a_phone_number_is_of_a_range_kept_for_fiction(phone: str, form: str) -> None:
    result = hide(f"tél. {phone} !", (phone, "phone"))
    assert re.fullmatch(rf"tél\. {form} !", text_of(result.request))
    assert comes_back(result, f"tél. {phone} !")


def test_spellings_of_one_number_are_spellings_of_one_surrogate() -> None:
    text = "06 12 34 56 78 ou 0612345678 ou +33 6 12 34 56 78"
    result = hide(text, ("06 12 34 56 78", "phone"), ("+33 6 12 34 56 78", "phone"))
    shown = [re.sub(r"\D", "", part)[-9:] for part in text_of(result.request).split(" ou ")]
    assert len(set(shown)) == 1
    assert comes_back(result, text)


def test_a_number_that_a_model_writes_otherwise_comes_back_as_it_first_stood() -> None:
    result = hide("le 0612345678", ("0612345678", "phone"))
    digits = text_of(result.request).removeprefix("le ")
    pairs = " ".join(digits[i : i + 2] for i in range(0, 10, 2))
    assert restored(Restorer(result.vault), f"Appelez le {pairs}.") == "Appelez le 0612345678."
    assert restored(Restorer(result.vault), f"{digits}9 et x{digits}") == f"{digits}9 et x{digits}"


def test_an_address_is_at_example_org_in_any_case() -> None:
    result = hide("à Zoe@X.fr et zoe@x.fr", ("Zoe@X.fr", "email"))
    addresses = re.findall(r"\S+@\S+", text_of(result.request))
    assert len(set(addresses)) == 2
    assert all(re.fullmatch(r"contact\.[0-9a-z]{6}[2-9]?@example\.org", a) for a in addresses)
    assert comes_back(result, "à Zoe@X.fr et zoe@x.fr")
    assert restored(Restorer(result.vault), addresses[0].upper()) == "Zoe@X.fr"
    assert restored(Restorer(result.vault), f"mailto:{addresses[0]}") == f"mailto:{addresses[0]}"


@pytest.mark.parametrize(
    "pair",
    [
        ("12/03/1985", "15/03/1985"),
        ("1985-03-12", "1985-03-15"),
        ("12 mars 1985", "15 mars 1985"),
        ("12.03.1985", "15.03.1985"),
        ("March 12, 1985", "March 15, 1985"),
    ],
)
def test_dates_move_together_so_that_what_lies_between_them_stays(pair: tuple[str, str]) -> None:
    text = f"du {pair[0]} au {pair[1]} inclus"
    result = hide(text, (pair[0], "birth_date"), (pair[1], "birth_date"))
    match = re.fullmatch(r"du (.*) au (.*) inclus", text_of(result.request))
    assert match is not None
    moved = [read(one) for one in match.groups()]
    assert all(moved)
    days = [one.day for one in moved if one]
    assert (days[1] - days[0]).days == 3
    assert 20 <= abs((days[0] - date(1985, 3, 12)).days) < 180
    assert comes_back(result, text)


@pytest.mark.parametrize("text", ["12/13/1985", "31/02/1985", "12/03/85", "le 12", "5 marss 1985", "99/99/9999"])
def test_what_is_no_day_of_the_calendar_is_read_as_no_date(text: str) -> None:
    assert read(text) is None


def test_two_conversations_move_dates_otherwise() -> None:
    shown = {
        text_of(hide("né le 12/03/1985", ("12/03/1985", "birth_date"), key=bytes([k] * 32)).request) for k in range(9)
    }
    assert len(shown) > 5


# ------------------------------------------------------------------ collisions, bounds, JSON
def test_a_surrogate_that_the_request_already_holds_is_never_made() -> None:
    first = text_of(hide("0612345678", ("0612345678", "phone")).request)
    typed = f"0612345678 et {' '.join(first[i : i + 2] for i in range(0, 10, 2))}"
    result = hide(typed, ("0612345678", "phone"))
    assert not text_of(result.request).startswith(first)
    assert comes_back(result, typed)
    dates = "né le 12/03/1985"
    moved = text_of(hide(dates, ("12/03/1985", "birth_date")).request).removeprefix("né le ")
    again = hide(f"{dates}, vu le {moved}", ("12/03/1985", "birth_date"))
    assert comes_back(again, f"{dates}, vu le {moved}")


def test_two_values_never_share_a_surrogate() -> None:
    numbers = [f"06 12 34 {i // 100:02} {i % 100:02}" for i in range(300)]
    result = hide(" ; ".join(numbers), *((number, "phone") for number in numbers))
    assert comes_back(result, " ; ".join(numbers))
    assert len(set(text_of(result.request).split(" ; "))) == 300


@pytest.mark.parametrize("form", [TEXT, JSON])
def test_what_is_held_back_is_bounded_by_the_longest(form: Form) -> None:
    text = f"{FRENCH_IBAN} 12 février 1985 zoe@x.fr +33 (0)6 12 34 56 78"
    result = hide(
        text,
        (FRENCH_IBAN, "iban"),
        ("12 février 1985", "birth_date"),
        ("zoe@x.fr", "email"),
        ("+33 (0)6 12 34 56 78", "phone"),
    )
    assert max(map(len, result.vault.formats)) <= max(MAX_FORMAT.values())
    lane = Lane(result.vault, Tally(), form)
    for character in text_of(result.request) * 2:
        lane.push(character)
        assert len(lane.held) <= max(*MAX_FORMAT.values(), *MAX_SURROGATE.values()) + form.reach


@pytest.mark.parametrize("after", [".evil.example", "-a.evil.example", "_a.evil.example"])
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_one_that_begins_a_host_is_not_exchanged(after: str, size: int) -> None:
    result = hide("zoe@x.fr ; 0612345678", ("zoe@x.fr", "email"), ("0612345678", "phone"))
    for shown in text_of(result.request).split(" ; "):
        restorer = Restorer(result.vault)
        assert restored(restorer, *pieces(shown + after, [size])) == shown + after
        assert restorer.withheld == 1


@pytest.mark.parametrize(
    "text", ["zoe@x.fr-zoe@x.fr", "12.03.1985-14.03.1985", "zoe@x.fr_06.12.34.56.78", "zoe@x.fr-a.+33612345678"]
)
def test_values_that_would_read_as_one_host_come_back(text: str) -> None:
    found = [
        (one, kind)
        for one, kind in (
            ("zoe@x.fr", "email"),
            ("12.03.1985", "birth_date"),
            ("14.03.1985", "birth_date"),
            ("06.12.34.56.78", "phone"),
            ("+33612345678", "phone"),
        )
        if one in text
    ]
    assert comes_back(hide(text, *found), text)


def test_a_moved_date_with_accents_comes_back_from_the_escapes_of_json() -> None:
    for key in range(20):
        result = hide("né le 12 mars 1985", ("12 mars 1985", "birth_date"), key=bytes([key] * 32))
        shown = text_of(result.request).removeprefix("né le ")
        restorer = Restorer(result.vault)
        said = '{"d":"' + shown.encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00") + '"}'
        events: list[Event] = [e for c in said for e in restorer.feed(ToolArgs(choice=0, index=0, s=c))]
        events += restorer.feed(Finish(choice=0, reason="tool_calls"))
        assert "".join(e.s for e in events if isinstance(e, ToolArgs)) == '{"d":"12 mars 1985"}'


VALUES = st.sampled_from(
    [
        (FRENCH_IBAN, "iban"),
        ("06 12 34 56 78", "phone"),
        ("+33 6 99 34 56 78", "phone"),
        ("zoe@x.fr", "email"),
        ("1985-03-12", "birth_date"),
        ("12/03/1985", "birth_date"),
        ("1er août 2001", "birth_date"),
    ]
)
GLUE = st.sampled_from(
    [" ", ", ", "\n", " 06 ", " FR76 ", "(", ")", " 1985-", " +", " contact.", "é", "x", "1", "\u200b"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(GLUE, VALUES, GLUE), min_size=1, max_size=5), st.sampled_from([KEY, OTHER_KEY]))
def test_unmasking_what_was_masked_gives_the_text_back(
    parts: list[tuple[str, tuple[str, str], str]], key: bytes
) -> None:
    text = "".join(f"{before}{value}{after}" for before, (value, _), after in parts)
    result = hide(text, *(pair for _, pair, _ in parts), key=key)
    assert comes_back(result, text)


@pytest.mark.parametrize("shown", ["ABC", "", "x" * 60])
def test_a_vault_refuses_what_is_no_format(shown: str) -> None:
    with pytest.raises(ValueError, match="not a format"):
        Vault(formats={shown: "x"})


# ------------------------------------------------------------------ made coarser
def coarser(text: str, *values: tuple[str, str], asked: frozenset[Quasi] = frozenset(Quasi)) -> Masked:
    return hide(text, *values, style=MaskingStyle(generalised=asked))


@pytest.mark.parametrize(
    ("text", "value", "kind", "left"),
    [
        ("né le 12/03/1985 à", "12/03/1985", "birth_date", "né le 03/1985 à"),
        ("né le 12 mars 1985 à", "12 mars 1985", "birth_date", "né le mars 1985 à"),
        ("born March 12, 1985.", "March 12, 1985", "birth_date", "born March 1985."),
        ("au 3 rue des Lilas, 69003 Lyon.", "3 rue des Lilas, 69003 Lyon", "postal_address", "au département 69."),
        ("à 97410 Saint-Pierre.", "97410 Saint-Pierre", "place", "à département 974."),
    ],
)
def test_a_value_is_made_coarser_and_does_not_come_back(text: str, value: str, kind: str, left: str) -> None:
    result = coarser(text, (value, kind))
    assert text_of(result.request) == left
    assert result.generalised == 1
    assert result.vault.surrogates == 0
    assert not result.instructed


def test_ages_are_made_coarser_beside_what_is_masked() -> None:
    result = coarser("Jean a 42 ans, sa fille a 7 ans ; 1942 ans ; 30 years old; 12.5 ans", ("Jean", "person"))
    assert text_of(result.request).split(" ", 1)[1] == (
        "a 40-49 ans, sa fille a 0-9 ans ; 1942 ans ; 30-39 years old; 12.5 ans"
    )
    assert result.generalised == 3


def test_nothing_is_made_coarser_that_was_not_asked_for() -> None:
    request: Request = coarser(
        "Jean, 42 ans, né le 12/03/1985", ("12/03/1985", "birth_date"), asked=frozenset()
    ).request
    assert "DATE_" in text_of(request)
    assert "42 ans" in text_of(request)


def test_a_value_that_cannot_be_made_coarser_gets_a_surrogate() -> None:
    result = coarser("né le 12/03/85", ("12/03/85", "birth_date"))
    assert "DATE_" in text_of(result.request)
    assert result.generalised == 0


def test_a_copy_of_what_was_made_coarser_is_replaced_too() -> None:
    result = coarser("né le 12/03/1985, code 12031985", ("12/03/1985", "birth_date"))
    assert "12031985" not in text_of(result.request)


def test_a_finding_of_the_cases_has_its_kind() -> None:
    one: Finding = replace(seen(chat("a"), "a"), kind="iban")
    assert one.kind in KINDS
