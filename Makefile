# Everything a newcomer needs: `make app` and `make test` set up what is missing. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PEERS := $(VENV)/peers
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Tests run in this many processes, one thread each.
JOBS ?= 2
# More arguments for pytest or the app: make test ARGS="-k search", make app ARGS="--port 8000".
ARGS ?=

.PHONY: help app test check format audit bench browser clean

help:  ## list what make can do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-9s %s\n", $$1, $$2}'

app: $(VENV)/.for-use  ## set up what is missing and open the app on this machine
	@$(BIN)/python app.py $(ARGS)

test: $(VENV)/.for-work browser  ## set up what is missing and run every test
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: $(VENV)/.for-work  ## style and types: ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/.for-work  ## put imports in order and mend what ruff can mend
	@$(BIN)/ruff check --fix .

# In an environment of its own: it is no part of what it looks at.
audit:  ## ask the Python advisory database about every pinned version (needs a network)
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --disable-pip-version-check install -q pip-audit
	@$(VENV)/audit/bin/pip-audit --no-deps --disable-pip -r constraints.txt

bench: $(VENV)/.for-bench  ## speed, cost and size beside peers, in one table: runs/bench.md (on a quiet machine)
	@PYTHONPATH=$(PEERS) $(BIN)/python -m benchmarks.all $(ARGS)

browser: $(VENV)/.for-work  ## find a browser for the tests, or install one
	@$(BIN)/python -m tests.browser

clean:  ## remove the environment, caches and build outputs (never data/ or runs/)
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# --- the environment: a stamp for each group of dependencies, so that a second run installs nothing ---

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Longshort needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo not there)." >&2; \
	  echo "Install one and name it: make app PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "'$(PYTHON) -m venv $(VENV)' failed. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }

# Compiled is what the app imports, not the 130 MB of all that the packages hold; their own tests, 22 MB, go.
$(VENV)/.for-use: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -q --no-compile -c constraints.txt -e .
	@rm -rf $(VENV)/lib/python*/site-packages/{pandas,xarray}/tests
	@$(BIN)/python -c 'import app, cli, page'
	@touch $@

$(VENV)/.for-work: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -q -c constraints.txt -e '.[dev]'
	@touch $(VENV)/.for-use $@

# JoeyNMT asks for old versions of what is here already, so it comes alone and into a folder of its own.
$(VENV)/.for-bench: $(VENV)/.for-work
	$(PIP) install -q -c constraints.txt -e '.[dev,bench]'
	$(PIP) install -q --no-deps --upgrade --target $(PEERS) -c constraints.txt joeynmt
	@touch $@
