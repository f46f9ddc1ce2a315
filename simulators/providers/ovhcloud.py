"""OVHcloud AI Endpoints: `oai.endpoints.kepler.ai.cloud.ovh.net/v1`, bearer key.

Read in: OVHcloud's guides. The real service also answers without a key, slowly, and reads rules in `model`
(`mistral@latest?context_size > 100000`); the simulator takes neither, so that a lost key or an unpinned model shows.
"""

from typing_extensions import override

from simulators.provider import Provider

VIRTUAL = frozenset("@?<>=")


class OvhCloud(Provider):
    """AI Endpoints in Gravelines."""

    @override
    def check_model(self, model: str) -> None:
        """Refuse a model that is not pinned by its name."""
        if VIRTUAL & set(model):
            raise self.refusal(400, "this simulator takes no virtual model: it would change without notice")
        super().check_model(model)
