"""What a gateway adds to a call: Ecluse and LiteLLM's proxy beside no gateway, in one run, before one provider.

    .venv/bin/python bench/latency.py [--times 20] [--kilobytes 8 200] [--litellm PROGRAM]

Calls are made one after the other, in turn: direct, Ecluse, LiteLLM. `new` is a prompt that was never seen; `turn` is
the next turn of one conversation. Prints milliseconds: p50 and p95 of what is added to a whole answer, and to the first
piece of a streamed one. Without --litellm it is looked for, else installed beside the virtual environment.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[1]
NAME = "scaleway/generative-apis/mistral-medium-3.5"
WIRE = "mistral-medium-3.5"
READY = 90.0
"""Seconds within which a gateway must answer."""
OK = 200
ORGANISATION = """
[gateway]
hosted_on = "own_premises"
country = "FR"
state_dir = {state}
[destinations]
order = ["{name}"]
[destinations.credentials]
"{name}" = "env:BENCH_KEY"
[unsafe_simulators]
"{name}" = "{provider}/v1"
[[organisations]]
id = "o"
name = "O"
kind = "private"
contracts = ["scaleway"]
[[organisations.applications]]
id = "app"
name = "App"
purposes = ["drafting"]
analyses = [{{ kind = "register_entry", reference = "REG-1" }}]
"""
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"{name} a file of the project.",
            "parameters": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
        },
    }
    for name in ("read", "write", "list", "search")
]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One way to the provider."""

    name: str
    url: str
    key: str
    model: str


def corpus() -> str:
    """Return what agents read: code, of Python's own library. Ours names markings and keys, and would be refused."""
    library = Path(sysconfig.get_path("stdlib"))
    files = [
        path for name in ("asyncio", "unittest", "json", "multiprocessing") for path in library.glob(f"{name}/*.py")
    ]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def prompt(text: str, size: int, number: int, *, turn: bool) -> list[dict[str, str]]:
    """Return messages of about `size` bytes: a stretch of the corpus of their own, or one more turn of the first."""
    start = 0 if turn else (number * size) % max(1, len(text) - size)
    files = text[start : start + size]
    messages = [{"role": "system", "content": "You change code. Answer with an edit."}]
    messages += [{"role": "user", "content": files[at : at + 4096]} for at in range(0, len(files), 4096)]
    turns = number if turn else 0
    for one in range(turns):
        messages += [
            {"role": "assistant", "content": f"Read file {one}."},
            {"role": "user", "content": f"Then change line {one + 3}, and say why."},
        ]
    return [*messages, {"role": "user", "content": f"Change number {number}."}]


def ask(client: httpx2.Client, side: Side, messages: list[dict[str, str]], *, stream: bool) -> tuple[float, float]:
    """Return milliseconds until the first piece of the body, and until its end."""
    body = {"model": side.model, "messages": messages, "tools": TOOLS, "stream": stream}
    raw = json.dumps(body).encode()
    headers = {"authorization": f"Bearer {side.key}", "content-type": "application/json"}
    began = time.perf_counter()
    first = 0.0
    with client.stream("POST", f"{side.url}/v1/chat/completions", content=raw, headers=headers) as answer:
        for _ in answer.iter_raw():
            first = first or time.perf_counter()
        if answer.status_code != OK:
            raise SystemExit(f"{side.name} answers {answer.status_code}")
    return (first - began) * 1000, (time.perf_counter() - began) * 1000


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def process(words: list[str], log: Path, **variables: str) -> Iterator[None]:
    """Run a program until the block ends."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(log.parent), **variables}
    with log.open("wb") as out, subprocess.Popen(words, cwd=ROOT, env=environment, stdout=out, stderr=out) as child:
        try:
            yield
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()


def wait_for(url: str, log: Path) -> None:
    """Return once `url` answers 200. Raises SystemExit with the end of the log."""
    deadline = time.monotonic() + READY
    while time.monotonic() < deadline:
        try:
            if httpx2.get(url, trust_env=False, timeout=2).status_code == OK:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@contextmanager
def ecluse(folder: Path, provider: str) -> Iterator[Side]:
    """Run Ecluse with everything it does: tagger, rules, trail on disk."""
    config, state, port = folder / "ecluse.toml", folder / "state", free_port()
    config.write_text(ORGANISATION.format(state=json.dumps(str(state)), name=NAME, provider=provider), encoding="utf-8")
    program = [sys.executable, "-m", "ecluse"]
    words = [*program, "serve", "--config", str(config), "--port", str(port)]
    with process(words, folder / "ecluse.log", BENCH_KEY="none"):
        wait_for(f"http://127.0.0.1:{port}/ready", folder / "ecluse.log")
        made = [*program, "keys", "create", "--application", "app", "--state-dir", str(state), "--json"]
        key = json.loads(subprocess.run(made, cwd=ROOT, capture_output=True, check=True).stdout)["key"]
        yield Side(name="Ecluse", url=f"http://127.0.0.1:{port}", key=key, model=WIRE)


@contextmanager
def litellm(folder: Path, provider: str, program: Path) -> Iterator[Side]:
    """Run LiteLLM's proxy without a database, with one worker."""
    config, port = folder / "litellm.yaml", free_port()
    route = {"model": f"openai/{WIRE}", "api_base": f"{provider}/v1", "api_key": "none"}
    stated = {"model_list": [{"model_name": WIRE, "litellm_params": route}], "general_settings": {"master_key": "sk-1"}}
    config.write_text(json.dumps(stated), encoding="utf-8")  # JSON is YAML
    words = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    with process(words, folder / "litellm.log", LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_LOG="ERROR"):
        wait_for(f"http://127.0.0.1:{port}/health/liveliness", folder / "litellm.log")
        yield Side(name="LiteLLM", url=f"http://127.0.0.1:{port}", key="sk-1", model=WIRE)


