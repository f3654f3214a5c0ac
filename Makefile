# `make demo` and `make test` are all the set-up there is: each makes .venv and installs into it first, once.
# Another Python: make test PYTHON=/path/to/python3.   More for pytest: make quick ARGS="-k digest".

PYTHON ?= $(shell command -v python3 || command -v python)
ARGS ?=
NAMES ?=
SOAK_MINUTES ?= 20
NO_PYTHON = no Python 3 was found. Install Python 3.11 or newer, or name one that is there: make PYTHON=/path/to/python3
IS_PYTHON = "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null
BOOTSTRAP = @$(IS_PYTHON) || { echo "Not set up: $(NO_PYTHON)" >&2; exit 1; }; "$(PYTHON)" tools/bootstrap.py
IN_VENV = @.venv/bin/

.DEFAULT_GOAL := help
.PHONY: help demo test quick lint format coverage long faults soak bench mutants constraints clean install install-dev

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

demo: install  ## run the main job on an invented force, and say what to open
	$(IN_VENV)dacompliance demo

test: install-dev  ## lint, types, import contracts and every test
	$(IN_VENV)python tools/check.py all $(ARGS)

quick: install-dev  ## the inner loop: lint and the fast tests
	$(IN_VENV)python tools/check.py quick $(ARGS)

lint: install-dev  ## lint, types and import contracts
	$(IN_VENV)python tools/check.py lint

format:  install-dev  ## put the code into the house's format
	$(IN_VENV)ruff check --fix --quiet || true
	$(IN_VENV)ruff format --quiet

coverage: install-dev  ## every test, and the lines none of them reaches
	$(IN_VENV)coverage run -m pytest $(ARGS)
	$(IN_VENV)coverage report

long: install-dev  ## the long tests that `make test` leaves out: whole years, every fault, thousands of histories
	@DACOMPLIANCE_TEST_LONG=yes .venv/bin/pytest -m long $(ARGS)

faults: install-dev  ## every fault there is a test for, quick and long, with the counts of each at the end
	@DACOMPLIANCE_TEST_LONG=yes .venv/bin/pytest tests/faults tests/acceptance/test_killed.py $(ARGS)

soak: install-dev  ## the two judges against each other for SOAK_MINUTES (20); what was compared is in build/soak.txt
	@DACOMPLIANCE_TEST_PROFILE=soak DACOMPLIANCE_SOAK_MINUTES=$(SOAK_MINUTES) DACOMPLIANCE_SOAK_COUNTS=build/soak.txt \
	 .venv/bin/pytest tests/generative $(ARGS)

bench: install-dev  ## measure the monitor: make bench, or make bench NAMES="judging" (`NAMES=-h` lists them)
	$(IN_VENV)python -m benchmarks $(NAMES)

mutants: install-dev  ## change judging line by line, and name each change no test notices (hours; NAMES="dacompliance.judging.ruling*")
	$(BOOTSTRAP) --extras mutants
	@DACOMPLIANCE_TEST_PROFILE=quick .venv/bin/mutmut run $(NAMES)
	$(IN_VENV)mutmut results

constraints: install-dev  ## settle the newest versions that fit together, naming no host
	$(IN_VENV)python -m pip install --quiet uv
	@{ echo "# Made by \`make constraints\`; for every Python and system the project supports."; \
	   .venv/bin/uv pip compile pyproject.toml --universal --upgrade --all-extras --no-annotate --no-header --quiet; \
	 } > constraints.new && mv constraints.new constraints.txt

clean:  ## take away .venv and every cache
	@rm -rf .venv build dist mutants .coverage htmlcov .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

install:
	$(BOOTSTRAP)

install-dev:
	$(BOOTSTRAP) --extras dev
