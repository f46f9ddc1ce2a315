"""What can go wrong at a provider can be asked for here."""

import socket
import time
from typing import Any

import httpx2
import pytest
from openai import APIConnectionError, InternalServerError, RateLimitError

from simulators.faults import Fault, FaultKind
from simulators.fleet import Running
from tests.simulators.conftest import MODEL, Connect

HELLO: list[Any] = [{"role": "user", "content": "Hello."}]
BODY = {"model": MODEL, "messages": HELLO, "stream": True}


def test_a_simulator_that_is_down_has_no_open_port(fleet: Running, connect: Connect) -> None:
    fleet.down("vllm")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", fleet["vllm"].port), timeout=5)
    with pytest.raises(APIConnectionError):
        connect("vllm").chat.completions.create(model=MODEL, messages=HELLO)
    fleet.up("vllm")
    assert connect("vllm").chat.completions.create(model=MODEL, messages=HELLO).choices


def test_going_down_cuts_the_connections_that_are_open(fleet: Running, http: httpx2.Client) -> None:
    fleet.fault("scaleway", Fault(kind=FaultKind.HOLD, after=1))
    headers = {"authorization": f"Bearer {fleet['scaleway'].key}"}
    with http.stream("POST", fleet["scaleway"].base_url + "/chat/completions", headers=headers, json=BODY) as response:
        parts = response.iter_bytes()
        next(parts)
        fleet.down("scaleway")
        with pytest.raises(httpx2.TransportError):
            list(parts)


@pytest.mark.parametrize(("status", "error"), [(429, RateLimitError), (503, InternalServerError)])
def test_a_status_comes_in_the_providers_shape(
    status: int, error: type[Exception], fleet: Running, connect: Connect
) -> None:
    fleet.fault("openai_like", Fault(kind=FaultKind.STATUS, status=status))
    with pytest.raises(error, match="a fault was asked for") as caught:
        connect("openai_like").chat.completions.create(model=MODEL, messages=HELLO)
    assert getattr(caught.value, "response").headers["retry-after"] == "1"  # noqa: B009 - the type is a case


def test_a_fault_lasts_as_many_times_as_asked(fleet: Running, connect: Connect) -> None:
    fleet.fault("openai_like", Fault(kind=FaultKind.STATUS, status=500, times=1))
    with pytest.raises(InternalServerError):
        connect("openai_like").chat.completions.create(model=MODEL, messages=HELLO)
    assert connect("openai_like").chat.completions.create(model=MODEL, messages=HELLO).choices


def test_a_redirect_names_another_place(fleet: Running, http: httpx2.Client) -> None:
    fleet.fault("openai_like", Fault(kind=FaultKind.REDIRECT, location="http://127.0.0.1:1/elsewhere"))
    response = http.post(fleet["openai_like"].base_url + "/chat/completions", json=BODY)
    assert (response.status_code, response.headers["location"]) == (307, "http://127.0.0.1:1/elsewhere")


@pytest.mark.parametrize("stream", [True, False])
def test_a_cut_breaks_the_answer(stream: Any, fleet: Running, http: httpx2.Client) -> None:
    fleet.fault("ovhcloud", Fault(kind=FaultKind.CUT, after=2))
    headers = {"authorization": f"Bearer {fleet['ovhcloud'].key}"}
    with http.stream(
        "POST", fleet["ovhcloud"].base_url + "/chat/completions", headers=headers, json={**BODY, "stream": stream}
    ) as response:
        assert response.status_code == 200
        with pytest.raises(httpx2.TransportError):
            response.read()


def test_an_error_inside_a_stream_ends_it_without_its_closing_mark(fleet: Running, http: httpx2.Client) -> None:
    fleet.fault("openai_like", Fault(kind=FaultKind.INSIDE, after=1))
    headers = {"authorization": f"Bearer {fleet['openai_like'].key}"}
    response = http.post(fleet["openai_like"].base_url + "/chat/completions", headers=headers, json=BODY)
    assert (response.status_code, "[DONE]" in response.text) == (200, False)
    assert response.text.rstrip().splitlines()[-1].startswith('data: {"error"')


def test_a_caller_who_leaves_is_noticed(fleet: Running, http: httpx2.Client) -> None:
    fleet.fault("mistral", Fault(kind=FaultKind.HOLD, after=2))
    headers = {"authorization": f"Bearer {fleet['mistral'].key}"}
    before = len(fleet["mistral"].lines("caller_left"))
    with http.stream("POST", fleet["mistral"].base_url + "/chat/completions", headers=headers, json=BODY) as response:
        next(response.iter_bytes())
    until = time.monotonic() + 60
    while len(fleet["mistral"].lines("caller_left")) == before and time.monotonic() < until:
        time.sleep(0.01)
    assert len(fleet["mistral"].lines("caller_left")) == before + 1


def test_slow_is_slow(fleet: Running, connect: Connect) -> None:
    fleet.fault("openai_like", Fault(kind=FaultKind.SLOW, seconds=0.2))
    started = time.monotonic()
    connect("openai_like").chat.completions.create(model=MODEL, messages=HELLO)
    assert time.monotonic() - started >= 0.2
