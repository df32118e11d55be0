# What can be done here, on a machine with Python 3.11 to 3.13, make and git.
.PHONY: install dev demo test test-fast test-all soak screens check bench bench-webhooks lock translations format
.DEFAULT_GOAL := help

PYTHON ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes
PYTEST := $(BIN)/python -m pytest -q
# In parallel; a file's tests stay together, so that its databases and browser are shared. One process more than small
# machines have cores, because many tests wait for a server or a browser.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder
SUITABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))

.PHONY: help
help:
	@echo "make install | demo | check | test | test-fast | test-all | soak | screens | bench | bench-webhooks | lock | translations | format"

.venv/bin/python:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if "$$python" -c '$(SUITABLE)' 2>/dev/null; then exec "$$python" -m venv .venv; fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 with venv is missing (Debian, Ubuntu: apt-get install python3-venv)." >&2; exit 1

.venv/installed: requirements.lock .ci/link.py | .venv/bin/python
	@$(PIP) -r requirements.lock
	@$(BIN)/python .ci/link.py
	@touch $@

.venv/tested: requirements-dev.lock .venv/installed
	@$(PIP) -r requirements-dev.lock
	@touch $@

install: .venv/installed

dev: .venv/tested

demo: install
	$(BIN)/portal demo

check: dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PYTEST) tests/test_architecture.py tests/test_translations.py tests/test_locks.py

test: dev
	@$(BIN)/python -m tests.services.install
	$(PYTEST) $(PARALLEL) -m "not all and not soak and not screens"

test-fast: dev
	$(PYTEST) $(PARALLEL) -m "not browser and not postgres and not slow and not all and not soak and not screens"

test-all: dev
	@$(BIN)/python -m tests.services.install
	$(PYTEST) $(PARALLEL) -m "not soak and not screens"

soak: dev
	@$(BIN)/python -m tests.services.install
	$(PYTEST) -s --hypothesis-profile=soak -m soak

screens: dev
	@$(BIN)/python -m tests.services.install
	$(PYTEST) -m screens

bench: dev
	@$(BIN)/python -m tests.services.install
	$(BIN)/python -m benchmarks

bench-webhooks: dev
	@$(BIN)/python -m tests.services.install
	$(BIN)/python -m benchmarks.webhooks

translations: dev
	$(BIN)/python -m tests.catalogues

format: dev
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

# Needs uv on the path; the files it writes carry hashes and no address.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock:
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra dev pyproject.toml -o requirements-dev.lock
