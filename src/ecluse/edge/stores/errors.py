"""Why a store cannot be opened or trusted, each with what to do about it.

Law: these are for the person who starts the gateway or verifies its trail; a caller only ever sees `trail_unavailable`.
"""


class StoreError(Exception):
    """The trail cannot be used. Says why and what to do."""


class TrailInUse(StoreError):
    """Another process serves this trail."""


class TrailUnreadable(StoreError):
    """The file is not there, or is no trail of this version."""


class TrailDamaged(StoreError):
    """The trail is not the one that was signed."""
