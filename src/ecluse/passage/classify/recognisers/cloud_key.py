"""Keys of clouds that have a form of their own: AWS, Google Cloud, Azure, Scaleway, and keys named by their setting.

AWS: IAM identifiers AKIA, ASIA. Google: AIza, GOCSPX-, ya29. Azure: storage AccountKey, Entra client secret with `Q~`,
shared access signature. Scaleway: SCW access key. The secrets of OVHcloud, Scaleway and AWS have no prefix: the name of
their setting tells.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.checks import entropy, one_of
from ecluse.passage.classify.recogniser import DOUBTFUL, LIKELY, PROVEN, STRONG, Candidate, Hit, Recogniser
from ecluse.passage.classify.secrets_of import end_of_key, is_stand_in

_SETTING = "=:"
_RANDOM = 3.0


def _verify(candidate: Candidate) -> Hit | None:
    text, start, end, _ = candidate
    value = candidate.value
    for sign in _SETTING:
        name, found, rest = value.partition(sign)
        if found and len(name) < len(rest):
            secret = rest.lstrip(" \t\"'>=")
            if is_stand_in(secret) or entropy(secret) < _RANDOM:
                return None
            return Hit(end - len(secret), end, PROVEN, "a random value under the name of a cloud's secret")
    if start and (text[start - 1].isalnum() or text[start - 1] in "_-~"):
        return None
    if is_stand_in(value):
        return Hit(start, end, DOUBTFUL, "a key that a cloud's manual prints")
    stop = end_of_key(text, end)
    if value.startswith(("AKIA", "ASIA", "SCW")):
        return Hit(start, end, LIKELY, "a cloud's access key") if stop == end else None
    return Hit(start, stop, STRONG, "a key in the form of one cloud")


RECOGNISER = Recogniser(
    name="cloud_key",
    kind="cloud_key",
    data_class=DataClass.CREDENTIAL,
    patterns=(
        r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
        r"\bSCW[A-Z0-9]{17}\b",
        r"\b(?:AIza[0-9A-Za-z_-]{35}|GOCSPX-[0-9A-Za-z_-]{28}|ya29\.[0-9A-Za-z_-]{20})",
        r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}",
        r"\bAccountKey=[A-Za-z0-9+/]{86}==",
        r"\bsig=[A-Za-z0-9%+/]{40,80}(?:=|%3D)",
        r"(?i)\b"
        + one_of(
            "aws_?secret_?(?:access_?)?key|scw_secret_key|ovh_(?:application_secret|consumer_key)|azure_client_secret",
            "os_password|arm_client_secret|gcp_api_key",
        )
        + r"[\"']?[ \t]{0,3}(?:=>|=|:)[ \t]{0,3}[\"']?[A-Za-z0-9+/~._=-]{16,128}",
    ),
    verify=_verify,
    across=True,
)
