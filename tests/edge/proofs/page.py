"""The proofs as the table of docs/reference/compatibility.md. Renew it: `python -m tests.edge.proofs.page`."""

from importlib.metadata import version
from pathlib import Path

from tests.edge.proofs import anthropic_messages, guests, mistral, openai_chat, openai_rest, wire
from tests.edge.proofs.world import PROOFS

MODULES = (openai_chat, openai_rest, anthropic_messages, mistral)
"""Imported so that their proofs are on the list."""
CLIENTS = ("openai", "anthropic", "mistralai")
MODES = ("whole", "stream", "async", "async stream", "refused")
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "compatibility.md"
HEAD = """# Compatibility

Each row ran: an official client, changed by its address alone, before a real gateway and simulators that check every
body against the providers' own published types. `whole`, `stream`, `async` and `async stream` are how it was called;
`refused` is an error that names what is refused (see [error codes](errors.md)). The table is written from the list of
proofs that `make check` runs; a test keeps the two the same.
"""
KEPT = """## Files and batches

Where [`batches.keep_hours`](settings.md) is set, the openai client's files and batches are served, with each of
`/v1/chat/completions`, `/v1/responses`, `/v1/embeddings` and `/v1/completions`, answers restored
([run batches](../how-to/run-batches.md)); tests/edge/batches runs them. Message batches of Anthropic and batch jobs of
Mistral stay refused by name.
"""
HOSTED = """## Hosted tools

Permitted by a record of one's own ([use hosted tools](../how-to/use-hosted-tools.md)), whole and streamed, with the
turn after: searches by chat, by Responses and by messages; remote MCP servers, with and without the caller's word; code
execution; a turn that paused. tests/edge/test_hosted_tools.py runs them with the openai and anthropic clients.

## Every provider that ships

tests/edge/test_every_provider.py calls each shipped destination by official clients for all that it claims, before a
simulator of its wire format, and holds the address and the header of its secret to a list. The list was made from the
registry and then read beside the providers' own pages and clients: tests/edge/reached.toml says for each what was read,
where and when, and whose address was not found in any page. No provider was called.

## The local model

No simulator: the openai, anthropic and mistralai clients, whole, streamed and async (tests/edge/test_real_model.py),
and of the clients below all that needs no tool and no form, before the small model that the demo runs.
`make check-long` runs these.
"""
GUESTS = """## Others

Clients that are not a provider's own, unmodified, each with its own dependencies in an environment beside ours,
before the same simulators. `make check-long` runs these.

| client | what ran |
|---|---|"""


def table() -> str:
    """Write the page."""
    lines = [HEAD]
    for client in CLIENTS:
        rows: dict[tuple[str, str], list[str]] = {}
        for proof in PROOFS:
            if proof.client == client:
                rows.setdefault((proof.surface, proof.case), []).append(proof.mode)
        lines.append(f"## {client} {version(client).split('.')[0]}\n\n| path | what | ran |\n|---|---|---|")
        for (surface, case), modes in sorted(rows.items()):
            path = f"`{surface}`" if surface.startswith("/") else surface
            lines.append(f"| {path} | {case} | {', '.join(mode for mode in MODES if mode in modes)} |")
        lines.append("")
    lines += [KEPT, HOSTED, wire.HEAD, *wire.rows(), "", GUESTS, *guests.rows(), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(table(), encoding="utf-8")
