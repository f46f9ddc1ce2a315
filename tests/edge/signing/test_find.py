"""An optional library is loaded for what is in use, and its absence says what to type."""

import sys
from dataclasses import replace

import pytest

from ecluse.edge.config import SettingsError
from ecluse.edge.signing import signers
from tests.passage.send.exchange import destination

BEDROCK = replace(destination(dialect="bedrock_converse"), credential="env:PAIR")


def test_only_what_is_in_use_and_has_a_credential_needs_a_signer() -> None:
    assert signers([destination(), destination(dialect="bedrock_converse")]) == {}
    assert set(signers([BEDROCK])) == {"bedrock_converse"}


def test_a_missing_library_refuses_to_start_and_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ecluse.edge.signing.aws", None)
    with pytest.raises(SettingsError, match=r'pip install "ecluse\[aws\]"'):
        signers([BEDROCK])
