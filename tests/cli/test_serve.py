"""What `ecluse serve` says of itself when it starts."""

import pytest

from ecluse.cli.serve import trail_place
from ecluse.edge.config import GatewaySettings, Settings, StoreSettings


@pytest.mark.parametrize(
    ("store", "told"),
    [
        (StoreSettings(), "somewhere/state"),
        (StoreSettings(url="postgresql://ecluse:never@db.example/ecluse"), "PostgreSQL, schema ecluse"),
        (StoreSettings(url="env:STORE", schema="town"), "PostgreSQL, schema town"),
    ],
)
def test_the_start_says_where_the_trail_is_kept_and_never_an_address_with_its_password(
    store: StoreSettings, told: str
) -> None:
    assert trail_place(Settings(gateway=GatewaySettings(state_dir="somewhere/state"), store=store)) == told
