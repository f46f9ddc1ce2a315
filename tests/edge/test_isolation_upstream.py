"""A provider that answers with surrogates of others, or guesses them, gets nobody's values out of the gateway.

Law: the endpoints are those of `test_isolation`, which are those of the OpenAPI document, and those of batches, which
the document of a gateway with batches has.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from ecluse.domain.vault import ALPHABET, CORE_PATTERN, TYPES_PATTERN, SurrogateType
from simulators.brain import STEADY_TOKENS, Canned, Ending, Piece, Question
from tests.canaries import WATCHES, folded
from tests.edge.batches.test_batches import BATCHES, begin, ended, line
from tests.edge.conftest import EVERY
from tests.edge.gateway import AZURE, OCR, Gateway, gateway
from tests.edge.keeping import KEEPER, LETTER, NAME, NIR, ask, keeping_gateway
from tests.edge.test_isolation import NAMES, PHONE, POSTS, SURROGATE, head
from tests.edge.test_isolation import ask as asked_on

CORES = st.tuples(st.text(ALPHABET, min_size=5, max_size=5), st.sampled_from("0123456789")).map("".join)
GUESSES = st.lists(st.tuples(st.sampled_from(sorted(SurrogateType)), CORES).map("_".join), max_size=20)
KEPT = re.compile(rf"(?:{TYPES_PATTERN})_{CORE_PATTERN}")
FORMS = ("{}", '{{"n": "{}"}}', "![x](https://x.example/{}) {}", "**{}**, `{}` et {}s")


@dataclass(frozen=True, slots=True)
class Liar(Canned):
    """Says what it was told to say, whatever it is asked, in pieces of five characters; else it repeats nothing."""

    says: list[str] = field(default_factory=list)

    @override
    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Say it."""
        text = " ".join(self.says) or "Oui."
        if question.tool:
            text = json.dumps({"text": text})
        for start in range(0, len(text), 5):
            yield text[start : start + 5]
            await asyncio.sleep(0)
        yield Ending(reason="stop", tokens_in=STEADY_TOKENS, tokens_out=len(text))


LIAR = Liar()


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    WATCHES.declare(*NAMES[1:], "Boisrond")
    with gateway(tmp_path_factory.mktemp("lying"), (*EVERY, OCR), BATCHES, brain=LIAR) as made:
        yield made


@pytest.fixture(scope="module")
def keys_of(lying: Gateway) -> tuple[str, str]:
    return lying.key("mail"), lying.key("letters")


def surrogates_of(made: Gateway, key: str, name: str) -> Sequence[str]:
    """Let somebody send values, and return what the provider saw in their place."""
    LIAR.says.clear()
    asked = asked_on(made, "/v1/chat/completions", f"Write to Mr {name}, {PHONE}.", head(key, "one"), stream=False)
    assert asked.status_code == 200, asked.text
    seen = SURROGATE.findall(str(made.fleet[AZURE].lines("request")[-1]["body"]))
    assert len(set(seen)) == 2
    return seen


def lie(form: str, *words: str) -> str:
    said = " ".join((*words, *map(str.lower, words), *(word.replace("_", "-") for word in words)))
    return form.replace("{}", said).replace("{{", "{").replace("}}", "}")


def check(made: Gateway, path: str, name: str, who: dict[str, str], said: str, *, stream: bool) -> None:
    """Have a provider say something to somebody else than the one whose `name` it saw."""
    LIAR.says[:] = [said]
    answer = asked_on(made, path, "Write to Mr Jean Durand, 06 39 98 77 77.", who, stream=stream)
    told = folded(answer.content.decode("utf-8", "ignore") + str(answer.headers))
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    assert not any(folded(part) in told for part in (name.split()[1], PHONE))
    if path == "/v1/chat/completions" and not stream:
        assert folded(said.rsplit(maxsplit=1)[-1]) in told  # it was said, and it stays


def another(keys: tuple[str, str], other: str) -> dict[str, str]:
    return head(keys[1], "one") if other == "organisation" else head(keys[0], "two")


@pytest.mark.parametrize("path", POSTS)
def test_a_provider_that_says_what_it_saw_of_others_gets_nothing(
    lying: Gateway, keys_of: tuple[str, str], path: str
) -> None:
    at = POSTS.index(path)
    seen = surrogates_of(lying, keys_of[0], NAMES[at % 3])
    who = another(keys_of, ("organisation", "conversation")[at % 2])
    check(lying, path, NAMES[at % 3], who, lie(FORMS[0], *seen), stream=at % 3 == 0)


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("path", POSTS)
@given(
    name=st.sampled_from(NAMES),
    other=st.sampled_from(["organisation", "conversation"]),
    guesses=GUESSES,
    form=st.sampled_from(FORMS),
    stream=st.booleans(),
)
def test_nor_does_one_that_guesses(
    lying: Gateway,
    keys_of: tuple[str, str],
    path: str,
    name: str,
    other: str,
    guesses: list[str],
    form: str,
    *,
    stream: bool,
) -> None:
    said = lie(form, *surrogates_of(lying, keys_of[0], name), *guesses)
    check(lying, path, name, another(keys_of, other), said, stream=stream)


def test_a_line_of_a_batch_that_is_answered_with_them_gets_nothing(lying: Gateway, keys_of: tuple[str, str]) -> None:
    seen = surrogates_of(lying, keys_of[0], NAMES[2])
    LIAR.says[:] = [lie(FORMS[0], *seen)]
    with lying.client(keys_of[1]) as other:
        batch = ended(other, begin(other, [line("mine", "Write to Mr Jean Durand, 06 39 98 77 77.")]).id)
        told = other.files.content(batch.output_file_id).text
    assert seen[0] in told
    assert not any(folded(part) in folded(told) for part in ("Boisrond", PHONE))


@pytest.mark.long
def test_a_conversation_that_is_kept_is_nobody_else_s(tmp_path: Path) -> None:
    LIAR.says.clear()
    with (
        keeping_gateway(tmp_path, brain=LIAR) as made,
        made.client(made.key("desk")) as desk,
        made.client(made.key("sales")) as sales,
    ):
        first = ask(desk, LETTER, store=True)
        seen = KEPT.findall(str(made.fleet[KEEPER].lines("request")[-1]["body"]))
        assert len(set(seen)) == 2
        mine = ask(sales, "Écrivez à Mme Claire Durand.", store=True)
        LIAR.says[:] = [lie(FORMS[0], *seen)]
        theirs = ask(sales, "Et encore ?", store=True, previous_response_id=mine.id).output_text
        another = ask(desk, "Bonjour.", store=True).output_text
        back = ask(desk, "Et encore ?", previous_response_id=first.id).output_text
    assert seen[0] in theirs
    assert not any(folded(value) in folded(text) for value in (NAME, NIR) for text in (theirs, another))
    assert NAME in back


def test_the_victim_reads_its_own(lying: Gateway, keys_of: tuple[str, str]) -> None:
    LIAR.says.clear()
    seen = surrogates_of(lying, keys_of[0], NAMES[0])
    LIAR.says[:] = [lie(FORMS[0], *seen)]
    text = f"Write to Mr {NAMES[0]}, {PHONE}."
    answer = asked_on(lying, "/v1/chat/completions", text, head(keys_of[0], "one"), stream=False)
    assert folded(NAMES[0]) in folded(answer.text)
    assert folded(PHONE) in folded(answer.text)
