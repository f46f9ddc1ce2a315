"""A trail with calls of a hosted tool, and the facts and settings that such calls are made on."""

from datetime import date
from pathlib import Path

from ecluse.domain.destination import DestinationId
from ecluse.domain.finding import DataClass
from ecluse.domain.trail import Entry
from ecluse.domain.verdict import Choice
from tests.cli.test_past import sent, trail

GPT = Choice(destination=DestinationId("openai/global/gpt-5.4"), masked=False)
DAY = date(2026, 11, 24)
ACME = DestinationId("acme/search")
FACTS = """
[provider]
id = "acme"
name = "Acme"
entity = "acme_inc"
source = "ours"

[[sources]]
id = "ours"
title = "Our register of servers"
url = "https://interne.example/register"
as_of = 2026-11-24
confidence = "high"
kind = "primary"

[[entities]]
id = "acme_inc"
name = "Acme Inc."
seat = "US"
source = "ours"

[[entities]]
id = "under_acme"
name = "Under Acme"
seat = "IN"
source = "ours"

[[stakes]]
holder = "under_acme"
held = "acme_inc"
kind = "sub_processor"
low = 0.0
high = 0.0
source = "ours"

[[offers]]
id = "acme_tools"
name = "Acme Search"
kind = "model_api"
source = "ours"
scope = { processing = "world", storage = "world", countries = ["US"], source = "ours" }

[[tools]]
id = "acme/search"
kind = "mcp"
address = "https://mcp.acme.example/search"
offer = "acme_tools"
brings = []
source = "ours"
"""


def called(number: int, found: set[DataClass] | None = None, brought: tuple[str, ...] = ()) -> Entry:
    """Return an intent of a call with the tool, as the trail has it."""
    plain = sent(number, GPT, found or set(), model="gpt-5.4")
    tools = {"recipients": (ACME,), "brought": brought, "dialect": "openai_responses"}
    return Entry(kind=plain.kind, id=plain.id, passage=plain.passage, at=plain.at, body={**plain.body, **tools})


def world(folder: Path, entries: list[Entry], facts: str = FACTS) -> Path:
    """Write facts, settings and a trail; return the settings."""
    (folder / "facts").mkdir()
    (folder / "facts" / "acme.toml").write_text(facts, encoding="utf-8")
    config = trail(folder, entries)
    text = config.read_text(encoding="utf-8")
    text = text.replace("[unsafe_simulators]", '[unsafe_simulators]\n"openai/global/gpt-5.4" = "http://127.0.0.1:12"')
    text = text.replace('contracts = ["azure"]', 'contracts = ["openai", "acme"]')
    config.write_text(f'{text}\n[facts]\nfolders = ["{folder / "facts"}"]\n', encoding="utf-8")
    return config
