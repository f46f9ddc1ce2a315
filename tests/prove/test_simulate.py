"""What the trail kept, asked again: of models that do that work, and masked only where a mask is of use."""

from dataclasses import replace

import pytest

from ecluse.domain.caller import ApplicationId
from ecluse.domain.errors import CallerError
from ecluse.domain.finding import DataClass
from ecluse.domain.request import AS_IS_ONLY, Surface
from ecluse.prove.past import Past, asked_again
from ecluse.prove.simulate import candidates_of
from tests.passage.decide.world import caller, snapshot


def past(surface: Surface, model: str = "auto") -> Past:
    return Past(
        application=ApplicationId("bank"),
        surface=surface,
        purpose="drafting",
        model=model,
        found=frozenset({DataClass.PERSONAL}),
        declared=frozenset(),
    )


@pytest.mark.parametrize(
    ("surface", "model", "able"),
    [
        (Surface.OCR, "auto", {"mistral/global/mistral-ocr"}),
        (Surface.MODERATIONS, "auto", {"mistral/global/mistral-moderation-26.03"}),
        (Surface.TRANSCRIPTION, "auto", {"self_hosted/own_premises/whisper-large-v3"}),
        (Surface.SPEECH, "auto", {"self_hosted/own_premises/voxtral-tts-26.03"}),
        (Surface.RERANK, "auto", {"self_hosted/own_premises/bge-reranker-v2-m3"}),
        (Surface.EMBEDDINGS, "mistral-embed", {"mistral/eu/mistral-embed"}),
        (Surface.COMPLETIONS, "codestral-25.08", {"mistral/global/codestral-25.08"}),
    ],
)
def test_each_work_is_asked_of_models_that_do_it(surface: Surface, model: str, able: set[str]) -> None:
    assert set(candidates_of(snapshot(), past(surface, model))) == able


def test_work_that_a_model_does_not_do_refuses_to_be_guessed() -> None:
    with pytest.raises(CallerError):
        candidates_of(snapshot(), past(Surface.OCR, "gpt-5.4"))


@pytest.mark.parametrize("surface", list(Surface))
def test_a_mask_is_asked_about_only_where_the_data_plane_masks(surface: Surface) -> None:
    question = asked_again(past(surface), caller("bank"))
    assert question.covered == (frozenset() if surface in AS_IS_ONLY else frozenset({DataClass.PERSONAL}))


@pytest.mark.parametrize("keeps", [True, False])
def test_what_was_to_be_kept_is_asked_as_such_again(*, keeps: bool) -> None:
    assert asked_again(replace(past(Surface.CHAT), keeps=keeps), caller("bank")).keeps is keeps
