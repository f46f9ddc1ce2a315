"""Masked calls over real sockets, in three dialects: what the provider saw, what the caller reads, and when."""

import json
import re
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.faults import Fault, FaultKind
from tests.edge.gateway import AZURE, Gateway

LETTER = "Write to Mr Camille Lefèvre, 06 39 98 41 27, about IBAN FR7630004008210001234567849, and be brief with it."
VALUES = ("Lefèvre", "06 39 98 41 27", "FR7630004008210001234567849")
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
SURROGATE = re.compile(r"(?:MAN|PERSON|PHONE|IBAN)_[0-9A-Z]{6,7}")


def body(dialect: str, text: str, *, stream: bool = False) -> dict[str, Any]:
    """Ask for a destination that only masked data may reach."""
    asked: dict[str, Any] = {"model": "gpt-5.4", "stream": stream}
    if dialect == "responses":
        return {**asked, "input": text}
    return {**asked, "max_tokens": 256, "messages": [{"role": "user", "content": text}]}


def headers(key: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}", "anthropic-version": "2023-06-01", **more}


def post(echo: Gateway, key: str, dialect: str, asked: dict[str, Any], **more: str) -> httpx2.Response:
    return echo.caller.post(echo.url + PATHS[dialect], json=asked, headers=headers(key, **more))


def sent(echo: Gateway) -> str:
    return str(echo.fleet[AZURE].lines("request")[-1]["body"])


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", PATHS)
def test_the_provider_sees_surrogates_and_the_caller_what_it_wrote(
    echo: Gateway,
    keys: tuple[str, str],
    dialect: str,
    stream: bool,  # noqa: FBT001 - pytest's parameter
) -> None:
    answer = post(echo, keys[0], dialect, body(dialect, LETTER, stream=stream))
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-ecluse-verdict"] == "permit_masked"
    assert not any(value in sent(echo) for value in VALUES)
    assert len(set(SURROGATE.findall(sent(echo)))) == 3
    assert all(value in answer.text for value in VALUES)
    assert SURROGATE.search(answer.text) is None


@pytest.mark.parametrize("dialect", PATHS)
def test_restored_text_is_read_while_the_provider_has_not_finished(
    echo: Gateway, keys: tuple[str, str], dialect: str
) -> None:
    echo.fleet.fault(AZURE, Fault(kind=FaultKind.HOLD, after=14))
    try:
        with httpx2.stream(
            "POST",
            echo.url + PATHS[dialect],
            json=body(dialect, LETTER, stream=True),
            headers=headers(keys[0]),
            trust_env=False,
            timeout=10,
        ) as answer:
            read = ""
            for piece in answer.iter_text():
                read += piece
                if "Camille Lefèvre" in read:
                    break
            assert "Camille Lefèvre" in read
            assert "brief" not in read
    finally:
        echo.fleet.fault(AZURE, None)


CANARY = "Camille Lefèvre"
PLACES: dict[str, Any] = {
    "system": {
        "messages": [{"role": "system", "content": f"Tu parles à {CANARY}."}, {"role": "user", "content": "Oui"}]
    },
    "tool arguments": {
        "messages": [
            {"role": "user", "content": f"Cherche M. {CANARY}"},
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "c1",
                        "type": "function",
                        "function": {"name": "find", "arguments": json.dumps({"nom": CANARY.upper()})},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": json.dumps({"r": f"{CANARY} : lefevre, Camille"})},
        ]
    },
    "tool description": {
        "messages": [{"role": "user", "content": f"M. {CANARY}"}],
        "tools": [{"type": "function", "function": {"name": "f", "description": f"Pour {CANARY}", "parameters": {}}}],
    },
    "tool name": {
        "messages": [{"role": "user", "content": f"M. {CANARY}"}],
        "tools": [{"type": "function", "function": {"name": "ask_lefevre", "parameters": {"type": "object"}}}],
    },
    "split": {
        "messages": [
            {"role": "user", "content": f"M. {CANARY}"},
            {"role": "user", "content": "note : Lef"},
            {"role": "user", "content": "èvre, voilà"},
        ]
    },
    "metadata": {"messages": [{"role": "user", "content": f"M. {CANARY}"}], "metadata": {"who": CANARY.lower()}},
    "user": {"messages": [{"role": "user", "content": f"M. {CANARY}"}], "user": "lefevre"},
    "stop": {"messages": [{"role": "user", "content": f"M. {CANARY}"}], "stop": ["Lefèvre"]},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_value_in_any_field_is_replaced_or_nothing_is_sent(echo: Gateway, keys: tuple[str, str], place: str) -> None:
    before = len(echo.fleet[AZURE].lines("request"))
    answer = post(echo, keys[0], "chat", {"model": "gpt-5.4", **PLACES[place]})
    after = len(echo.fleet[AZURE].lines("request"))
    assert after - before == (answer.status_code == 200), answer.text
    assert answer.status_code in {200, 400, 403, 503}
    if answer.status_code == 200:
        assert not any(part in sent(echo).casefold() for part in ("lefèvre", "lefevre", "camille", "èvre"))


# ------------------------------------------------------------------ who sees whose
def names() -> st.SearchStrategy[str]:
    return st.sampled_from(["Camille Lefèvre", "Éléonore Lefèvre", "Paul Lefèvre"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=names(),
    first=st.sampled_from(sorted(PATHS)),
    second=st.sampled_from(sorted(PATHS)),
    stream=st.booleans(),
    other=st.sampled_from(["organisation", "conversation"]),
)
def test_no_other_organisation_or_conversation_ever_reads_a_value(
    echo: Gateway, keys: tuple[str, str], name: str, first: str, second: str, *, stream: bool, other: str
) -> None:
    post(echo, keys[0], first, body(first, f"Mr {name}, 06 39 98 41 27"), **{"x-ecluse-conversation": "one"})
    seen = SURROGATE.findall(sent(echo))
    assert seen
    typed = f"Mr Camille Durand said: {' '.join(seen)} and {' '.join(seen).lower()}"
    key = keys[1] if other == "organisation" else keys[0]
    conversation = "one" if other == "organisation" else "two"
    answer = post(echo, key, second, body(second, typed, stream=stream), **{"x-ecluse-conversation": conversation})
    assert answer.status_code == 200, answer.text
    assert "Lefèvre" not in answer.text
    assert "06 39 98 41 27" not in answer.text
    assert not set(seen) & set(SURROGATE.findall(sent(echo).replace(" ".join(seen), "")))
