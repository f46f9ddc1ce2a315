"""Energy and carbon of an output token: the method's own arithmetic, done by hand, and bounds that hold."""

from datetime import date
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.domain.party import Confidence, Source
from ecluse.packs.footprint import Method, load, per_token
from ecluse.packs.registry.model import Size

SOURCE = Source(title="", url="https://example.org", as_of=date(2026, 11, 24), confidence=Confidence.HIGH)


@pytest.fixture(scope="module")
def method() -> Method:
    return load()


def size(total: float, active: float | None) -> Size:
    return Size(total=total, active=active, source=SOURCE)


def test_the_upper_bound_is_the_source_s_own_estimate_of_a_dense_model_at_the_worse_pue(method: Method) -> None:
    # 70 billion parameters of 16 bits: 168 GB with the overhead, 3 GPUs of 80 GB, rounded up to 4
    gpus = 4 * (1.17e-6 * exp(-1.12e-2 * 64) * 70 + 4.05e-5)
    around = (6.78e-4 * 70 + 3.12e-4 * 64 + 1.94e-2) * 1200 / 3600 * 4 / 8 / 64
    assert per_token(method, size(70, 70), ["FR"]).energy.high == pytest.approx(1.58 * (gpus + around))


def test_the_lower_bound_serves_many_at_once_with_small_weights(method: Method) -> None:
    # 70 billion parameters of 4 bits: 42 GB with the overhead, one GPU
    gpus = 1.17e-6 * exp(-1.12e-2 * 256) * 70 + 4.05e-5
    around = (6.78e-4 * 70 + 3.12e-4 * 256 + 1.94e-2) * 1200 / 3600 * 1 / 8 / 256
    assert per_token(method, size(70, 70), ["FR"]).energy.low == pytest.approx(1.09 * (gpus + around))


def test_carbon_is_never_below_the_published_life_cycle_at_its_upper_bound(method: Method) -> None:
    large_2 = per_token(method, size(123, 123), ["SE"]).carbon
    assert large_2 is not None
    assert large_2.high * 400 == pytest.approx(1.14)
    assert large_2.low * 400 < 0.002


def test_without_a_country_carbon_is_unknown_and_energy_is_not(method: Method) -> None:
    for nowhere in (None, (), ["ZZ"]):
        made = per_token(method, size(24, 24), nowhere)
        assert made.carbon is None
        assert made.energy.low > 0


def test_more_places_widen_the_interval_and_never_narrow_it(method: Method) -> None:
    one, many = (per_token(method, size(24, 24), places).carbon for places in (["DE"], ["DE", "SE", "PL"]))
    assert one is not None
    assert many is not None
    assert many.low < one.low
    assert many.high >= one.high


def test_what_is_not_published_of_a_mixture_widens_the_interval(method: Method) -> None:
    said, unsaid = (per_token(method, size(119, active), None).energy for active in (6.0, None))
    assert unsaid.low < said.low < said.high < unsaid.high


@given(total=st.floats(0.1, 5000), share=st.floats(0.001, 1))
def test_bounds_are_in_order_and_a_model_all_of_whose_weights_are_active_costs_no_less(
    total: float, share: float
) -> None:
    figures = load()
    part, whole = (per_token(figures, size(total, active), ["US"]) for active in (total * share, total))
    for made in (part, whole):
        assert made.carbon is not None
        assert 0 < made.energy.low <= made.energy.high
        assert 0 < made.carbon.low <= made.carbon.high
    assert whole.energy.high >= part.energy.high
