"""What gives a value away beside the value itself is replaced too, and comes back as it stood."""

from dataclasses import replace
from datetime import date

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.domain.request import Message, Role, Tool, ToolCall
from ecluse.domain.vault import SurrogateType
from ecluse.passage.mask import dates
from ecluse.passage.mask.kin import kin, written_out
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import chat, masked, message, restored, seen, text_of

IBAN = "FR76 3000 4008 2100 0123 4567 849"
NAME = "Camille Lefèvre"
CASES = [
    ("iban", IBAN, "3000 4008 2100 0123 4567 849"),
    ("iban", IBAN, "30004008210001234567849"),
    ("iban", IBAN, "00012345678"),
    ("iban", IBAN, "30004 00821 00012345678"),
    ("iban", "DE89370400440532013000", "0532013000"),
    ("phone", "+33 6 39 98 41 27", "0639984127"),
    ("phone", "06 39 98 41 27", "+33 (0)6-39-98-41-27"),
    ("nir", "2 85 03 69 123 456 76", "2850369123456"),
    ("birth_date", "12 mars 1985", "12/03/1985"),
    ("birth_date", "12/03/1985", "12 mars 1985"),
    ("birth_date", "1985-03-12", "March 12, 1985"),
    ("birth_date", "1 mars 1985", "1er mars 1985"),
    ("birth_date", "12/03/1985", "1985-03-12"),
    ("birth_date", "12/03/1985", "12/03/85"),
    ("birth_date", "12 mars 1985", "12.3.85"),
    ("birth_date", "12 mars 1985", "1985/03/12"),
    ("birth_date", "12/03/1985", "12th of March 1985"),
    ("birth_date", "03/02/1985", "February 3rd, 1985"),
    ("birth_date", "03/02/1985", "3 févr. 1985"),
    ("birth_date", "12/03/85", "12 mars 1985"),
    ("birth_date", "1/3/04", "1er mars 2004"),
    ("email", "e.lefevre@wanadoo.fr", "e.lefevre(at)wanadoo.fr"),
    ("email", "e.lefevre@wanadoo.fr", "E.Lefevre [at] wanadoo [dot] fr"),
    ("email", "e.lefevre@wanadoo.fr", "e.lefevre arobase wanadoo point fr"),
    ("email", "e.lefevre@wanadoo.fr", "e.lefevre"),
    ("person", NAME, "clefevre"),
    ("person", NAME, "lefevrec"),
    ("person", NAME, "@CLefevre"),
    ("person", NAME, "MLefevre"),
    ("person", NAME, "L e f è v r e"),
    ("person", NAME, "L.E.F.E.V.R.E"),
    ("person", NAME, "L  e  f  è  v  r  e"),
    ("person", NAME, "Lefè-\nvre"),
    ("person", "Jean-Marie Dupont", "jmdupont"),
    ("person", "Jeanne Le Goff", "jlegoff"),
    ("person", "Jeanne Le Goff", "legoff"),
    ("person", "Jeanne Le Goff", "LegoffJ"),
    ("person", "Mme Jeanne Le Goff", "jeannelegoff"),
    ("person", "Jan van der Meer", "vandermeer"),
    ("person", "Jan van der Meer", "jvandermeer75"),
    ("person", "Zoë Müller", "Mueller"),
    ("person", "Zoë Müller", "MUELLER"),
]


@pytest.mark.parametrize(("kind", "value", "other"), CASES, ids=[f"{k} {o!r}" for k, _, o in CASES])
def test_another_form_of_a_value_is_replaced_and_comes_back(kind: str, value: str, other: str) -> None:
    request = chat(f"{value} ; puis {other} ; fin")
    result = masked(request, seen(request, value, kind=kind))
    left = text_of(result.request)
    assert other not in left
    assert left.endswith(" ; fin")
    assert restored(Restorer(result.vault), left) == f"{value} ; puis {other} ; fin"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Hugo Martin", "martinet"),
        ("Jeanne Le Goff", "le golf"),
        ("Jan de Wit", "dewey"),
        ("Éric Petit", "petite"),
        ("Rose", "la rose"),
        (NAME, "a b c d e"),
        (NAME, "clef"),
    ],
)
def test_a_word_that_only_looks_like_a_form_of_a_name_stays(name: str, word: str) -> None:
    request = chat(f"{name} ; puis {word} ; fin")
    assert word in text_of(masked(request, seen(request, name)).request)


@pytest.mark.parametrize("number", ["06.12.03.85.47", "12 03 85", "12/03/857", "120385", "2.12.03.85"])
def test_a_number_that_only_holds_the_digits_of_a_date_stays(number: str) -> None:
    request = chat(f"12/03/1985 ; puis {number} ; fin")
    assert number in text_of(masked(request, seen(request, "12/03/1985", kind="birth_date")).request)


def test_a_tool_named_like_a_flower_keeps_its_name() -> None:
    tool = Tool(name="Rose", description="Demande à Rose", parameters={"type": "object", "properties": {"Rose": {}}})
    request = replace(chat("Rose Ly"), tools=(tool,), tool_choice={"type": "function", "function": {"name": "Rose"}})
    sent = masked(request, seen(request, "Rose Ly")).request
    assert sent.tools[0].name == "Rose"
    assert "Rose" not in (sent.tools[0].description or "")


def test_a_key_that_is_a_person_refuses_though_it_is_a_word_too() -> None:
    call = ToolCall(id="c", name="f", arguments={"Rose": 1}, decoded=True)
    request = replace(chat("Rose Ly"), messages=(message("Rose Ly"), Message(role=Role.ASSISTANT, tool_calls=(call,))))
    with pytest.raises(GatewayError) as refused:
        masked(request, seen(request, "Rose Ly"))
    assert refused.value.code == "mask_unavailable"


def test_two_ways_to_write_a_phone_number_are_one_number_to_a_model() -> None:
    request = chat("06 39 98 41 27 ou +33 6 39 98 41 27")
    first, second = "06 39 98 41 27", "+33 6 39 98 41 27"
    left = text_of(masked(request, seen(request, first, kind="phone"), seen(request, second, kind="phone")).request)
    one, other = left.split(" ou ")
    assert one != other
    assert other.startswith(one)


def test_a_login_in_the_name_of_a_tool_refuses() -> None:

    call = ToolCall(id="c", name="ask_clefevre", arguments={}, decoded=True)
    request = replace(chat(NAME), messages=(message(NAME), Message(role=Role.ASSISTANT, tool_calls=(call,))))
    with pytest.raises(GatewayError) as refused:
        masked(request, seen(request, NAME))
    assert refused.value.code == "mask_unavailable"


def test_every_form_of_a_date_says_that_day() -> None:
    day = date(1985, 3, 1)
    found = [read.day for form in dates.forms(day) if (read := dates.read(form))]
    assert len(found) > 4
    assert set(found) == {day}


def test_most_types_have_no_other_form() -> None:
    assert not list(kin("12 rue des Lilas", SurrogateType.ADDRESS))
    assert written_out("Lefèvre") is None
