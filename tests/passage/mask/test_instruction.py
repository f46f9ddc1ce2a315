"""A model is told of surrogates when there are any, in the language of the conversation."""

import pytest

from ecluse.domain.request import BlobPart, Message, Request, Role, Surface, TextPart
from ecluse.passage.mask.instruction import SENTENCES, instruct, language
from tests.passage.mask.case import chat, masked, message, seen, text_of

SENTENCE = SENTENCES["en"]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Peux-tu résumer le dossier de Jean pour la réunion ?", "fr"),
        ("Écris une lettre à Jean.", "fr"),
        ("Please write to Jean about the meeting", "en"),
        ("Jean 42", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_the_one_of_the_conversation(text: str, spoken: str) -> None:
    assert language(chat(text)) == spoken


def test_the_latest_words_of_the_user_count_more_than_those_of_the_application() -> None:
    request = Request(
        surface=Surface.CHAT,
        model="m",
        messages=(
            message("You are the assistant of the town hall, and you answer in the language of the user", Role.SYSTEM),
            message("Le dossier de la mairie est dans le tiroir du bureau, avec les autres et pour vous. " * 60),
        ),
    )
    assert language(request) == "fr"


def test_there_is_a_sentence_when_there_are_surrogates_and_the_result_says_so() -> None:
    request = chat("Le dossier de Jean est dans le tiroir")
    result = masked(request, seen(request, "Jean"))
    assert result.instructed
    assert result.instruction == "fr"
    assert result.request.messages[0] == message(SENTENCES["fr"], Role.SYSTEM)
    assert text_of(result.request).startswith("Le dossier de PERSON_")


def test_it_is_merged_into_the_system_message_that_opens() -> None:
    request = Request(surface=Surface.CHAT, model="m", messages=(message("Be brief.", Role.SYSTEM), message("Hi")))
    assert instruct(request, SENTENCE).messages == (message(f"Be brief.\n\n{SENTENCE}", Role.SYSTEM), message("Hi"))


def test_it_is_added_to_a_system_message_that_does_not_end_with_text() -> None:
    blob = BlobPart(media="file", wire={})
    for parts in ((), (TextPart(text="Be brief."), blob)):
        request = Request(surface=Surface.CHAT, model="m", messages=(Message(role=Role.SYSTEM, parts=parts),))
        assert instruct(request, SENTENCE).messages[0].parts == (*parts, TextPart(text=SENTENCE))


def test_it_opens_a_conversation_that_nothing_opens() -> None:
    request = Request(surface=Surface.CHAT, model="m")
    assert instruct(request, SENTENCE).messages == (message(SENTENCE, Role.SYSTEM),)


def test_both_sentences_are_constant_and_hold_no_surrogate() -> None:
    assert set(SENTENCES) == {"en", "fr"}
    assert not any(character.isdigit() for sentence in SENTENCES.values() for character in sentence)
