"""Values that no simulator may see which the rules open to masked data only, whatever their spelling.

Law: what is tested is not asked how values are spelt: this folds and decodes by means of its own. Every simulator of
the process of the tests is heard, whoever started it; after every test, what was heard since the last one is searched.
"""

import base64
import binascii
import html
import json
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote

from simulators.journal import Line
from simulators.simulator import Plan

CANARIES = ("Camille Lefèvre", "Lefèvre", "06 39 98 41 27", "FR7630004008210001234567849", "lefevre@exemple.fr")
"""Values of masked classes. A test that sends a person's data to a gateway uses one of them, or declares its own."""
MASKED_ONLY = frozenset(
    {
        "azure/global/gpt-5.4",
        "anthropic/api/claude-sonnet-4.6",
        "mistral/global/codestral-25.08",
        "mistral/global/mistral-moderation-26.03",
        "aws/us-east-1-converse/mistral-large-3",
        "azure_global_mistral-large-3",
        "mistral_global_mistral-large-3",
    }
)
"""Simulators that stand for destinations which the rules open to masked personal data only; the last two in the demo.

The demo's others may read a person's data as they are when the caller's analyses say so: see `tests/demo/masked.py`.
"""
_RUN = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_ROUNDS = 3


class Watches:
    """What was heard at the simulators that may see none of these values, and not searched yet."""

    def __init__(self) -> None:
        self.canaries = set(CANARIES)
        self._heard: deque[tuple[str, Line]] = deque()

    def declare(self, *values: str) -> None:
        """Search for these values too, from now on."""
        self.canaries.update(values)

    def hear(self, plan: Plan, line: Line) -> None:
        """Keep a request until it is searched. Called by any thread."""
        if plan.name in MASKED_ONLY:
            self._heard.append((plan.name, line))

    def search(self) -> None:
        """Fail if anything was seen that must not be."""
        heard = [self._heard.popleft() for _ in range(len(self._heard))]
        leaks = [f"{canary} at {name}" for name, line in heard for canary in seen(line, self.canaries)]
        assert not leaks, leaks


WATCHES = Watches()


def seen(line: Mapping[str, object], canaries: Iterable[str]) -> list[str]:
    """List the values that a request shows, in its head, its body, or put together from several of its texts."""
    texts = [json.dumps(line, ensure_ascii=False), *_put_together(str(line.get("body", "")))]
    shown = [folded(text) for whole in texts for text in (whole, *_decoded(whole))]
    return [canary for canary in canaries if any(folded(canary) in text for text in shown)]


def folded(text: str) -> str:
    """Keep letters and digits without case, accents and width."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if c.isalnum())


def _put_together(body: str) -> Iterator[str]:
    """Yield the texts of a body in a row, and those of each speaker."""
    try:
        asked = json.loads(body)
    except ValueError:
        return
    yield "".join(_strings(asked))
    for messages in [asked.get(name) for name in ("messages", "input", "contents")] if isinstance(asked, dict) else []:
        turns = [turn for turn in messages if isinstance(turn, dict)] if isinstance(messages, list) else []
        yield "".join(text for turn in turns for text in _strings(turn.get("content")))
        for role in {str(turn.get("role")) for turn in turns}:
            yield "".join(text for turn in turns if turn.get("role") == role for text in _strings(turn.get("content")))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for name, member in value.items() if name not in {"role", "type"} for text in _strings(member))
    elif isinstance(value, list):
        yield from (text for item in value for text in _strings(item))


def _decoded(text: str) -> Iterator[str]:
    """Yield a text with its escapes read, once and more, and what its base64 and hexadecimal runs say."""
    for _ in range(_ROUNDS):
        read = html.unescape(unquote(re.sub(r"\\+u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)))
        yield from _packed(text)
        if read == text:
            return
        yield read
        text = read


def _packed(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        bare = run.rstrip("=").replace("-", "+").replace("_", "/")
        for read in (bytes.fromhex, _base64):
            try:
                yield read(bare).decode("utf-8", "ignore")
            except (ValueError, binascii.Error):
                continue


def _base64(bare: str) -> bytes:
    return base64.b64decode(bare + "=" * (-len(bare) % 4))
