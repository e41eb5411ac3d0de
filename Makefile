.DEFAULT_GOAL := help
.PHONY: help demo test check test-fast lint types layers format docs bench

BIN := .venv/bin
RUN_READY := .venv/ready-to-run
TEST_READY := .venv/ready-to-test

help:
	@echo "make demo       assess a synthetic patient; results in demo/"
	@echo "make test       everything that must hold: style, types, layers, all tests"
	@echo "make test-fast  tests that take less than two seconds each"
	@echo "make format     bring the source into its style"
	@echo "make docs       renew the pages that are made from the source"
	@echo "make bench      measure accuracy and speed"

demo: $(RUN_READY)
	@$(BIN)/reirrad demo --out demo

check: test

test: lint types layers
	HYPOTHESIS_PROFILE=ci $(BIN)/pytest -q -m "not slow"
	HYPOTHESIS_PROFILE=ci $(BIN)/pytest -q -m slow

test-fast: $(TEST_READY)
	$(BIN)/pytest -q -x -m "not slow"

lint: $(TEST_READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(TEST_READY)
	$(BIN)/mypy

layers: $(TEST_READY)
	$(BIN)/lint-imports

format: $(TEST_READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(TEST_READY)
	$(BIN)/python tools/cli_reference.py > docs/reference/cli.md

bench: $(TEST_READY)
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

$(RUN_READY): pyproject.toml constraints.txt
	@PYTHON="$(PYTHON)" tools/install .
	@touch $@

$(TEST_READY): pyproject.toml constraints.txt
	@PYTHON="$(PYTHON)" tools/install '.[dev]'
	@touch $@ $(RUN_READY)
