"""Coding agents as they are installed, before a real gateway: one prompt and a loop over their tools."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from simulators.brain import Canned
from tests.edge.gateway import OWN, SCALEWAY, Gateway, gateway

pytestmark = pytest.mark.long
SAID = "All is well."
CONFIG = """
model = "mistral-medium-3.5"
model_provider = "ecluse"
web_search = "disabled"
[model_providers.ecluse]
name = "Ecluse"
base_url = "{url}/v1"
env_key = "ECLUSE_KEY"
wire_api = "responses"
[features]
multi_agent = false
"""


def run(folder: Path, words: list[str], **variables: str) -> str:
    """Run an agent in an empty home, so that it reads no settings and no credentials of whoever runs the test."""
    program = shutil.which(words[0])
    if program is None:
        pytest.skip(f"{words[0]} is not installed")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "IS_SANDBOX": "1", **variables}
    done = subprocess.run(
        [program, *words[1:]],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


def asked(made: Gateway) -> int:
    return len(made.fleet[SCALEWAY].lines("request"))


def test_claude_code(tmp_path: Path) -> None:
    with gateway(tmp_path, (SCALEWAY, OWN), brain=Canned(text=SAID)) as made:
        told = run(
            tmp_path,
            ["claude", "-p", "Say hello", "--output-format", "json"],
            ANTHROPIC_BASE_URL=made.url,
            ANTHROPIC_AUTH_TOKEN=made.key("mail"),
            ANTHROPIC_MODEL="mistral-medium-3.5",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
        )
        assert (json.loads(told)["result"], json.loads(told)["is_error"]) == (SAID, False)
        assert asked(made) >= 2  # a tool was called, and its result went back


def test_codex(tmp_path: Path) -> None:
    with gateway(tmp_path, (SCALEWAY, OWN), brain=Canned(text=SAID)) as made:
        (tmp_path / ".codex").mkdir()
        (tmp_path / ".codex" / "config.toml").write_text(CONFIG.format(url=made.url), encoding="utf-8")
        words = ["codex", "exec", "--skip-git-repo-check", "Say hello"]
        assert SAID in run(tmp_path, words, ECLUSE_KEY=made.key("mail"))
        assert asked(made) >= 2
