"""Mentions of one person share a surrogate; parts of a name are masked wherever they stand alone."""

import re
from dataclasses import replace

import pytest

from ecluse.domain.errors import GatewayError
from ecluse.domain.request import Tool
from ecluse.domain.vault import CORE_PATTERN, TYPES_PATTERN, SurrogateType, stem
from ecluse.passage.mask import Masked
from ecluse.passage.mask.people import Mention, identities, mention, name_parts, name_words
from ecluse.passage.unmask import Restorer
from tests.passage.mask.case import chat, masked, restored, seen, text_of

SURROGATE = re.compile(rf"(?:{TYPES_PATTERN})_{CORE_PATTERN}")


def hide(text: str, *names: str) -> Masked:
    """Mask the names where they first stand, and check that the text comes back."""
    request = chat(text)
    result = masked(request, *(seen(request, name) for name in names))
    assert restored(Restorer(result.vault), text_of(result.request)) == text
    return result


def stems(result: Masked) -> list[str]:
    return [stem(surrogate) for surrogate in SURROGATE.findall(text_of(result.request))]


def test_four_spellings_of_one_woman_are_one_surrogate_and_come_back_as_they_were() -> None:
    text = "Mme Lefèvre ; Éléonore Lefèvre ; E. Lefèvre ; LEFÈVRE Éléonore"
    result = hide(text, "Lefèvre", "Éléonore Lefèvre", "E. Lefèvre", "LEFÈVRE Éléonore")
    assert len(set(stems(result))) == 1
    assert stems(result)[0].startswith("WOMAN_")
    shown = SURROGATE.findall(text_of(result.request))
    assert len(set(shown)) == 4
    assert [s[len(stems(result)[0]) :] for s in shown] == ["", "2", "3", "4"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Mme Lefèvre", "WOMAN"),
        ("Madame la préfète Lefèvre", "WOMAN"),
        ("Mme le Dr Lefèvre", "WOMAN"),
        ("Mlle\u00a0Lefèvre", "WOMAN"),
        ("Frau Lefèvre", "WOMAN"),
        ("M. Lefèvre", "MAN"),
        ("monsieur Lefèvre", "MAN"),
        ("M. et Mme Lefèvre", "PEOPLE"),
        ("la famille Lefèvre", "PEOPLE"),
        ("MM. Lefèvre", "PEOPLE"),
        ("les époux Lefèvre", "PEOPLE"),
        ("Dr Lefèvre", "PERSON"),
        ("programme Lefèvre", "PERSON"),
        ("Lefèvre", "PERSON"),
    ],
)
def test_the_type_says_what_the_civility_says_in_clear(text: str, word: str) -> None:
    assert stems(hide(text, "Lefèvre"))[0].startswith(f"{word}_")


def test_a_civility_within_the_finding_counts_too() -> None:
    assert stems(hide("vu Mme Lefèvre hier", "Mme Lefèvre"))[0].startswith("WOMAN_")


@pytest.mark.parametrize(
    ("names", "same"),
    [
        (("Éléonore Lefèvre", "Paul Lefèvre"), False),
        (("Jean Dupont", "Jean Martin"), False),
        (("E. Lefèvre", "Paul Lefèvre"), False),
        (("E. Lefèvre", "P. Lefèvre"), False),
        (("Paul Lefèvre", "P. Lefèvre"), True),
        (("Paul Lefèvre", "Lefèvre"), True),
        (("Paul Lefèvre", "Paul"), True),
        (("Jean Paul Lefèvre", "Paul Lefèvre"), True),
        (("PAUL LEFEVRE", "Lefèvre, Paul"), True),
        (("Anne de La Tour", "Anne de la Tour"), True),
        (("Jean-Pierre Dubois", "Pierre Dubois"), False),
    ],
)
def test_two_names_are_one_person_when_nothing_in_them_disagrees(names: tuple[str, str], same: bool) -> None:  # noqa: FBT001 - pytest's parameter
    mentions = [Mention(name, SurrogateType.PERSON) for name in names]
    one, other = (identities(mentions)[m] for m in mentions)
    assert (one == other) is same
    backwards = identities(reversed(mentions))
    assert (backwards[mentions[0]] == backwards[mentions[1]]) is same


def test_what_fits_two_persons_is_neither() -> None:
    result = hide("Éléonore Lefèvre et Paul Lefèvre ; Lefèvre", "Éléonore Lefèvre", "Paul Lefèvre")
    assert len(set(stems(result))) == 3


def test_a_civility_tells_which_of_two_it_is() -> None:
    text = "Mme Éléonore Lefèvre et M. Paul Lefèvre. Mme Lefèvre ; M. Lefèvre"
    shown = stems(hide(text, "Éléonore Lefèvre", "Paul Lefèvre"))
    assert shown[0] == shown[2]
    assert shown[1] == shown[3]
    assert shown[0] != shown[1]


def test_two_with_one_name_are_told_apart_by_their_civilities_and_both_come_back() -> None:
    shown = stems(hide("Mme Lefèvre et M. Lefèvre et Lefèvre", "Lefèvre"))
    assert [s.split("_")[0] for s in shown] == ["WOMAN", "MAN", "PERSON"]


def test_a_conversation_that_goes_on_keeps_the_surrogate_of_who_was_there_first() -> None:
    first = stems(hide("Mme Lefèvre est là", "Lefèvre"))
    later = stems(hide("Mme Lefèvre est là. Éléonore Lefèvre aussi, et Paul Durand.", "Lefèvre", "Paul Durand"))
    assert first[0] == later[0]


# ------------------------------------------------------------------ parts of a name
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Éléonore est venue", "Éléonore"),
        ("ELEONORE est venue", "ELEONORE"),
        ("eleonore est venue", "eleonore"),
        ("Maître Lefevre", "Lefevre"),
        ("le dossier lefèvre_2024", "lefèvre"),
        ("getLefevre()", "getLefevre"),
        ("E\u0301le\u0301onore", "E\u0301le\u0301onore"),
    ],
)
def test_a_part_alone_is_masked_in_every_spelling(text: str, parts: str) -> None:
    result = hide(f"Éléonore Lefèvre. {text}", "Éléonore Lefèvre")
    assert parts in result.vault.originals.values()


def test_a_common_word_that_is_also_a_part_is_spared_in_small_letters_only() -> None:
    result = hide("Rose Petit aime la rose. Rose est un petit fruit. ROSE", "Rose Petit")
    left = text_of(result.request)
    assert "la rose" in left
    assert "un petit" in left
    assert "Rose" not in left
    assert "ROSE" not in left


def test_particles_and_civilities_are_no_parts() -> None:
    assert list(name_parts("Mme Anne-Marie de La Tour d'Auvergne")) == [
        "Anne-Marie",
        "Anne",
        "Marie",
        "Tour",
        "Auvergne",
    ]
    assert name_words("E. d'Arc") == ("e", "arc")


def test_a_part_where_it_cannot_be_replaced_refuses() -> None:
    request = replace(chat("Éléonore Lefèvre"), tools=(Tool(name="ask_lefevre"),))
    with pytest.raises(GatewayError) as refused:
        masked(request, seen(request, "Éléonore Lefèvre"))
    assert refused.value.code == "mask_unavailable"


def test_a_mention_reads_no_civility_over_a_word() -> None:
    assert mention("Mme Dupont voit Lefèvre", 16, 23).says is SurrogateType.PERSON
