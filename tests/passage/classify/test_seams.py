"""Values cut in two by a message boundary, and values that their key names."""

import pytest

from ecluse.domain.finding import DataClass
from ecluse.domain.request import Json, Message, Request, Role, Slot, SlotPath, Surface, TextPart, ToolCall, slots
from ecluse.passage.classify import Engine


def said(role: Role, *texts: str) -> Message:
    return Message(role=role, parts=tuple(TextPart(text=text) for text in texts))


def chat(*messages: Message) -> tuple[Slot, ...]:
    return slots(Request(surface=Surface.CHAT, model="auto", messages=messages))


def calling(arguments: Json) -> tuple[Slot, ...]:
    call = ToolCall(id="c1", name="envoyer", arguments=arguments, decoded=True)
    return chat(Message(role=Role.ASSISTANT, tool_calls=(call,)))


def found(detector: Engine, given: tuple[Slot, ...]) -> list[tuple[str, str]]:
    texts = {slot.path: slot.text for slot in given}
    return [(f.kind, texts[f.slot][f.start : f.end]) for f in detector.classify(given).findings]


def test_a_value_split_over_two_parts_is_found_on_both_sides(detector: Engine) -> None:
    given = chat(said(Role.USER, "Mon IBAN : FR76 3000 6000 0112", " 3456 7890 189, merci"))
    assert found(detector, given) == [("iban", "FR76 3000 6000 0112"), ("iban", " 3456 7890 189")]


def test_a_value_split_over_two_turns_of_one_speaker_is_found(detector: Engine) -> None:
    given = chat(
        said(Role.USER, "Retiens 06 12 3"), said(Role.ASSISTANT, "C'est noté."), said(Role.USER, "4 56 78 et appelle")
    )
    assert found(detector, given) == [("phone", "06 12 3"), ("phone", "4 56 78")]


def test_an_empty_part_between_hides_nothing(detector: Engine) -> None:
    given = chat(said(Role.USER, "Mon mail : marie.dubois@", "", "orange.fr"))
    assert found(detector, given) == [("email", "marie.dubois@"), ("email", "orange.fr")]


def test_two_sentences_that_meet_make_no_value(detector: Engine) -> None:
    given = chat(said(Role.USER, "Écris à contact@mairie.fr", "Bonjour", "Marie.Dubois@orange.fr", "Bonsoir"))
    assert found(detector, given) == [("email", "Marie.Dubois@orange.fr")]


def test_a_key_names_its_value(detector: Engine) -> None:
    given = calling({"password": "Tr0ub4dor", "nir": "285036912345657", "note": "285036912345657"})
    assert found(detector, given) == [("password", "Tr0ub4dor"), ("nir", "285036912345657")]


def test_a_name_is_not_read_over_a_seam(detector: Engine) -> None:
    given = chat(said(Role.USER, "Bonjour Mme", " Dossier complet"))
    assert found(detector, given) == []


def test_what_is_not_maskable_is_not_joined_to_what_is(detector: Engine) -> None:
    fixed = Slot(path=SlotPath("messages/0/parts/0/1"), text="06 12 34", maskable=False)
    free = Slot(path=SlotPath("messages/0/parts/1"), text=" 56 78", role=Role.USER)
    assert detector.classify([fixed, free]).classes == frozenset[DataClass]()


@pytest.mark.parametrize(
    ("kind", "pieces"),
    [
        ("iban", ["FR76 3000 6000", " 0112 3456", " 7890 189"]),
        ("phone", ["06 12 3", "4 56 ", "78"]),
        ("email", ["marcel.du", "bois@chu-", "lyon.fr"]),
        ("email", ["marcel.", "dubois@chu-lyon.fr"]),
    ],
)
def test_a_value_cut_into_pieces_is_found_in_each(detector: Engine, kind: str, pieces: list[str]) -> None:
    got = found(detector, chat(said(Role.USER, *pieces)))
    assert {k for k, _ in got} == {kind}
    assert len(got) == len(pieces)


@pytest.mark.parametrize(
    ("kind", "pieces", "after"),
    [
        ("nir", ["Mon NIR est 2 85 03 69", "123 456 56"], "Merci."),
        ("phone", ["Appelle le 06 12 3", "4 56 ", "78"], "Merci."),
        ("email", ["Son adresse : marcel.du", "bois@chu-lyon.fr"], "Merci."),
    ],
)
def test_a_letter_that_the_next_text_begins_with_hides_no_value(
    detector: Engine, kind: str, pieces: list[str], after: str
) -> None:
    given = chat(said(Role.USER, "Bonjour", *pieces, after, "Bonsoir"))
    slots_of_kind = {f.slot for f in detector.classify(given).findings if f.kind == kind}
    assert {f"messages/0/parts/{n}" for n in range(1, 1 + len(pieces))} <= slots_of_kind


def test_a_key_of_a_forge_cut_in_three_is_found(detector: Engine) -> None:
    pieces = ["ghp_aB3dE5fG7h", "J9kL1mN2pQ4rS6", "tU8vW0xY1z2AbC3dE4"]
    assert DataClass.CREDENTIAL in detector.classify(chat(said(Role.USER, *pieces))).classes


@pytest.mark.parametrize(
    "pieces",
    [
        ["Écris à marie.dubois@orange.co", "mment vas-tu ?"],
        ["Écris à marie.dubois@orange.fr", "a bientôt"],
        ["Appelle le +44 20 7946 0958", "3 fois"],
    ],
)
def test_a_whole_value_takes_no_letter_of_the_next_text(detector: Engine, pieces: list[str]) -> None:
    given = chat(said(Role.USER, *pieces))
    assert {f.slot for f in detector.classify(given).findings} == {"messages/0/parts/0"}
