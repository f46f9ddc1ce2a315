# `make demo` runs the main job, `make check` is everything; both set everything up in .venv.
PY := .venv/bin/python
CODE := src tests simulators demo bench training
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/pycache

.PHONY: help setup demo serve check format check-long million clean

help:
	@echo "make demo        the main job on real input, under five minutes, nothing left behind"
	@echo "make serve       keep it running on 127.0.0.1:8088 for any client"
	@echo "make check       format, lint, types, import contracts, tests, docs (what CI runs)"
	@echo "make check-long  fuzzing, crash points, large matrices, properties with other cases each time"
	@echo "make million     a million hostile texts for the classifier, in pieces that go on where the last one ended"
	@echo "make format      rewrite the code in the house's form"
	@echo "make clean       remove .venv and .ecluse"

setup:
	@scripts/setup

demo: setup
	@$(PY) -m demo

serve: setup
	@$(PY) -m demo.serve

format: setup
	@$(PY) -m ruff format $(CODE)
	@$(PY) -m ruff check --fix $(CODE)

check: setup
	@echo "== format"; $(PY) -m ruff format --check $(CODE)
	@echo "== lint"; $(PY) -m ruff check --quiet $(CODE)
	@echo "== types"; $(PY) -m mypy
	@echo "== import contracts"; .venv/bin/lint-imports --no-logo
	@echo "== tests"; $(PY) -m pytest -q -m "not long" -n auto --maxprocesses 2 --dist loadfile --durations=5

check-long: setup
	@$(PY) -m pytest -q -m "long or hypothesis" --hypothesis-profile=search --durations=20

million: setup
	@$(PY) -m tests.passage.classify.million

clean:
	rm -rf .venv .ecluse
