.DEFAULT_GOAL := help
# In this order: what fails early is cheap, and the longest of the slow comes first.
TESTS := lint types layers fast-of-workflows fast-of-the-rest \
    slow-of-workflows slow-of-browser slow-of-commands slow-of-server \
    slow-of-registration slow-of-the-rest slow-of-core

# Kept byte code saves every process that the tests start from compiling the source anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check test-fast format docs bench fuzz $(TESTS)

# Twice the processors of a small machine: many tests wait, for servers, signals and the
# processes that they start.
TEST_JOBS := 4

BIN := .venv/bin
ENVIRONMENT := .venv/made
RUN_READY := .venv/ready-to-run
TEST_PACKAGES := .venv/test-packages
TEST_SERVERS := .venv/test-servers
TEST_READY := .venv/ready-to-test
COMPILE_LOOPS = @echo "Compiling the numeric loops, once for this version; about a minute" && \
    $(BIN)/python -c "from reirrad.workflows.preparation import prepare; prepare()"

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

test:
	@$(MAKE) --jobs=2 $(TEST_PACKAGES) $(TEST_SERVERS)
	$(MAKE) --output-sync --jobs=$(TEST_JOBS) $(TESTS)

PYTEST := HYPOTHESIS_PROFILE=ci $(BIN)/pytest -q
WORKFLOWS := tests/workflows tests/cli
SERVER := tests/store tests/web
CORE := tests/core tests/phantoms
without = $(foreach folder,$(1),--ignore=$(folder))

fast-of-workflows: $(TEST_READY)
	$(PYTEST) -m "not slow" $(WORKFLOWS)

fast-of-the-rest: $(TEST_READY)
	$(PYTEST) -m "not slow" $(call without,$(WORKFLOWS))

slow-of-workflows: $(TEST_READY)
	$(PYTEST) -m slow tests/workflows

slow-of-commands: $(TEST_READY)
	$(PYTEST) -m slow tests/cli

slow-of-browser: $(TEST_READY)
	$(PYTEST) -m slow tests/browser

slow-of-server: $(TEST_READY)
	$(PYTEST) -m slow $(SERVER)

slow-of-registration: $(TEST_READY)
	$(PYTEST) -m slow tests/registration

slow-of-core: $(TEST_READY)
	$(PYTEST) -m slow $(CORE)

slow-of-the-rest: $(TEST_READY)
	$(PYTEST) -m slow $(call without,$(WORKFLOWS) $(SERVER) $(CORE) tests/browser tests/registration)

test-fast: $(TEST_READY)
	$(BIN)/pytest -q -x -m "not slow"

lint: $(TEST_PACKAGES)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(TEST_PACKAGES)
	$(BIN)/mypy

layers: $(TEST_PACKAGES)
	$(BIN)/lint-imports

format: $(TEST_PACKAGES)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(TEST_PACKAGES)
	$(BIN)/python tools/cli_reference.py > docs/reference/cli.md

fuzz: $(TEST_READY)
	@$(BIN)/python -m tests.fuzzing

# The page is made of the first three. What is not named here measures one thing by itself,
# needs nothing before it, and may take an hour together with the others.
BENCH_PAGE := compare equivalent_dose scaling render_page
BENCH_PARTS := generated_case analytic_case environments $(BENCH_PAGE)
BENCH_OTHERS := $(filter-out $(BENCH_PARTS:%=bench/%.py),$(wildcard bench/*.py))

bench: $(TEST_READY)
	$(COMPILE_LOOPS)
	@for script in $(BENCH_PAGE:%=bench/%.py) $(BENCH_OTHERS); \
	do echo "== $$script"; $(BIN)/python $$script || exit 1; done

$(ENVIRONMENT):
	@PYTHON="$(PYTHON)" tools/make_environment
	@touch $@

$(RUN_READY): pyproject.toml constraints.txt | $(ENVIRONMENT)
	@tools/install .
	$(COMPILE_LOOPS)
	@touch $@

$(TEST_PACKAGES): pyproject.toml constraints.txt | $(ENVIRONMENT)
	@tools/install '.[dev]'
	@touch $@

# After the environment, because both may install system packages.
$(TEST_SERVERS): tools/install_pacs tools/install_browser | $(ENVIRONMENT)
	@tools/install_pacs
	@tools/install_browser
	@touch $@

$(TEST_READY): $(TEST_PACKAGES) $(TEST_SERVERS)
	$(COMPILE_LOOPS)
	@touch $(RUN_READY) $@
