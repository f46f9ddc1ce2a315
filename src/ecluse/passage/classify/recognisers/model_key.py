"""Keys of model providers: the `sk-` family (OpenAI, Anthropic, others), Groq, xAI, Perplexity, Replicate.

Mistral's keys have no prefix: `password` finds them by the name of their setting.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import entropy
from ecluse.passage.classify.recogniser import DOUBTFUL, Candidate, Hit, Recogniser
from ecluse.passage.classify.secrets_of import token

_with_prefix = token("a key with a model provider's prefix")
_RANDOM = 3.0


def _verify(candidate: Candidate) -> Hit | None:
    hit = _with_prefix(candidate)
    if hit is None or hit.confidence == DOUBTFUL:
        return hit
    value = candidate.text[hit.start : hit.end]
    # `sk-` also begins words with hyphens: a key has digits and no order.
    return hit if any(c.isdigit() for c in value) and entropy(value) >= _RANDOM else None


RECOGNISER = Recogniser(
    name="model_key",
    kind="model_key",
    data_class=DataClass.CREDENTIAL,
    patterns=(
        r"\bsk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{3,8}-|or-v1-)?[A-Za-z0-9_-]{20}",
        r"\bgsk_[A-Za-z0-9]{40}",
        r"\bxai-[A-Za-z0-9]{40}",
        r"\bpplx-[A-Za-z0-9]{40}",
        r"\br8_[A-Za-z0-9]{30}",
    ),
    verify=_verify,
    across=True,
)
