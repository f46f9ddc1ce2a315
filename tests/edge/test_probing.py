"""A destination that is down is asked for a life sign, with nothing of a caller and no credential."""

import asyncio
from dataclasses import dataclass, field, replace

from ecluse.domain.destination import Destination, DestinationId
from ecluse.domain.snapshot import Instant
from ecluse.edge.config import EgressSettings, LimitSettings
from ecluse.edge.keys import SecretResolver
from ecluse.edge.live import Live
from ecluse.edge.probing import probe
from ecluse.edge.upstream import Upstream
from ecluse.passage.route import Failure
from tests.passage.play import NOW, destination, snapshot

A = DestinationId("a")


@dataclass
class Hands:
    """A clock that a test sets."""

    at: int = 0

    def now(self) -> Instant:
        return Instant(NOW + self.at)


@dataclass
class Signs:
    alive: bool
    asked: list[str] = field(default_factory=list)

    async def answers(self, destination: Destination) -> bool:
        self.asked.append(destination.id)
        return self.alive


def live_with_a_down(hands: Hands) -> Live:
    live = Live(clock=hands, build=lambda _: snapshot(), outbound={}, secrets=SecretResolver())
    for _ in range(3):
        live.saw(Failure(destination=A))
    assert live.moment().health.down == {A}
    return live


async def probed(live: Live, signs: Signs) -> None:
    task = asyncio.ensure_future(probe(live, signs, 0.001))
    while not signs.asked:
        await asyncio.sleep(0.001)
    task.cancel()


def test_a_life_sign_lets_it_be_tried_and_does_not_make_it_up() -> None:
    live, signs = live_with_a_down(Hands()), Signs(alive=True)
    asyncio.run(probed(live, signs))
    assert not live.moment().health.down
    assert live.moment().health.trial == {A}
    assert set(signs.asked) == {"a"}, "those that are up are left alone"


def test_without_a_life_sign_it_stays_down_longer() -> None:
    hands = Hands()
    live = live_with_a_down(hands)
    hands.at = 6_000
    assert live.moment().health.trial == {A}
    asyncio.run(probed(live, Signs(alive=False)))
    assert live.moment().health.down == {A}


def test_the_question_has_no_credential_and_any_answer_below_500_counts() -> None:
    heard: list[bytes] = []

    async def asked(status: int) -> bool:
        async def door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(door, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        upstream = Upstream(EgressSettings(), LimitSettings())
        there = replace(destination("a"), base_url=f"http://127.0.0.1:{port}/v1", credential="env:SECRET")
        try:
            return await upstream.answers(there)
        finally:
            await upstream.close()
            server.close()
            await server.wait_closed()

    assert asyncio.run(asked(401))
    assert not asyncio.run(asked(503))
    assert all(head.startswith(b"GET /v1/models HTTP/1.1") for head in heard)
    assert all(b"authorization" not in head.lower() and b"cookie" not in head.lower() for head in heard)
