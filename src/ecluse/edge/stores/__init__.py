"""Where the trail is kept. One contract, tests/edge/stores/contract.py, for every store."""
