"""The dialect `openai_chat` on the provider's side: OpenAI itself and the many servers that are compatible with it.

Law: OpenAI's options, and three of sampling that vLLM and llama.cpp add; nothing that makes a server fetch, keep or run
something, so no template and no arguments of one. Reasoning of earlier turns stays behind: OpenAI has no word for it,
and a strict server refuses a message that has it. Base URL: ends where OpenAI's does, in `/v1`.
"""

from ecluse.passage.send.openai_wire import STANDARD, OpenAILike
from ecluse.passage.send.wider import Wider
from ecluse.passage.send.works import OPENAI

DIALECT = Wider(OpenAILike(name="openai_chat", takes=STANDARD | {"top_k", "min_p", "repetition_penalty"}), OPENAI)
