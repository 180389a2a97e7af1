# Everything a newcomer needs: `make demo`, then `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Where images forbid it (PYTHONDONTWRITEBYTECODE=1), every process of the tests would compile all rooms anew.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
BENCH := $(VENV)/.installed-bench
ROOMS := domain db notifications flows
CODE := $(ROOMS) tests $(wildcard benchmarks)
JOBS ?= 3
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --root-user-action=ignore

# The first of these that is at least 3.11; `make demo PYTHON=/path/to/python3` chooses another.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,\
	$(shell command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && echo $(name))))

# $(call install,REQUIREMENTS): locked, hashed, and one line of progress instead of hundreds. The lock is complete, so
# pip resolves nothing: older ones look for a newer release of what another package names with an extra, and give up.
define install
	@echo "Installing $(1) ($$(grep -c '^[a-z].*==' $(1)) packages, hashes checked) ..."
	@$(PIP) --require-hashes --no-deps --requirement $(1) | awk -v total="$$(grep -c '^[a-z].*==' $(1))" \
		'/^Collecting / { n++; if (n % 10 == 0) { printf "  %d of about %d\n", n, total; fflush() } } \
		/^Installing collected/ { print "  unpacking ..."; fflush() }'
	@$(PIP) --quiet --no-build-isolation --no-deps --editable .
endef

.PHONY: demo upgrade test test-all test-cluster check static docs bench bench-screening lock clean help

demo: $(RUNTIME) ## a whole invented election, from nominations to letters, in var/
	@$(BIN)/accredit demo

upgrade: $(RUNTIME) ## after new code: the environment renewed, the database of ACCREDIT_HOME upgraded, its record audited
	@$(BIN)/accredit db upgrade
	@$(BIN)/accredit audit verify

test: $(DEV) ## every test, the long ones sampled
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder -m "not full and not cluster"

test-all: $(DEV) ## every test in full (chaos, fuzz, scale): takes long
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder --timeout 3600 -m "not cluster"

test-cluster: $(DEV) ## the chain on five hosts that break, as root; with FULL=1 everything that can break, one by one
	@$(BIN)/python -m pytest tests/cluster -m "cluster$(if $(FULL),, and not full)"

check: static test ## what has to pass before a push

static: $(DEV) ## format, lint, both type checkers, import contracts
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy
	@$(BIN)/pyright --pythonpath $(BIN)/python

docs: $(DEV) ## write what is generated: pages of docs/, and prefect.yaml
	@$(BIN)/python docs/generate.py

bench: $(BENCH) ## compare with the usual idiom, DBOS and a bare loop; writes docs/benchmarks.md
	@$(BIN)/python -m benchmarks

bench-screening: $(BENCH) ## screening against its targets; table, curves and figures in var/benchmarks
	@$(BIN)/python -m benchmarks.screening --out var/benchmarks

lock: ## compute requirements/*.txt anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/"; exit 1; }
	$(LOCK) --group build -c requirements/constraints.txt -o requirements/runtime.txt
	$(LOCK_ALONE) --group postgresql -c requirements/runtime.txt -o requirements/postgresql.txt
	$(LOCK_ALONE) --group s3 -c requirements/runtime.txt -o requirements/s3.txt
	$(LOCK) --all-extras --group dev -c requirements/runtime.txt -c requirements/postgresql.txt -c requirements/s3.txt \
		-o requirements/dev.txt
	$(LOCK) --all-extras --group dev --group bench -c requirements/dev.txt -o requirements/bench.txt
LOCK_ALONE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url -q \
	--custom-compile-command "make lock"
LOCK := $(LOCK_ALONE) pyproject.toml

clean: ## remove the environment and all caches, but no election (var/ stays)
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(call install,requirements/runtime.txt)
	@touch $@

# What the tests need contains what the engine needs, in the same versions.
$(DEV): requirements/dev.txt pyproject.toml | $(BIN)/python
	$(call install,requirements/dev.txt)
	@touch $@ $(RUNTIME)

$(BENCH): requirements/bench.txt pyproject.toml | $(BIN)/python
	$(call install,requirements/bench.txt)
	@touch $@ $(DEV) $(RUNTIME)
