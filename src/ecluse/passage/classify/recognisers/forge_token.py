"""Tokens of software forges and package registries: GitHub, GitLab, npm, PyPI, Docker Hub, Hugging Face.

Source of the prefixes: each forge's documentation of its token formats.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.recogniser import Recogniser
from ecluse.passage.classify.secrets_of import token

RECOGNISER = Recogniser(
    name="forge_token",
    kind="forge_token",
    data_class=DataClass.CREDENTIAL,
    patterns=(
        r"\bgh[pousr]_[A-Za-z0-9]{30}",
        r"\bgithub_pat_[A-Za-z0-9_]{22}",
        r"\bgl(?:pat|dt|rt|ptt|cbt|ft|imt|agent|soat)-[A-Za-z0-9_-]{20}",
        r"\bnpm_[A-Za-z0-9]{36}",
        r"\bpypi-AgEI[A-Za-z0-9_-]{50}",
        r"\bdckr_pat_[A-Za-z0-9_-]{20}",
        r"\bhf_[A-Za-z0-9]{30}",
    ),
    verify=token("a token with a forge's prefix"),
    across=True,
)
