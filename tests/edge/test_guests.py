"""Clients that are not a provider's own, unmodified, each with its own dependencies beside ours, before a real gateway.

Behind it stand simulators, which call tools, or the local model, which answers by itself.

They are installed by their own lock into a folder of `.venv`, which a second run uses again.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from simulators.brain import Canned
from simulators.model import NAME
from tests.apart import installed
from tests.edge.gateway import SCALEWAY, gateway
from tests.edge.proofs.guests import BY_THE_MODEL, COMMAND, RAN, by_the_model
from tests.edge.proofs.world import World
from tests.edge.real import before_the_model

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
GUESTS = Path(__file__).parent / "guests"
LLM_MODEL = """
- model_id: ours
  model_name: {model}
  api_base: {url}/v1
  api_key_name: ours
  supports_tools: true
  supports_schema: true
"""
EDIT = """Here is the change.

letter.txt
```
<<<<<<< SEARCH
L'écluse est fermée.
=======
L'écluse est ouverte, déjà !
>>>>>>> REPLACE
```
"""
LETTER = "Bonjour,\n\nL'écluse est fermée.\n\nÀ bientôt\n"


@pytest.fixture(scope="module")
def clients() -> Path:
    return installed("clients.lock")


def run(home: Path, words: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a home of its own, so that it reads nothing of whoever runs the test."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LITELLM_LOCAL_MODEL_COST_MAP": "True", **variables}
    return subprocess.run(
        words,
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def guest(clients: Path, folder: Path, name: str, url: str, key: str, **more: str) -> list[str]:
    """Return what a guest says that it did."""
    words = [str(clients / "python"), str(GUESTS / f"with_{name}.py")]
    done = run(folder, words, ECLUSE_URL=url, ECLUSE_KEY=key, **more)
    assert done.returncode == 0, done.stderr[-2000:]
    return sorted(done.stdout.splitlines())


def command(clients: Path, folder: Path, url: str, key: str, model: str, more: Sequence[str]) -> str:
    """Return what the `llm` command prints."""
    (folder / "extra-openai-models.yaml").write_text(LLM_MODEL.format(url=url, model=model), encoding="utf-8")
    words = [str(clients / "llm"), "prompt", "-m", "ours", "--key", key, *more, "Which city is the capital of France?"]
    done = run(folder, words, LLM_USER_PATH=str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name", RAN)
def test_a_guest_cannot_tell_the_difference(world: World, clients: Path, tmp_path: Path, name: str) -> None:
    named = {"ECLUSE_MODEL": "mistral-medium-3.5", "ECLUSE_CLAUDE": "claude-sonnet-4.6", "ECLUSE_TOOLS": "yes"}
    assert guest(clients, tmp_path, name, world.made.url, world.key, **named) == sorted(RAN[name])


@pytest.mark.parametrize("more", COMMAND.values(), ids=COMMAND)
def test_the_llm_command_cannot_tell_the_difference(
    world: World, clients: Path, tmp_path: Path, more: list[str]
) -> None:
    assert "Paris" in command(clients, tmp_path, world.made.url, world.key, "mistral-medium-3.5", more)


# ------------------------------------------------------------------ before the local model
@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Return the address of a gateway before the local model alone, and a key for it."""
    with before_the_model(tmp_path_factory.mktemp("real")) as made:
        yield made.url, made.key("mail")


@pytest.mark.parametrize("name", RAN)
def test_a_guest_is_answered_by_the_local_model(
    real: tuple[str, str], clients: Path, tmp_path: Path, name: str
) -> None:
    named = {"ECLUSE_MODEL": NAME, "ECLUSE_CLAUDE": NAME, "ECLUSE_TOOLS": "no"}
    assert guest(clients, tmp_path, name, *real, **named) == sorted(by_the_model(RAN[name]))


@pytest.mark.parametrize("more", BY_THE_MODEL)
def test_the_llm_command_is_answered_by_the_local_model(
    real: tuple[str, str], clients: Path, tmp_path: Path, more: str
) -> None:
    assert "Paris" in command(clients, tmp_path, *real, NAME, COMMAND[more])


@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
def test_aider_edits_a_file_to_the_byte(tmp_path: Path, stream: str) -> None:
    aider = installed("aider.lock") / "aider"
    letter = tmp_path / "letter.txt"
    letter.write_bytes(LETTER.encode())
    with gateway(tmp_path, (SCALEWAY,), brain=Canned(text=EDIT)) as made:
        words = [str(aider), "--model", "openai/mistral-medium-3.5", "--openai-api-base", f"{made.url}/v1"]
        words += ["--openai-api-key", made.key("mail"), "--edit-format", "diff", "--no-git", "--yes-always", stream]
        words += ["--no-check-update", "--no-show-model-warnings", "--analytics-disable", "--map-tokens", "0"]
        done = run(tmp_path, [*words, "--message", "Ouvre l'écluse", "letter.txt"])
        assert letter.read_bytes() == LETTER.replace("fermée.", "ouverte, déjà !").encode(), done.stdout + done.stderr
        assert len(made.fleet[SCALEWAY].lines("request")) == 1