def find_litellm(stated: str | None) -> Path | None:
    """Return LiteLLM's program: the stated one, one on the path, or one that is installed now; None when it cannot."""
    if found := stated or shutil.which("litellm"):
        return Path(found)
    folder = Path(sys.prefix) / "guests" / "litellm-proxy"
    program = folder / "bin" / "litellm"
    if not program.exists():
        print("installing litellm[proxy] ...", flush=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "litellm[proxy]"]
        for words in ([sys.executable, "-m", "venv", str(folder)], pip):
            if subprocess.run(words, timeout=600, check=False).returncode:
                return None
    return program


def compare(client: httpx2.Client, sides: list[Side], text: str, size: int, times: int, *, turn: bool) -> None:
    """Measure one kind of prompt and print its lines."""
    whole: dict[str, list[float]] = {side.name: [] for side in sides}
    first: dict[str, list[float]] = {side.name: [] for side in sides}
    for number in range(2 * times + 2):
        stream, messages = bool(number % 2), prompt(text, size, number, turn=turn)
        for side in sides:
            begun, ended = ask(client, side, messages, stream=stream)
            if number > 1:  # the first of each warms up connections
                (first if stream else whole)[side.name].append(begun if stream else ended)
    kind = f"{size // 1024} KB, {'turn' if turn else 'new'}"
    added: dict[str, list[float]] = {}
    for side in sides:
        added[side.name] = [
            _at(told[side.name], part) - (0 if side.name == "direct" else statistics.median(told["direct"]))
            for told in (whole, first)
            for part in (50, 95)
        ]
        print(f"| {kind} | {side.name} | " + " | ".join(f"{ms:.1f}" for ms in added[side.name]) + " |", flush=True)
    if len(sides) > 2:  # noqa: PLR2004 - direct, Ecluse and a peer
        ratios = [ours / theirs for ours, theirs in zip(added["Ecluse"], added["LiteLLM"], strict=True)]
        print(f"| {kind} | Ecluse / LiteLLM | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |", flush=True)


def _at(values: list[float], part: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1]


def main() -> None:
    """Read the options, start everything, measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--kilobytes", type=int, nargs="+", default=[8, 200])
    options.add_argument("--litellm")
    stated = options.parse_args()
    program, text, port = find_litellm(stated.litellm), corpus(), free_port()
    provider = f"http://127.0.0.1:{port}"
    with ExitStack() as open_, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_.enter_context(process([sys.executable, "bench/canned.py", str(port)], folder / "canned.log"))
        wait_for(f"{provider}/", folder / "canned.log")
        sides = [Side(name="direct", url=provider, key="none", model=WIRE)]
        sides.append(open_.enter_context(ecluse(folder, provider)))
        if program is None:
            print("LiteLLM could not be installed: its lines are missing")
        else:
            sides.append(open_.enter_context(litellm(folder, provider, program)))
        print("| prompt | way | whole p50 ms | p95 | first piece p50 ms | p95 |\n|---|---|---|---|---|---|")
        with httpx2.Client(trust_env=False, timeout=60.0) as client:
            for kilobytes in stated.kilobytes:
                for turn in (False, True):
                    compare(client, sides, text, kilobytes * 1024, stated.times, turn=turn)
    print("direct: from the call to the answer; the others: what they add to direct's p50. One call at a time.")


if __name__ == "__main__":
    main()
