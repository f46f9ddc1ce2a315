"""Clients that are not a provider's own, unmodified, each with its own dependencies beside ours, before a real gateway.

They are installed by their own lock into a folder of `.venv`, which a second run uses again.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.brain import Canned
from tests.edge.gateway import SCALEWAY, gateway
from tests.edge.proofs.guests import COMMAND, RAN
from tests.edge.proofs.world import World

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
GUESTS = Path(__file__).parent / "guests"
LLM_MODEL = """
- model_id: ours
  model_name: mistral-medium-3.5
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


def installed(lock: str) -> Path:
    """Install a lock into a folder of its own and return its programs' folder; skip out loud when that fails."""
    stated = (ROOT / "requirements" / lock).read_bytes()
    folder = Path(sys.prefix) / "guests" / f"{lock.removesuffix('.lock')}-{hashlib.sha256(stated).hexdigest()[:12]}"
    if not (folder / "ready").exists():
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r"]
        for words in ([sys.executable, "-m", "venv", "--clear", str(folder)], [*pip, f"requirements/{lock}"]):
            done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=570, check=False)
            if done.returncode:
                pytest.skip(f"{lock} cannot be installed here: {done.stderr[-300:]}")
        (folder / "ready").touch()
    return folder / "bin"


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


@pytest.mark.parametrize("name", RAN)
def test_a_guest_cannot_tell_the_difference(world: World, clients: Path, tmp_path: Path, name: str) -> None:
    words = [str(clients / "python"), str(GUESTS / f"with_{name}.py")]
    done = run(tmp_path, words, ECLUSE_URL=world.made.url, ECLUSE_KEY=world.key)
    assert done.returncode == 0, done.stderr[-2000:]
    assert sorted(done.stdout.splitlines()) == sorted(RAN[name])


@pytest.mark.parametrize("more", COMMAND.values(), ids=COMMAND)
def test_the_llm_command_cannot_tell_the_difference(
    world: World, clients: Path, tmp_path: Path, more: list[str]
) -> None:
    (tmp_path / "extra-openai-models.yaml").write_text(LLM_MODEL.format(url=world.made.url), encoding="utf-8")
    words = [str(clients / "llm"), "prompt", "-m", "ours", "--key", world.key, *more, "Which city is the capital?"]
    done = run(tmp_path, words, LLM_USER_PATH=str(tmp_path))
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Paris" in done.stdout


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
