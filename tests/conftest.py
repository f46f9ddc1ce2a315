"""How far the property tests look: `check` takes the same cases each time, `search` others each time.

Law: `make check` tells about the change that it runs on, so that its answer must not turn on luck. `make check-long`
looks further, with `--hypothesis-profile=search`; what it finds becomes a case of its own.
"""

from hypothesis import settings

settings.register_profile("check", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None)
settings.load_profile("check")
