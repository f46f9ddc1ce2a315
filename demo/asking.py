"""Asks as a developer does: OpenAI's own client with another `base_url`, and nothing else changed.

Law: what is kept of an answer is what came over the wire; proxies of the environment are not used for loopback.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
from openai import APIStatusError, OpenAI

SHOWN = (
    "x-ecluse-verdict",
    "x-ecluse-destination",
    "x-ecluse-rules",
    "x-ecluse-entry",
    "x-ecluse-files",
    "x-ecluse-model",
    "x-ecluse-simulated",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `error` is the body's `error` when the status is not 200; `pieces` counts a stream's."""

    status: int
    headers: Mapping[str, str]
    text: str = ""
    pieces: int = 0
    error: Mapping[str, Any] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """Return a header of Ecluse's, or nothing."""
        return self.headers.get(f"x-ecluse-{name}", "")

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that decided: those of a refusal's reasons, else those that the headers name."""
        if reasons := self.error.get("reasons"):
            return tuple(reason["rule"] for reason in reasons)
        return tuple(rule for rule in self.header("rules").split(",") if rule)


class Asker:
    """One gateway, asked with the keys of several applications."""

    def __init__(self, base: str, keys: Mapping[str, str]) -> None:
        self.base = base
        self._keys = keys
        self.client = httpx2.Client(trust_env=False, timeout=120.0)

    def chat(
        self,
        caller: str,
        prompt: str,
        *,
        document: bytes = b"",
        model: str = "auto",
        stream: bool = False,
        max_tokens: int = 60,
        language: str = "en",
    ) -> Answer:
        """Send one chat, streamed or not, with a PDF or none, and keep everything that came back."""
        client = OpenAI(
            base_url=f"{self.base}/v1",
            api_key=self._keys[caller],
            max_retries=0,
            http_client=self.client,
            default_headers={"Accept-Language": language},
        )
        create = client.chat.completions.with_raw_response.create
        try:
            raw = create(
                model=model,
                messages=cast("Any", [{"role": "user", "content": content(prompt, document)}]),
                max_tokens=max_tokens,
                temperature=0,
                stream=stream,
            )
        except APIStatusError as refused:
            return _refused(refused)
        answer = cast("Any", raw.parse())
        if stream:
            pieces = [chunk.choices[0].delta.content for chunk in answer if chunk.choices]
            words = [piece for piece in pieces if piece]
            return Answer(status=raw.status_code, headers=_shown(raw.headers), text="".join(words), pieces=len(words))
        text = answer.choices[0].message.content or ""
        return Answer(status=raw.status_code, headers=_shown(raw.headers), text=text)

    def explain(self, caller: str, prompt: str, *, model: str = "auto", language: str = "en") -> dict[str, Any]:
        """Ask what the rules say of every destination; nothing is sent."""
        response = self.client.post(
            f"{self.base}/v1/explain",
            headers={"Authorization": f"Bearer {self._keys[caller]}", "Accept-Language": language},
            json={"model": model, "messages": [{"role": "user", "content": prompt}]},
        )
        response.raise_for_status()
        told: dict[str, Any] = response.json()
        return told

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


def content(prompt: str, document: bytes) -> object:
    """Return what a user says: words, and a PDF before them if there is one."""
    if not document:
        return prompt
    data = f"data:application/pdf;base64,{base64.b64encode(document).decode()}"
    file = {"type": "file", "file": {"filename": "letter.pdf", "file_data": data}}
    return [file, {"type": "text", "text": prompt}]


def _refused(error: APIStatusError) -> Answer:
    body = error.body if isinstance(error.body, dict) else {}
    return Answer(status=error.status_code, headers=_shown(error.response.headers), error=body)


def _shown(headers: httpx2.Headers) -> dict[str, str]:
    return {name: headers[name] for name in SHOWN if name in headers}
