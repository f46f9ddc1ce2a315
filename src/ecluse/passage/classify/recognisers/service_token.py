"""Tokens of common services: Slack, Stripe, SendGrid, Telegram, Discord and Slack webhooks, HashiCorp Vault, Doppler.

Stripe's publishable keys (`pk_`) are public by design and are left alone.
"""

from ecluse.domain.finding import DataClass
from ecluse.passage.classify.recogniser import Recogniser
from ecluse.passage.classify.secrets_of import token

RECOGNISER = Recogniser(
    name="service_token",
    kind="service_token",
    data_class=DataClass.CREDENTIAL,
    patterns=(
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10}",
        r"\bxapp-\d-[A-Z0-9]{6,16}-[A-Za-z0-9-]{10}",
        r"\bhooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20}",
        r"\bdiscord(?:app)?\.com/api/webhooks/\d{15,20}/[A-Za-z0-9_-]{50}",
        r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16}",
        r"\bwhsec_[A-Za-z0-9]{24}",
        r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16}",
        r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}",
        r"\bhv[sb]\.[A-Za-z0-9_-]{24}",
        r"\bdp\.(?:pt|st)\.[A-Za-z0-9]{40}",
    ),
    verify=token("a token with a service's prefix"),
    across=True,
)
