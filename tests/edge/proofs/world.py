"""What a proof is, and the world in which each is run: a real gateway before simulators, an official client, a key.

The list of proofs is also the table of docs/reference/compatibility.md, so the page says what ran and nothing else.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from anthropic import Anthropic, AsyncAnthropic
from mistralai.client import Mistral
from openai import AsyncOpenAI, OpenAI

from tests.edge.gateway import Gateway

ANSWER = '{"city": "Paris"}'
"""What every simulator says here: words that are also JSON, so that structured outputs can be read."""
QUESTION: Any = [{"role": "user", "content": "Which city is the capital of France?"}]


@dataclass(frozen=True)
class World:
    """One gateway and a key for it."""

    made: Gateway
    key: str

    @contextmanager
    def openai(self) -> Iterator[OpenAI]:
        url = f"{self.made.url}/v1"
        with OpenAI(base_url=url, api_key=self.key, max_retries=0, http_client=_http()) as client:
            yield client

    @asynccontextmanager
    async def openai_async(self) -> AsyncIterator[AsyncOpenAI]:
        url = f"{self.made.url}/v1"
        async with AsyncOpenAI(base_url=url, api_key=self.key, max_retries=0, http_client=_later()) as client:
            yield client

    @contextmanager
    def anthropic(self) -> Iterator[Anthropic]:
        with Anthropic(base_url=self.made.url, api_key=self.key, max_retries=0, http_client=_http()) as client:
            yield client

    @asynccontextmanager
    async def anthropic_async(self) -> AsyncIterator[AsyncAnthropic]:
        url = self.made.url
        async with AsyncAnthropic(base_url=url, api_key=self.key, max_retries=0, http_client=_later()) as client:
            yield client

    @contextmanager
    def mistral(self) -> Iterator[Mistral]:
        with Mistral(api_key=self.key, server_url=self.made.url) as client:
            yield client

    @asynccontextmanager
    async def mistral_async(self) -> AsyncIterator[Mistral]:
        async with Mistral(api_key=self.key, server_url=self.made.url) as client:
            yield client


def _http() -> httpx2.Client:
    """Return a client for loopback: reading the roots of TLS for each would be most of the time of a proof."""
    return httpx2.Client(trust_env=False, timeout=20.0, verify=False)


def _later() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=20.0, verify=False)


@dataclass(frozen=True)
class Proof:
    """One thing that one client does, in one mode."""

    client: str
    surface: str
    case: str
    mode: str
    run: Callable[[World], None]

    @property
    def name(self) -> str:
        return f"{self.client}: {self.surface}: {self.case} ({self.mode})"


PROOFS: list[Proof] = []
Run = Callable[[World], None]
AsyncRun = Callable[[World], Awaitable[None]]


def proves(client: str, surface: str, case: str, mode: str = "whole") -> Callable[[Run], Run]:
    """Put a proof on the list."""

    def keep(run: Run) -> Run:
        PROOFS.append(Proof(client=client, surface=surface, case=case, mode=mode, run=run))
        return run

    return keep


def proves_async(client: str, surface: str, case: str, mode: str = "async") -> Callable[[AsyncRun], AsyncRun]:
    """Put a proof that needs a loop on the list."""

    def keep(run: AsyncRun) -> AsyncRun:
        def in_a_loop(world: World) -> None:
            async def whole() -> None:
                await run(world)
                await asyncio.sleep(0.01)  # closed transports let go of their sockets

            asyncio.run(whole())

        PROOFS.append(Proof(client=client, surface=surface, case=case, mode=mode, run=in_a_loop))
        return run

    return keep
