"""Which kinds of work the servers of each dialect do beside chat and embeddings.

Law: a kind of work is here because the provider documents it; what a destination can do is said by its capabilities.
"""

from collections.abc import Mapping

from ecluse.domain.request import Surface
from ecluse.passage.send.audio import Speech, Transcription
from ecluse.passage.send.completions import Completions, Fim
from ecluse.passage.send.lists import Moderations, Ocr, Rerank
from ecluse.passage.send.wider import Work

OPENAI: Mapping[Surface, Work] = {
    Surface.COMPLETIONS: Completions(),
    Surface.RERANK: Rerank(),
    Surface.MODERATIONS: Moderations(),
    Surface.TRANSCRIPTION: Transcription(),
    Surface.SPEECH: Speech(),
}
"""OpenAI and the servers that are compatible with it: each does some of these."""
AZURE: Mapping[Surface, Work] = {
    Surface.COMPLETIONS: Completions(),
    Surface.TRANSCRIPTION: Transcription(),
    Surface.SPEECH: Speech(),
}
MISTRAL: Mapping[Surface, Work] = {
    Surface.COMPLETIONS: Fim(),
    Surface.MODERATIONS: Moderations(),
    Surface.OCR: Ocr(),
}
