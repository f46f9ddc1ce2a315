"""Hosted tools are judged as the destinations that they are."""

from dataclasses import replace
from pathlib import Path

import pytest

from ecluse.domain.destination import DestinationId
from ecluse.domain.errors import CallerError, GatewayError
from ecluse.domain.finding import DataClass
from ecluse.domain.hosted import HostedKind, HostedRef
from ecluse.domain.party import ProviderId
from ecluse.domain.request import HostedTool, Surface
from ecluse.domain.snapshot import Snapshot
from ecluse.domain.verdict import Permit, Question, Refusal
from ecluse.packs import policies
from ecluse.packs.errors import PackError
from ecluse.packs.registry import Registry, load, recipients
from ecluse.passage.admit.anthropic_messages import DIALECT as ANTHROPIC
from ecluse.passage.admit.openai_chat import DIALECT as CHAT
from ecluse.passage.admit.openai_responses import DIALECT as RESPONSES
from ecluse.passage.decide import compile_rules, decide, with_recipients
from tests.passage.decide.world import NOW, TODAY, caller, question, registry, snapshot

GPT = DestinationId("openai/global/gpt-5.4")
SERVER = "https://mcp.interne.example/wiki"
OWN = f"""
[provider]
id = "self_hosted"
name = "What the caller runs itself"
source = "ours"

[[sources]]
id = "ours"
title = "Our register of servers"
url = "https://interne.example/register"
as_of = 2026-11-24
confidence = "high"
kind = "primary"

[[tools]]
id = "self_hosted/wiki"
kind = "mcp"
address = "{SERVER}"
offer = "own_premises"
operated_by = "caller"
brings = []
source = "ours"

[[tools]]
id = "self_hosted/people"
kind = "mcp"
address = "https://mcp.interne.example/people"
offer = "own_premises"
operated_by = "caller"
brings = ["personal"]
source = "ours"

[[tools]]
id = "self_hosted/unsaid"
kind = "mcp"
address = "https://mcp.interne.example/unsaid"
offer = "own_premises"
operated_by = "caller"
source = "ours"
"""


def own_facts(tmp_path: Path, text: str = OWN) -> Registry:
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    return load(own=[tmp_path])


def world(known: Registry) -> Snapshot:
    plain = snapshot()
    received = recipients(known, TODAY)
    sources = policies.load()
    things = {**plain.destinations, **{one.id: one.destination for one in received}}
    rules = compile_rules(sources.schema, sources.policies, destinations=things, today=TODAY)
    return replace(plain, rulebook=rules, recipients=received)


def asked(*addresses: str, classes: frozenset[DataClass] = frozenset()) -> Question:
    plain = question(caller("company", analyses=[]))
    organisation = replace(plain.application.organisation, contracts=frozenset({ProviderId("openai")}))
    application = replace(plain.application, organisation=organisation)
    refs = (HostedRef(kind=HostedKind.MCP, dialect="openai_responses", address=a) for a in addresses)
    return replace(plain, application=application, classes=classes, covered=frozenset(), tools=frozenset(refs))


def search(kind: HostedKind = HostedKind.WEB_SEARCH, dialect: str = "openai_responses") -> HostedTool:
    return HostedTool(kind=kind, dialect=dialect, wire={"type": kind.value}, path="tools[0]")


def test_a_server_on_record_goes_with_public_data(tmp_path: Path) -> None:
    verdict = decide(world(own_facts(tmp_path)), asked(SERVER), (GPT,), now=NOW)
    assert isinstance(verdict, Permit)
    assert set(verdict.rules) == {"base.contract", "base.operated_by_caller"}


def test_what_a_server_brings_counts_as_in_the_request(tmp_path: Path) -> None:
    server = "https://mcp.interne.example/people"
    brought = decide(world(own_facts(tmp_path)), asked(server), (GPT,), now=NOW)
    found = decide(snapshot(), replace(asked(classes=frozenset({DataClass.PERSONAL}))), (GPT,), now=NOW)
    assert isinstance(brought, Refusal)
    assert isinstance(found, Refusal)
    assert {r.rule for r in brought.reasons} >= {r.rule for r in found.reasons}


