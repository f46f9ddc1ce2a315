"""Originals are put back where their surrogates stand, in every event, and nowhere else."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.domain.event import (
    Begin,
    Channel,
    Event,
    Finish,
    Item,
    Opaque,
    Text,
    ToolArgs,
    UpstreamError,
    Usage,
    Vector,
)
from ecluse.domain.vault import MAX_SURROGATE, Vault
from ecluse.passage.unmask import Restorer
from ecluse.passage.unmask.forms import JSON, TEXT
from ecluse.passage.unmask.lane import HOLD_BACK, Lane, Tally
from tests.passage.mask.case import pieces, restored, said

HERE = Path(__file__).parent
FORMS = tomllib.loads((HERE / "forms.toml").read_text(encoding="utf-8"))["case"]
LINKS = tomllib.loads((HERE / "links.toml").read_text(encoding="utf-8"))["case"]
NAME = "Zoé Lefèvre"
VAULT = Vault(
    originals={
        "PERSON_7K2Q9F": NAME,
        "EMAIL_9XYZ11": "zoe@exemple.fr",
        "ADDRESS_0A1BCD": '12 rue "de la Paix"\nParis\\Nord',
        "LINK_0WF6V0": "https://exemple.fr/dossier",
    },
    excluded=frozenset({"PERSON_AAAAA1"}),
)
FRAGMENTS = st.sampled_from(
    [
        "PERSON_7K2Q9F",
        "person-7k2q9f",
        "PERSON\\_7K2Q9F",
        "EMAIL_9XYZ11",
        "LINK_0WF6V0",
        "PERSON_ZZZZ99",
        "PERSON_AAAAA1",
        "PER",
        "SON_7K2Q9F",
        "PERSON",
        "_",
        "\\",
        *" \n'\"()[]<>*=/:.é1",
        "](",
        "![",
        "https://x.fr/",
        "www.",
        "x.fr",
        "src=",
        "\\n",
        "\\u00e9",
        "\\\\",
        '"url":"',
        '"url": ["',
        '","',
        "x" * 30,
    ]
)
SAYINGS = st.lists(FRAGMENTS, max_size=14).map("".join) | st.text(alphabet="aPERSON_7K2Q9F\\-é1 /:.", max_size=60)
CUTS = st.lists(st.integers(1, 7), min_size=1, max_size=20)


def text(s: str, *, choice: int = 0, channel: Channel = Channel.CONTENT, **raw: Any) -> Text:
    return Text(choice=choice, channel=channel, s=s, raw=raw)


def arguments(s: str, *, index: int = 0, **first: str) -> ToolArgs:
    return ToolArgs(choice=0, index=index, s=s, **first)


def feed(*events: Event, vault: Vault = VAULT) -> list[Event]:
    restorer = Restorer(vault)
    return [out for event in events for out in restorer.feed(event)] + list(restorer.end())


# ------------------------------------------------------------------ text
@pytest.mark.parametrize("case", FORMS, ids=lambda case: case["said"])
@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_a_surrogate_is_restored_in_these_forms_and_no_other(case: dict[str, Any], size: int) -> None:
    restorer = Restorer(VAULT)
    assert restored(restorer, *pieces(case["said"], [size])) == case.get("read", case["said"])
    assert restorer.unknown == case.get("unknown", 0)
    assert (restorer.restored > 0) is ("read" in case)


@pytest.mark.parametrize("case", LINKS, ids=lambda case: case["said"])
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_nothing_is_restored_inside_a_link(case: dict[str, Any], size: int) -> None:
    restorer = Restorer(VAULT)
    inside = not case.get("restored", False)
    read = case["said"] if inside else case["said"].replace("PERSON_7K2Q9F", NAME)
    assert restored(restorer, *pieces(case["said"], [size])) == read
    assert (restorer.withheld > 0) is inside


@pytest.mark.parametrize(
    ("said", "inside"),
    [
        (r'{"to": "PERSON_7K2Q9F.\u0065vil.example"}', True),
        (r'{"to": "PERSON_7K2Q9F\u002eevil.example"}', True),
        (r'{"to": "PERSON_7K2Q9F\u002d\u0061\u002e\u0065vil.example"}', True),
        (r'{"to": "PERSON_7K2Q9F-a.evil.example"}', True),
        (r'{"to": "PERSON_7K2Q9F.\u00a0Puis"}', False),
        (r'{"to": "PERSON_7K2Q9F-a."}', False),
        (r'["PERSON_7K2Q9F.", "evil.example"]', False),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_an_escape_in_arguments_hides_no_host(said: str, inside: bool, size: int) -> None:  # noqa: FBT001 - a table
    out = feed(*(arguments(piece) for piece in pieces(said, [size])))
    read = "".join(event.s for event in out if isinstance(event, ToolArgs))
    assert read == (said if inside else said.replace("PERSON_7K2Q9F", NAME))


def test_a_link_that_was_restored_is_a_link_all_the_same() -> None:
    assert restored(Restorer(VAULT), "LINK_0WF6V0?q=PERSON_7K2Q9F et PERSON_7K2Q9F") == (
        f"https://exemple.fr/dossier?q=PERSON_7K2Q9F et {NAME}"
    )


def test_a_link_may_be_long() -> None:
    long = "https://evil.example/" + "a" * 20_000 + "PERSON_7K2Q9F"
    assert restored(Restorer(VAULT), *pieces(long, [7])) == long


def test_a_look_alike_of_the_request_stays_and_surprises_nobody() -> None:
    restorer = Restorer(VAULT)
    assert restored(restorer, "PERSON_AAAAA1 PERSON_AAAAA13") == "PERSON_AAAAA1 PERSON_AAAAA13"
    assert restorer.unknown == 0


@settings(max_examples=300, deadline=None)
@given(SAYINGS, CUTS)
def test_any_cut_of_a_text_reads_the_same(whole: str, cuts: list[int]) -> None:
    one, other = Restorer(VAULT), Restorer(VAULT)
    assert restored(one, whole) == restored(other, *pieces(whole, cuts))
    assert (one.restored, one.unknown, one.withheld) == (other.restored, other.unknown, other.withheld)


@settings(max_examples=200, deadline=None)
@given(SAYINGS, CUTS)
def test_any_cut_of_arguments_reads_the_same(whole: str, cuts: list[int]) -> None:
    def read(*parts: str) -> str:
        return "".join(e.s for e in feed(*(arguments(part) for part in parts)) if isinstance(e, ToolArgs))

    assert read(whole) == read(*pieces(whole, cuts))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | SAYINGS, CUTS)
def test_without_surrogates_of_the_vault_every_text_passes_as_it_is(whole: str, cuts: list[int]) -> None:
    other = Vault(originals={"PERSON_000000": "x"})
    assert restored(Restorer(other), *pieces(whole, cuts)) == whole


@settings(max_examples=300, deadline=None)
@given(SAYINGS, CUTS, st.sampled_from([TEXT, JSON]))
def test_what_is_held_back_is_bounded(whole: str, cuts: list[int], form: Any) -> None:
    lane = Lane(VAULT, Tally(), form)
    for piece in pieces(whole, cuts):
        lane.push(piece)
        assert len(lane.held) <= HOLD_BACK + form.reach
    assert max(MAX_SURROGATE.values()) == HOLD_BACK


def test_a_word_leaves_as_soon_as_it_can_be_no_surrogate() -> None:
    restorer = Restorer(VAULT)
    assert [said(restorer.feed(text(s))) for s in ("Bon", "p", "er", "du", " p", "our")] == [
        "Bon",
        "p",
        "er",
        "du",
        " ",
        "pour",
    ]


# ------------------------------------------------------------------ events
def test_an_event_without_a_surrogate_leaves_as_the_same_object() -> None:
    event = text("Bonjour", logprobs=None)
    assert Restorer(VAULT).feed(event)[0] is event


def test_without_surrogates_every_event_leaves_as_the_same_object() -> None:
    restorer = Restorer(Vault.empty())
    for event in (text("PERSON"), arguments("PERSON_"), UpstreamError(code="x", message="PERSON_7K2Q9F")):
        assert restorer.feed(event) == (event,)
        assert restorer.feed(event)[0] is event


@pytest.mark.parametrize(
    "event",
    [
        Begin(id="1", model="m"),
        Usage(tokens_in=1, tokens_out=None),
        Vector(index=0, values=(0.5,)),
        Opaque(raw={"a": "PERSON_ZZZZ99"}),
    ],
)
def test_what_is_no_text_passes(event: Event) -> None:
    assert Restorer(VAULT).feed(event)[0] is event


def test_raw_fields_of_a_delta_are_kept_while_its_text_is_held() -> None:
    out = feed(text("PERSON_7K2", role="assistant"), text("Q9F !", x=1))
    assert out == [text("", role="assistant"), text(f"{NAME} !", x=1)]


def test_channels_and_choices_are_read_apart() -> None:
    out = feed(
        text("PERSON_", channel=Channel.REASONING),
        text("7K2Q9F", choice=1),
        text("7K2Q9F.", channel=Channel.REASONING),
        text(" PERSON_7K2Q9F.", choice=1),
    )
    assert said(e for e in out if isinstance(e, Text) and e.choice == 0) == f"{NAME}."
    assert said(e for e in out if isinstance(e, Text) and e.choice == 1) == f"7K2Q9F {NAME}."


def test_what_is_held_leaves_before_the_choice_speaks_elsewhere() -> None:
    out = feed(text("PERSON_7K2Q9F", channel=Channel.REASONING), text("Oui"), arguments("{", id="a", name="f"))
    assert out == [text(NAME, channel=Channel.REASONING), text("Oui"), arguments("{", id="a", name="f")]


def test_what_is_held_leaves_before_its_finish() -> None:
    finish = Finish(choice=0, reason="stop", raw={"x": 1})
    assert feed(text("PERSON_7K2Q9F", choice=1), text("PER"), finish) == [
        text("PER"),
        finish,
        text(NAME, choice=1),
    ]


def test_what_is_held_leaves_before_an_error_whose_message_is_restored() -> None:
    out = feed(text("PERSON_7K2Q9F"), UpstreamError(code="x", message="bad input: person_7k2q9f"))
    assert out == [text(NAME), UpstreamError(code="x", message=f"bad input: {NAME}")]


def test_what_is_opaque_waits_for_the_text_before_it() -> None:
    opaque = Opaque(raw=1)
    assert feed(text("a PERSON_7K"), opaque, text("2Q9F,"), text("z")) == [
        text("a "),
        text(f"{NAME},"),
        opaque,
        text("z"),
    ]
    assert feed(text("PERSON_7K2Q9F"), opaque) == [text(NAME), opaque]
    assert feed(text("PERSON_7K2Q9F"), opaque, Finish(choice=0, reason="stop"))[1] is opaque


def test_the_end_gives_all_that_is_held_once() -> None:
    restorer = Restorer(VAULT)
    restorer.feed(text("PERSON_7K2Q9F", choice=1))
    restorer.feed(text("PERSON_7K"))
    assert restorer.end() == (text("PERSON_7K"), text(NAME, choice=1))
    assert restorer.end() == ()


# ------------------------------------------------------------------ beside the text
def cited(start: int, end: int, **more: Any) -> dict[str, Any]:
    return {"annotations": [{"type": "url_citation", "start_index": start, "end_index": end, **more}]}


@pytest.mark.parametrize("size", [1, 4, 1_000])
def test_the_offsets_of_a_citation_follow_the_text_that_was_restored(size: int) -> None:
    said_ = "Voir PERSON_7K2Q9F et ADDRESS_0A1BCD ici, PERSON_7K2Q9F"
    marked = said_.index("ADDRESS")
    ends = said_.index(" ici")
    events = [text(piece) for piece in pieces(said_, [size])]
    out = feed(
        *events,
        text("", delta=cited(marked, ends, title="Chez PERSON_7K2Q9F", url="https://x.fr/PERSON_7K2Q9F")),
        Finish(choice=0, reason="stop"),
    )
    whole = said(out)
    (raw,) = [e.raw for e in out if isinstance(e, Text) and e.raw]
    beside: Any = raw["delta"]
    (mark,) = beside["annotations"]
    assert whole[mark["start_index"] : mark["end_index"]] == VAULT.originals["ADDRESS_0A1BCD"]
    assert mark["title"] == f"Chez {NAME}"
    assert mark["url"] == "https://x.fr/PERSON_7K2Q9F"
    assert isinstance(out[-1], Finish)


def test_a_citation_inside_a_surrogate_covers_its_original() -> None:
    out = feed(text("a PERSON_7K2Q9F b"), Finish(choice=0, reason="stop", raw={"delta": cited(4, 9)}))
    finish = out[-1]
    assert isinstance(finish, Finish)
    assert finish.raw == {"delta": cited(2, 2 + len(NAME))}


def test_logprobs_of_a_masked_text_become_null() -> None:
    out = feed(text("Oui", logprobs={"content": [{"token": "PERSON"}]}))
    assert out == [text("Oui", logprobs=None)]


def test_what_we_have_no_word_for_is_restored_but_its_addresses_and_signatures() -> None:
    raw: Any = {"note": ["PERSON_7K2Q9F"], "url": "PERSON_7K2Q9F", "signature": "PERSON_7K2Q9F", "n": 1}
    assert feed(Opaque(raw=raw)) == [Opaque(raw={**raw, "note": [NAME]})]
    assert feed(Item(index=0, raw={"document": {"text": "PERSON_7K2Q9F"}})) == [
        Item(index=0, raw={"document": {"text": NAME}})
    ]


def test_what_is_opaque_and_speaks_of_a_choice_follows_its_text() -> None:
    raw: Any = {"choices": [{"index": 0, "delta": cited(17, 19)}], "id": "x"}
    out = feed(text("PERSON_7K2Q9F et ok PER"), Opaque(raw=raw), Finish(choice=0, reason="stop"))
    assert said(out)[len(NAME) + 4 :][:2] == "ok"
    assert out[2] == Opaque(raw={"choices": [{"index": 0, "delta": cited(len(NAME) + 4, len(NAME) + 6)}], "id": "x"})


# ------------------------------------------------------------------ tool arguments
def test_an_original_is_written_with_the_escapes_of_json() -> None:
    out = feed(*(arguments(s) for s in pieces('{"to":"ADDRESS_0A1BCD","n":"PERSON_7K2Q9F"}', [3])))
    written = "".join(e.s for e in out if isinstance(e, ToolArgs))
    assert json.loads(written) == {"to": VAULT.originals["ADDRESS_0A1BCD"], "n": NAME}


@pytest.mark.parametrize(
    ("said_in_json", "read"),
    [
        (r'"\nPERSON_7K2Q9F\n"', f"\n{NAME}\n"),
        (r'"\u00a0PERSON_7K2Q9F"', f"\u00a0{NAME}"),
        (r'"\\\tPERSON_7K2Q9F"', f"\\\t{NAME}"),
        (r'"\u00e9PERSON_7K2Q9F"', "éPERSON_7K2Q9F"),
        (r'"\\nPERSON_7K2Q9F"', "\\nPERSON_7K2Q9F"),
        (r'"PERSON\\_7K2Q9F"', NAME),
        (r'"https:\/\/evil.example\/PERSON_7K2Q9F"', "https://evil.example/PERSON_7K2Q9F"),
        (r'"https\u003a\u002f\u002fevil.example\u002fPERSON_7K2Q9F"', "https://evil.example/PERSON_7K2Q9F"),
        (r'"https://evil.example/ \n\" PERSON_7K2Q9F"', 'https://evil.example/ \n" PERSON_7K2Q9F'),
        (r'"voir https://x.example/ et PERSON_7K2Q9F"', f"voir https://x.example/ et {NAME}"),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 1_000])
def test_a_string_of_json_is_read_through_its_escapes(said_in_json: str, read: str, size: int) -> None:
    out = feed(*(arguments(s) for s in pieces(said_in_json, [size])))
    assert json.loads("".join(e.s for e in out if isinstance(e, ToolArgs))) == read


def test_a_link_in_one_string_does_not_reach_the_next() -> None:
    for before in ("https://x.example/", "voir https://x.example/", "[a](b", "'https://x.example"):
        said_in_json = json.dumps({"u": before, "n": "PERSON_7K2Q9F"}, separators=(",", ":"))
        out = feed(*(arguments(s) for s in pieces(said_in_json, [4])))
        assert json.loads("".join(e.s for e in out if isinstance(e, ToolArgs)))["n"] == NAME


def test_nested_json_is_read_too() -> None:
    nested = json.dumps({"body": json.dumps({"u": "https://x.example/", "n": "PERSON_7K2Q9F"})})
    out = feed(*(arguments(s) for s in pieces(nested, [4])))
    outer = json.loads("".join(e.s for e in out if isinstance(e, ToolArgs)))
    assert json.loads(outer["body"])["n"] == NAME


def test_each_tool_call_is_read_apart_and_keeps_its_id_and_name() -> None:
    out = feed(
        arguments("PERSON_7K", id="a", name="f"),
        arguments('2Q9F"', index=0),
        arguments("PERSON_7K2Q9F", index=1, id="b", name="g"),
        Finish(choice=0, reason="tool_calls"),
    )
    assert out == [
        arguments("", id="a", name="f"),
        arguments(f'{NAME}"'),
        arguments("", index=1, id="b", name="g"),
        arguments(NAME, index=1),
        Finish(choice=0, reason="tool_calls"),
    ]


def test_a_new_call_on_an_old_index_is_a_string_of_its_own() -> None:
    out = feed(arguments('"https://x.example/PERSON_7K', id="a"), arguments('"PERSON_7K2Q9F"', id="b"))
    assert out == [
        replace(arguments('"https://x.example/'), id="a"),
        arguments("PERSON_7K"),
        replace(arguments(f'"{NAME}"'), id="b"),
    ]
