"""The same call twice before a real gateway: the second has its own entry and receipt, and no provider sees it."""

from pathlib import Path

from tests.edge.gateway import SCALEWAY, gateway

ASKED = {"model": "mistral-medium-3.5", "messages": [{"role": "user", "content": "What is a lock?"}]}
CACHE = "[cache]\nbytes = 1000000\n"


def test_the_second_of_two_same_calls_is_answered_from_memory_and_receipted(tmp_path: Path) -> None:
    with gateway(tmp_path, order=(SCALEWAY,), extra=CACHE) as made, made.client(made.key("mail")) as client:
        first, again, fresh = (
            client.chat.completions.with_raw_response.create(**ASKED, extra_headers=headers)  # type: ignore[call-overload] # plain words
            for headers in ({}, {}, {"cache-control": "no-cache"})
        )
        assert [answer.headers.get("x-ecluse-cache", "")[:4] for answer in (first, again, fresh)] == ["", "hit;", ""]
        said = [answer.parse().choices[0].message.content for answer in (first, again, fresh)]
        assert said[0] == said[1]
        assert len(made.fleet[SCALEWAY].lines("request")) == 2
        meters = client.with_options(base_url=str(client.base_url).replace("/v1/", "")).get("/metrics", cast_to=str)
        assert 'ecluse_answers_looked_for_total{found="false"} 1.0' in meters
        assert 'ecluse_answers_looked_for_total{found="true"} 1.0' in meters
        entries = [answer.headers["x-ecluse-entry"] for answer in (first, again)]
        assert len(set(entries)) == 2
        receipt = client.with_options(max_retries=20).get(f"/receipts/{entries[1]}", cast_to=str)
        assert receipt
        told = made.command("trail", "show", entries[1], "--state-dir", str(made.state), "--json")
        assert '"cached": true' in told.stdout.replace('":true', '": true'), told.stdout + told.stderr
