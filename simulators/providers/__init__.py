"""One file for each provider: what it checks and writes otherwise than an OpenAI-like API, and where that was read."""

from collections.abc import Mapping

from simulators.provider import Provider
from simulators.providers.anthropic import Anthropic
from simulators.providers.azure import Azure
from simulators.providers.azure_inference import AzureInference
from simulators.providers.bedrock import Bedrock
from simulators.providers.keeper import Keeper
from simulators.providers.mistral import Mistral
from simulators.providers.ollama import Ollama
from simulators.providers.openai import OpenAI
from simulators.providers.ovhcloud import OvhCloud
from simulators.providers.scaleway import Scaleway
from simulators.providers.vertex_mistral import VertexMistral
from simulators.providers.vllm import Vllm

KINDS: Mapping[str, type[Provider]] = {
    "openai_like": Provider,
    "anthropic": Anthropic,
    "azure": Azure,
    "azure_inference": AzureInference,
    "bedrock": Bedrock,
    "keeper": Keeper,
    "mistral": Mistral,
    "ollama": Ollama,
    "openai": OpenAI,
    "ovhcloud": OvhCloud,
    "scaleway": Scaleway,
    "vertex_mistral": VertexMistral,
    "vllm": Vllm,
}
