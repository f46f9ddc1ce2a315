"""Gateways before a service that keeps conversations, for the tests of it: what each application may have kept."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openai import OpenAI
from typing_extensions import override

from simulators.brain import STEADY_TOKENS, Brain, Canned, Ending, Piece, Question, plain
from simulators.fleet import running
from simulators.simulator import Plan
from tests.edge.gateway import Gateway

KEEPERS = Path(__file__).resolve().parents[1] / "policies" / "keepers"
KEEPER = "keeper/eu/keeper-1"
MODEL = "keeper-1"
NIR = "2 85 03 69 123 456 56"
NAME = "Camille Lefèvre"
LETTER = f"Écrivez à Mme {NAME}, sécurité sociale {NIR}."
PUBLIC = "Which city is the capital of France?"
ORGANISATIONS = """
[facts]
folders = ["{keepers}"]

[vault]
url = "{vault}"

[[organisations]]
id = "town"
name = "A town"
kind = "local_authority"
contracts = ["keeper"]

[[organisations.applications]]
id = "desk"
name = "Desk"
purposes = ["drafting"]
analyses = [
  {{ kind = "register_entry", reference = "REG-1" }},
  {{ kind = "impact_assessment", reference = "AIPD-1" }},
  {{ kind = "retention_assessment", reference = "KEEP-1" }},
]

[[organisations.applications]]
id = "unassessed"
name = "Of which nothing says that a provider may keep it"
purposes = ["drafting"]
analyses = [{{ kind = "register_entry", reference = "REG-2" }}]

[[organisations]]
id = "company"
name = "A company"
kind = "private"
contracts = ["keeper"]

[[organisations.applications]]
id = "sales"
name = "Sales"
purposes = ["drafting"]
analyses = [
  {{ kind = "register_entry", reference = "REG-3" }},
  {{ kind = "retention_assessment", reference = "KEEP-3" }},
]
"""


@dataclass(frozen=True, slots=True)
class Remembering(Canned):
    """Repeats all that it was told in the conversation, so that what lies at the provider is seen in each answer."""

    @override
    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Repeat."""
        text = " / ".join(plain(turn.get("content")) for turn in question.messages if turn["role"] != "system")
        for start in range(0, len(text), 4):
            yield text[start : start + 4]
        yield Ending(reason="stop", tokens_in=STEADY_TOKENS, tokens_out=len(text))


@contextmanager
def keeping_gateway(
    folder: Path, vault: str | None = None, extra: str = "", brain: Brain | None = None
) -> Iterator[Gateway]:
    """Run a gateway before a service that keeps conversations, with a vault in a folder of its own."""
    plan = Plan(name=KEEPER, kind="keeper", key="key-0", models=frozenset({MODEL}))
    stated = ORGANISATIONS.format(keepers=KEEPERS, vault=vault or folder / "vault")
    with running([plan], brain or Remembering()) as fleet:
        made = Gateway(folder=folder, fleet=fleet, order=(KEEPER,), extra=stated + extra)
        made.start()
        try:
            yield made
        finally:
            made.caller.close()
            made.stop()


def ask(client: OpenAI, text: str, **options: Any) -> Any:
    """Ask the model that keeps."""
    return client.responses.create(model=MODEL, input=text, **options)


def stored(made: Gateway) -> dict[str, Any]:
    """Return what the simulated service keeps now."""
    provider: Any = made.fleet[KEEPER].simulator.provider
    return dict(provider.stored)
