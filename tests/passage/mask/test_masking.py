"""A request is masked whole or not at all."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.request import BlobPart, Message, Request, Role, Surface, Tool, ToolCall, slots
from ecluse.domain.vault import CORE_PATTERN, TYPES_PATTERN, Vault
from ecluse.passage.mask import mask
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import (
    KEY,
    PERSONAL,
    USER,
    chat,
    finding,
    found,
    masked,
    message,
    restored,
    seen,
    text_of,
)

SURROGATE = re.compile(rf"(?:{TYPES_PATTERN})_{CORE_PATTERN}")


def refusal(request: Request, *findings: object) -> str:
    with pytest.raises(GatewayError) as refused:
        masked(request, *findings)  # type: ignore[arg-type]  # findings made by the cases
    assert refused.value.code == "mask_unavailable"
    return refused.value.detail


# ------------------------------------------------------------------ what is replaced
def test_a_finding_of_a_covered_class_is_replaced_by_a_typed_surrogate() -> None:
    request = chat("Bonjour Jean Dupont, ça va ?")
    result = masked(request, seen(request, "Jean Dupont"))
    assert re.fullmatch(rf"Bonjour PERSON_{CORE_PATTERN}, ça va \?", text_of(result.request))
    assert set(result.vault.originals.values()) == {"Jean Dupont"}


def test_what_is_not_covered_stays() -> None:
    request = chat("Jean Dupont, FR76 3000 6000 0112 3456 7890 189")
    iban = replace(seen(request, "FR76 3000 6000 0112 3456 7890 189", kind="iban"), data_class=DataClass.PAYMENT)
    result = masked(request, seen(request, "Jean Dupont"), iban)
    assert "FR76 3000 6000 0112 3456 7890 189" in text_of(result.request)


def test_nothing_covered_leaves_the_request_as_it_is() -> None:
    request = chat("Bonjour")
    result = mask(request, found(), cover=PERSONAL, key=KEY)
    assert result.request is request
    assert result.vault == Vault.empty()
    assert not result.instructed


@pytest.mark.parametrize(
    ("kind", "data_class", "word"),
    [
        ("person", DataClass.PERSONAL, "PERSON"),
        ("fr_phone_number", DataClass.PERSONAL, "PHONE"),
        ("email", DataClass.PERSONAL, "EMAIL"),
        ("iban", DataClass.PAYMENT, "IBAN"),
        ("payment_card", DataClass.PAYMENT, "CARD"),
        ("nir", DataClass.NATIONAL_ID, "NIR"),
        ("ip_address", DataClass.PERSONAL, "IP"),
        ("birth_date", DataClass.PERSONAL, "DATE"),
        ("postal_address", DataClass.PERSONAL, "ADDRESS"),
        ("something_new", DataClass.NATIONAL_ID, "IDENT"),
        ("something_new", DataClass.PAYMENT, "ACCOUNT"),
        ("something_new", DataClass.PERSONAL, "VALUE"),
    ],
)
def test_the_type_word_comes_from_the_kind_else_from_the_class(kind: str, data_class: DataClass, word: str) -> None:
    request = chat("valeur Zq81")
    one = replace(seen(request, "Zq81", kind=kind), data_class=data_class)
    result = mask(request, found(one), cover=frozenset({data_class}), key=KEY)
    assert text_of(result.request).startswith(f"valeur {word}_")


def test_findings_that_overlap_are_covered_together_under_the_type_of_the_longest() -> None:
    request = chat("contact jean.dupont@exemple.fr Paris")
    result = masked(request, seen(request, "dupont@exemple.fr Paris", kind="address"), seen(request, "jean.dupont"))
    assert re.fullmatch(rf"contact ADDRESS_{CORE_PATTERN}", text_of(result.request))


def test_of_two_as_long_the_most_sensitive_gives_the_type() -> None:
    request = chat("n° 1 84 12 76 451 089 46.")
    nir = replace(seen(request, "1 84 12 76 451 089 46", kind="nir"), data_class=DataClass.NATIONAL_ID)
    phone = seen(request, "1 84 12 76 451 089 46", kind="phone")
    result = mask(request, found(phone, nir), cover=frozenset({DataClass.PERSONAL, DataClass.NATIONAL_ID}), key=KEY)
    assert SURROGATE.findall(text_of(result.request))[0].startswith("NIR_")


def test_findings_that_touch_share_one_surrogate() -> None:
    request = chat("JeanDupont(75)")
    result = masked(request, finding(0, 4), finding(4, 10), finding(10, 14))
    assert SURROGATE.fullmatch(text_of(result.request))


def test_a_span_inside_a_word_grows_to_the_word() -> None:
    request = chat("xxDupontyy, zz_Jean-bis")
    result = masked(request, finding(2, 8), seen(request, "Jean"))
    assert set(result.vault.originals.values()) == {"xxDupontyy", "Jean"}


@pytest.mark.parametrize(
    ("text", "value", "left"),
    [
        ("voir https://crm.exemple.fr/c/dupont?x=1 svp", "dupont", "voir {} svp"),
        ("[fiche](https://crm/dupont) de X", "dupont", "[fiche]{} de X"),
        ('<a href="https://crm/dupont">', "dupont", '<a {}">'),
        ("écrire à mailto:dupont@x.fr", "dupont@x.fr", "écrire à {}"),
    ],
)
def test_a_value_in_a_link_takes_the_link_with_it(text: str, value: str, left: str) -> None:
    request = chat(text)
    result = masked(request, seen(request, value))
    assert text_of(result.request) == left.format(next(iter(result.vault.originals)))
    assert next(iter(result.vault.originals)).startswith("LINK_")
    assert restored(Restorer(result.vault), text_of(result.request)) == text


# ------------------------------------------------------------------ the same value elsewhere
def test_the_same_value_seen_elsewhere_is_replaced_in_every_spelling() -> None:
    request = Request(
        surface=Surface.CHAT,
        model="m",
        messages=(
            message("Jean Dupont"),
            Message(
                role=Role.ASSISTANT,
                tool_calls=(ToolCall(id="call_1", name="find", arguments={"who": ["jean DUPONT", 7]}, decoded=True),),
            ),
            message("et JEAN.DUPONT@exemple.fr ?"),
        ),
        options={"user": "jean%20dupont", "metadata": {"by": "jeandupont"}},
    )
    result = masked(request, seen(request, "Jean Dupont"))
    left = "\n".join(slot.text for slot in slots(result.request) if not slot.path.startswith("messages/0"))
    assert "upont" not in left.casefold()
    assert sorted(result.vault.originals.values()) == sorted(
        ["Jean Dupont", "jean DUPONT", "JEAN.DUPONT@exemple.fr", "jean%20dupont", "jeandupont"]
    )


def test_spellings_of_one_value_differ_by_a_last_digit_only() -> None:
    request = chat("Jean Dupont, JEAN DUPONT, jean dupont")
    surrogates = SURROGATE.findall(text_of(masked(request, seen(request, "Jean Dupont")).request))
    assert {s[:13] for s in surrogates} == {surrogates[0]}
    assert [s[13:] for s in surrogates] == ["", "2", "3"]


def test_ten_spellings_of_one_value_all_have_their_surrogate() -> None:
    spellings = [f"Jean{' ' * n}Dupont" for n in range(1, 13)]
    request = chat("|".join(spellings))
    result = masked(request, seen(request, "Jean Dupont"))
    assert sorted(result.vault.originals.values()) == sorted(spellings)


def test_a_person_called_person_can_be_masked() -> None:
    request = chat("Bonjour Person, Mme Person")
    result = masked(request, seen(request, "Person"))
    assert set(result.vault.originals.values()) == {"Person"}


# ------------------------------------------------------------------ what refuses
def test_a_covered_finding_in_a_slot_that_cannot_change_refuses() -> None:
    request = replace(chat("Bonjour"), tools=(Tool(name="find_dupont"),))
    assert refusal(request, finding(5, 11, slot="tools/0/name"))


def test_a_covered_finding_that_no_surrogate_can_cover_refuses() -> None:
    request = chat("Jean Dupont")
    assert refusal(request, finding(0, 4, maskable=False))


def test_a_finding_of_another_request_refuses() -> None:
    assert refusal(chat("Jean"), finding(0, 5))
    assert refusal(chat("Jean"), finding(0, 4, slot="messages/9/parts/0"))


@pytest.mark.parametrize(
    "change",
    [
        {"tools": (Tool(name="ask_jean_dupont"),)},
        {"tools": (Tool(name="ask", parameters={"properties": {"Jean Dupont": {"type": "string"}}}),)},
        {"tools": (Tool(name="ask", parameters={"required": ["JEAN DUPONT"]}),)},
        {"tools": (Tool(name="ask", parameters={"properties": {"title": {"pattern": "JEAN DUPONT"}}}),)},
        {"tools": (Tool(name="ask", parameters={"properties": {"title": "JEAN DUPONT"}}),)},
        {"tool_choice": {"name": "jean-dupont"}},
        {"options": {"metadata": {"Jean Dupont": 1}}},
        {"options": {"metadata": {"jean%20dupont": 1}}},
        {"messages": (message("Jean Dupont"), Message(role=Role.TOOL, name="jean_dupont"))},
        {"messages": (message("Jean Dupont"), Message(role=Role.TOOL, tool_call_id="jeandupont1"))},
        {
            "messages": (
                message("Jean Dupont"),
                Message(role=Role.USER, parts=(BlobPart(media="file", wire={"filename": "Jean Dupont.pdf"}),)),
            )
        },
    ],
)
def test_a_value_seen_where_it_cannot_be_replaced_refuses(change: dict[str, object]) -> None:
    request = replace(chat("Jean Dupont"), **change)  # type: ignore[arg-type]  # the table has fields of Request
    assert refusal(request, seen(request, "Jean Dupont"))


def test_what_a_schema_says_is_replaced_and_how_it_is_built_stays() -> None:
    schema: Any = {
        "type": "object",
        "title": "De Jean Dupont",
        "properties": {
            "title": {"type": "string", "description": "comme JEAN DUPONT", "enum": ["jean dupont", "autre"]},
            "x": {"anyOf": [{"const": "Jean Dupont"}, {"default": {"qui": ["Dupont Jean"]}}], "examples": ["Dupont"]},
        },
        "required": ["title"],
    }
    request = replace(chat("Jean Dupont"), tools=(Tool(name="ask", parameters=schema),))
    result = masked(request, seen(request, "Jean Dupont"))
    left = json.dumps(result.request.tools[0].parameters)
    assert "dupont" not in left.lower()
    assert json.loads(restored(Restorer(result.vault), left)) == schema
    assert json.loads(left)["required"] == ["title"]


def test_the_name_of_a_speaker_is_replaced() -> None:
    request = replace(chat("x"), messages=(message("Jean Dupont"), Message(role=Role.USER, name="jean_dupont")))
    result = masked(request, seen(request, "Jean Dupont"))
    assert (result.request.messages[-1].name or "").startswith("PERSON_")


def test_a_number_that_is_a_covered_value_refuses() -> None:
    request = replace(chat("le 33612345678"), options={"metadata": {"tel": 33612345678}})
    assert refusal(request, seen(request, "33612345678", kind="phone"))


def test_a_refusal_repeats_no_value() -> None:
    request = replace(chat("Jean Dupont"), tools=(Tool(name="ask_jean_dupont"),))
    assert "upont" not in refusal(request, seen(request, "Jean Dupont"))


def test_embeddings_refuses() -> None:
    request = Request(surface=Surface.EMBEDDINGS, model="m", inputs=("Jean",))
    with pytest.raises(ValueError, match="embeddings"):
        masked(request, finding(0, 4, slot="inputs/0"))


def test_a_class_without_a_masked_form_refuses() -> None:
    with pytest.raises(ValueError, match="masked form"):
        mask(chat("Jean"), found(), cover=frozenset({DataClass.HEALTH}), key=KEY)


def test_a_short_key_refuses() -> None:
    with pytest.raises(ValueError, match="short"):
        mask(chat("Jean"), found(finding(0, 4)), cover=PERSONAL, key=b"k" * 15)


# ------------------------------------------------------------------ look-alikes
def test_a_look_alike_that_the_caller_typed_is_no_surrogate_of_this_request() -> None:
    first = masked(chat("Jean Dupont"), finding(0, 11))
    surrogate = next(iter(first.vault.originals))
    for typed in (
        surrogate,
        surrogate.lower(),
        surrogate.replace("_", "-"),
        surrogate.replace("_", "%5F"),
        f"x{surrogate}",
    ):
        request = chat(f"Jean Dupont, {typed}")
        result = masked(request, seen(request, "Jean Dupont"))
        assert surrogate not in result.vault.originals
        assert surrogate in result.vault.excluded
        restorer = Restorer(result.vault)
        assert restored(restorer, text_of(result.request)) == f"Jean Dupont, {typed}"
        assert restorer.unknown == 0


def test_a_surrogate_of_another_conversation_comes_back_unchanged() -> None:
    other = next(iter(masked(chat("Marie Curie"), finding(0, 11), key=b"o" * 32).vault.originals))
    request = chat(f"qui est {other} pour Jean ?")
    result = masked(request, seen(request, "Jean"))
    assert restored(Restorer(result.vault), f"{other} est Marie") == f"{other} est Marie"


def test_the_vault_of_a_request_shows_no_value() -> None:
    result = masked(chat("Jean Dupont"), finding(0, 11))
    assert "upont" not in repr(result) + repr(result.vault) + str(result.vault)


def test_a_finding_keeps_its_slot() -> None:
    request = chat("Jean", "Jean")
    result = masked(request, finding(0, 4, slot=USER), finding(0, 4, slot="messages/1/parts/0"))
    assert len(result.vault.originals) == 1
