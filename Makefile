.DEFAULT_GOAL := help
.PHONY: help demo test check test-fast lint types layers format docs bench fuzz slow-of-images slow-of-workflows

BIN := .venv/bin
RUN_READY := .venv/ready-to-run
TEST_READY := .venv/ready-to-test

help:
	@echo "make demo       assess a synthetic patient; results in demo/"
	@echo "make test       everything that must hold: style, types, layers, all tests"
	@echo "make test-fast  tests that take less than two seconds each"
	@echo "make format     bring the source into its style"
	@echo "make docs       renew the pages that are made from the source"
	@echo "make fuzz       import 100,000 damaged objects; those that break it are kept"
	@echo "make bench      measure accuracy and speed beside the peers; renews docs/benchmarks.md"

demo: $(RUN_READY)
	@$(BIN)/reirrad demo --out demo

check: test

test: lint types layers
	HYPOTHESIS_PROFILE=ci $(BIN)/pytest -q -m "not slow"
	$(MAKE) --output-sync --jobs=2 slow-of-images slow-of-workflows

# Two halves of the slow tests, side by side.
slow-of-images: $(TEST_READY)
	HYPOTHESIS_PROFILE=ci $(BIN)/pytest -q -m slow tests/registration tests/core

slow-of-workflows: $(TEST_READY)
	HYPOTHESIS_PROFILE=ci $(BIN)/pytest -q -m slow --ignore=tests/registration --ignore=tests/core

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

fuzz: $(TEST_READY)
	@$(BIN)/python -m tests.fuzzing

# What is not named here measures one thing by itself and needs nothing before it.
BENCH_PARTS := generated_case analytic_case environments compare equivalent_dose scaling render_page
BENCH_OTHERS := $(filter-out $(BENCH_PARTS:%=bench/%.py),$(wildcard bench/*.py))

bench: $(TEST_READY)
	@$(BIN)/python -c "from reirrad.workflows.preparation import prepare; prepare()"
	@for script in bench/compare.py bench/equivalent_dose.py bench/scaling.py \
	    $(BENCH_OTHERS) bench/render_page.py; \
	do echo "== $$script"; $(BIN)/python $$script || exit 1; done

$(RUN_READY): pyproject.toml constraints.txt
	@PYTHON="$(PYTHON)" tools/install .
	@touch $@

$(TEST_READY): pyproject.toml constraints.txt tools/install_pacs tools/install_browser
	@PYTHON="$(PYTHON)" tools/install '.[dev]'
	@tools/install_pacs
	@tools/install_browser
	@touch $@ $(RUN_READY)
