# `make run` and `make test` need git, make and either uv or Python 3.11 with its venv module.
# Everything else is installed into .venv from the hash-pinned lists in requirements/.
V := .venv
PYTHON ?= python3
PORT ?=
ARGS ?=
# Workers of the test run: one more than the cores of a small machine, since many tests wait.
WORKERS ?= 3
# A proxy that opens TLS has its certificate in the machine's store, not in uv's own.
export UV_SYSTEM_CERTS := 1
# Where it is set every process compiles every file anew: half a second for each start in a test.
unexport PYTHONDONTWRITEBYTECODE

PYTEST := $(V)/bin/python -m pytest
PARALLEL := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run install test test-long bench lint lock demo-reset clean

help: ## show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(V)/.app ## the product with a demo city on 127.0.0.1 (PORT=8000)
	@exec $(V)/bin/bihuan serve --demo $(if $(PORT),--port $(PORT))

install: $(V)/.dev ## make .venv with everything that tests and checks need

test: $(V)/.dev ## everything this machine can prove (ARGS="tests/unit -k name")
	@$(PYTEST) -q $(PARALLEL) -m "not long" $(ARGS)

test-long: $(V)/.dev ## also the tests that take minutes
	@$(PYTEST) -q $(PARALLEL) $(ARGS)

bench: $(V)/.dev ## measure against raw SQL and the peers
	@$(V)/bin/python -m benchmarks $(ARGS)

lint: $(V)/.dev ## ruff, mypy, import contracts
	@$(V)/bin/ruff check .
	@$(V)/bin/ruff format --check .
	@$(V)/bin/mypy
	@$(V)/bin/lint-imports --no-logo

lock: $(V)/.dev ## write requirements/*.txt anew from *.in (ARGS=--upgrade)
	@cd requirements && U=$$(command -v uv || echo ../$(V)/bin/uv) && for name in uv app dev; do \
	  $$U pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $(ARGS) $$name.in -o $$name.txt; done

demo-reset: ## throw the demo city away; the next `make run` builds it anew
	@rm -rf data/demo && echo "data/demo removed"

clean: ## remove .venv and every cache; data/ stays
	@rm -rf $(V) .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis build *.egg-info
	@find . -name __pycache__ -type d -not -path './data/*' -prune -exec rm -rf {} +

# Ends with the checkout itself, editable, built by the setuptools of the lock: nothing more is downloaded.
$(V)/.%: requirements/%.txt requirements/uv.txt pyproject.toml
	@set -e; \
	if command -v uv >/dev/null 2>&1; then U=uv; \
	  test -x $(V)/bin/python || uv venv -q --no-project --python '>=3.11' $(V); \
	else U=$(V)/bin/uv; \
	  test -x $(V)/bin/python || { \
	    $(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	      echo "Needs uv, or Python 3.11 or later with venv (Debian: apt-get install python3-venv;" \
	        "another interpreter: make PYTHON=python3.12 ...)." >&2; exit 1; }; \
	    $(PYTHON) -m venv $(V); }; \
	  $(V)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt; \
	fi; \
	$$U pip install -q --python $(V)/bin/python --compile-bytecode --require-hashes -r requirements/$*.txt; \
	$$U pip install -q --python $(V)/bin/python --offline --no-deps --no-build-isolation -e .; \
	touch $@