def test_a_server_of_which_nobody_said_what_it_brings_refuses(tmp_path: Path) -> None:
    verdict = decide(world(own_facts(tmp_path)), asked("https://mcp.interne.example/unsaid"), (GPT,), now=NOW)
    assert isinstance(verdict, Refusal)
    assert "base.unreadable" in {reason.rule for reason in verdict.reasons}


def test_a_recipient_without_a_contract_refuses_and_is_named(tmp_path: Path) -> None:
    text = OWN.replace('"self_hosted/', '"acme/').replace('id = "self_hosted"', 'id = "acme"')
    text = text.replace('offer = "own_premises"\noperated_by = "caller"', 'offer = "acme_tools"')
    text += '\n[[offers]]\nid = "acme_tools"\nname = "Acme"\nkind = "model_api"\nsource = "ours"\n'
    verdict = decide(world(own_facts(tmp_path, text)), asked(SERVER), (GPT,), now=NOW)
    assert isinstance(verdict, Refusal)
    assert any("acme/wiki" in reason.en and reason.rule == "base.no_permit" for reason in verdict.reasons)
    assert any("acme" in hint.en for hint in verdict.would_help)


def test_an_unknown_server_an_unverified_tool_and_another_format_refuse_by_name(tmp_path: Path) -> None:
    made = world(own_facts(tmp_path))
    unknown = HostedTool(
        kind=HostedKind.MCP, dialect="openai_responses", wire={}, path="tools[1]", addresses=("https://evil.test",)
    )
    for tool, said in (
        (unknown, "tools[1]: mcp; who receives what it is sent is not on record"),
        (search(), "tools[0]: web_search; openai/web_search is on record unverified, which opens nothing"),
        (search(dialect="anthropic_messages"), "no destination of this model speaks anthropic_messages"),
    ):
        with pytest.raises(CallerError, match="hosted_tool_refused") as refused:
            with_recipients(made, [tool], (GPT,))
        assert said in refused.value.detail
        assert "evil" not in refused.value.detail


def test_a_recipient_that_left_the_record_refuses(tmp_path: Path) -> None:
    made = world(own_facts(tmp_path))
    with pytest.raises(GatewayError, match="policy_unavailable"):
        decide(replace(made, recipients=()), asked(SERVER), (GPT,), now=NOW)


def test_what_ships_opens_no_hosted_tool() -> None:
    assert registry().recipients
    assert not any(one.verified for one in registry().recipients)


def test_a_tool_that_nothing_can_reach_refuses_to_load(tmp_path: Path) -> None:
    for wrong in (OWN.replace(SERVER, "http://plain.example"), OWN.replace('brings = ["personal"]', 'brings = ["x"]')):
        with pytest.raises(PackError):
            own_facts(tmp_path, wrong)


def test_each_dialect_reads_its_hosted_tools() -> None:
    responses = RESPONSES.admit(
        Surface.CHAT,
        b'{"model":"m","input":"x","tools":[{"type":"web_search"},{"type":"mcp","server_label":"w",'
        b'"server_url":"https://mcp.interne.example/wiki","require_approval":"never"}]}',
    )
    assert [tool.kind for tool in responses.hosted] == ["web_search", "mcp"]
    assert responses.hosted[1].addresses == (SERVER,)
    anthropic = ANTHROPIC.admit(
        Surface.CHAT,
        b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],'
        b'"tools":[{"type":"web_search_20250305","name":"web_search"}],'
        b'"mcp_servers":[{"type":"url","name":"w","url":"https://mcp.interne.example/wiki"}]}',
    )
    assert [tool.kind for tool in anthropic.hosted] == ["mcp", "web_search"]
    body = b'{"model":"m","messages":[{"role":"user","content":"x"}],"web_search_options":{}}'
    assert [tool.place for tool in CHAT.admit(Surface.CHAT, body).hosted] == ["web_search_options"]
