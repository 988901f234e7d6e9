# The first run of any target makes .venv from requirements.lock; later runs reuse it.
# Another Python: make test PYTHON=python3.14

PYTHON ?= python3.11 python3 python3.12 python3.13 python3.14
BIN := .venv/bin
MAKEFLAGS += --no-print-directory

.PHONY: help demo test lint docs bench mutation lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: .venv/ready ## Check configs/, compute its sample rates, compile it to build/
	$(BIN)/chartconfig check
	$(BIN)/chartconfig rates
	$(BIN)/chartconfig compile -o build
	@echo
	@echo 'build/config.json is what clients read, build/README.md says the same to people:'
	@echo 'what is collected, why, and how often. Next, ask how a rate came about, or break'
	@echo 'a chart in configs/ and see what check makes of it:'
	@echo
	@echo '    $(BIN)/chartconfig explain gopls/client'
	@echo '    $(BIN)/chartconfig check'

test: .venv/ready ## Run the tests
	@$(BIN)/pytest -q -n auto

lint: .venv/ready ## Run every other check: style, types, imports, schemas, workflows
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/check-jsonschema --quiet --check-metaschema schema/*.json
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	@$(BIN)/zizmor --offline --quiet --pedantic .github action.yml

docs: .venv/ready ## Write docs/diagnostics/ and docs/formats/files.md anew
	@$(BIN)/python docs/generate.py

bench: .venv/ready .venv-bench/ready ## Measure, and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks.run

mutation: .venv/ready .venv-mutation/ready ## Change sampling/ line by line; do tests notice?
	@.venv-mutation/bin/python tests/mutation/run.py $(ONLY)

lock: ## Resolve pyproject.toml to requirements.lock again (needs uv)
	@uv --no-config pip compile pyproject.toml --group dev --quiet -o requirements.lock \
	  --universal --fork-strategy fewest --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate

clean: ## Remove everything that make has made
	@rm -rf .venv .venv-bench .venv-mutation .mutation build dist .hypothesis \
	  .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip takes wheels only: to build one from source would run what the lock does not pin.
PIP := -m pip --disable-pip-version-check --quiet install

.venv/locked: requirements.lock
	@rm -rf .venv
	@for python in $(PYTHON); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making .venv with $$python from requirements.lock; this happens once."; \
	    exec "$$python" -m venv .venv; \
	  fi; \
	done; \
	echo 'chartconfig needs Python 3.11 or newer. Install it, or say where it is:' >&2; \
	echo '    make PYTHON=/path/to/python3.11' >&2; \
	exit 1
	@$(BIN)/python $(PIP) --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

.venv/ready: .venv/locked pyproject.toml
	@$(BIN)/python $(PIP) --no-index --no-deps --no-build-isolation -e .
	@touch $@

.venv-bench/ready: .venv/locked benchmarks/requirements.txt
	@rm -rf .venv-bench
	@$(BIN)/python -m venv .venv-bench
	@.venv-bench/bin/python $(PIP) --only-binary :all: -r benchmarks/requirements.txt
	@touch $@

.venv-mutation/ready: .venv/locked tests/mutation/requirements.txt
	@rm -rf .venv-mutation
	@$(BIN)/python -m venv .venv-mutation
	@.venv-mutation/bin/python $(PIP) --require-hashes --only-binary :all: -r requirements.lock
	@.venv-mutation/bin/python $(PIP) --only-binary :all: -r tests/mutation/requirements.txt
	@touch $@
