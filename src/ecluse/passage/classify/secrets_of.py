"""What tells a secret from the words, names and stand-ins that stand where a secret would.

Law: looks at one value of bounded length; it never says what the value is.
"""

import re
from collections.abc import Callable

from ecluse.passage.classify.recogniser import DOUBTFUL, STRONG, Candidate, Hit

_STAND_IN = re.compile(
    r"(?:x{3,}|\*+|\.{2,}|_+|-+|#+|(?:<|\[|\{|%[A-Za-z(]|@@).*|\$(?:[\w./:-]+|[{(].*)"
    r"|(?:your|my|votre|mon|ma|the|some|le|la)(?:[-_ ]|secret|pass|pwd|key|token|user|api|mdp|motdepasse|cle)[\w-]*"
    r"|(?:change[-_]?(?:me|it|this)|a[-_]?changer|example|exemple|sample|dummy|fake|placeholder|redacted|masked|hidden"
    r"|secret|password|passwd|pass|pwd|motdepasse|token|user(?:name)?|admin|test|null|none|nil|true|false|undefined"
    r"|string|str|bytes|optional|todo|tbd|env|foo|bar)[-_\d]{0,4}"
    r"|(?:os|process|self|this|config|settings|env|secrets?|vars|var|params|args|request|system|data)[.\[(].*"
    r"|[A-Za-z_][\w.]*[\[(].*|.*(?:EXAMPLE|XXXX|\.\.\.|\*\*\*).*)",
    re.IGNORECASE,
)
_MANY = 4
_LAST = 16


def is_stand_in(value: str) -> bool:
    """Say whether a value is a placeholder, a variable, a call or a type, not a secret."""
    return bool(_STAND_IN.fullmatch(value)) or len(set(value)) < _MANY


def token(evidence: str, confidence: float = STRONG) -> Callable[[Candidate], Hit | None]:
    """Return a `verify` for keys with a telling prefix: the whole run of key characters, unless it is a stand-in."""

    def verify(candidate: Candidate) -> Hit | None:
        end = end_of_key(candidate.text, candidate.end)
        value = candidate.text[candidate.start : end]
        if is_stand_in(value) or len(set(value[-_LAST:])) < _MANY:
            return Hit(candidate.start, end, DOUBTFUL, "a stand-in for a key")
        return Hit(candidate.start, end, confidence, evidence)

    return verify


_KEY_END = re.compile(r"[A-Za-z0-9_-]{0,512}")


def end_of_key(text: str, at: int) -> int:
    """Return where the run of key characters that goes on at `at` ends, 512 characters further at most."""
    run = _KEY_END.match(text, at)
    return run.end() if run else at
