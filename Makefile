# Every target sets itself up: all it needs is make and Python >= 3.11 (another one: make PYTHON=python3.12 ...).
# Stamp files remember what .venv holds; a change of pyproject.toml installs again.

PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= 2
MINUTES ?= 60
SEED   ?= $(shell date +%Y%m%d)
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
RUN    := $(VENV)/.installed-run
TEST   := $(VENV)/.installed-test
DOCS   := $(VENV)/.installed-docs
DEV    := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help demo demo3d test test-slow check bench fuzz docs clean

help:
	@echo 'make demo       relax a crack tip in aluminium (picture, .vtu, .xyz), with progress'
	@echo 'make demo3d     relax a void in aluminium in three dimensions, 8.6e11 sites'
	@echo 'make test       the default test suite'
	@echo 'make test-slow  the slow tests'
	@echo 'make check      format, lint, types, import order, doctests'
	@echo 'make bench      speed, side by side with LAMMPS (and BASELINE=path of a checkout: with that version)'
	@echo 'make fuzz       random trials of everything for an hour (make fuzz MINUTES=5 SEED=3)'
	@echo 'make docs       build the documentation into site/, running the examples of its gallery'
	@echo 'make clean      remove the environment and everything built'

demo: $(RUN)
	$(BIN)/python examples/crack_tip_aluminium.py

demo3d: $(RUN)
	$(BIN)/python examples/void_in_space.py

test: $(TEST)
	$(BIN)/python -m pytest -n $(JOBS)

test-slow: $(TEST) $(DOCS)
	$(BIN)/python -m pytest -m slow

# pytest exits with 5 when it finds no doctest; that is no failure.
check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy qcmethod
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q --doctest-modules qcmethod || test $$? -eq 5

bench: $(TEST)
	OMP_NUM_THREADS=1 BASELINE=$(BASELINE) PYTHONPATH=tests/support $(BIN)/python benchmarks/bench.py

# Another seed every day, said at the end; docs/checked.md has the counts of the last full runs.
fuzz: $(TEST)
	$(BIN)/python tests/fuzz --jobs $(JOBS) --minutes $(MINUTES) --seed $(SEED)

# An example runs again when it changes, all of them when the package does.
docs: $(DOCS) docs/gallery/.of-this-package
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -b html docs site
	@echo 'open site/index.html'

docs/gallery/.of-this-package: $(shell find qcmethod potentials -name '*.py' -o -name '*.toml')
	rm -rf docs/gallery
	mkdir -p docs/gallery
	touch $@

clean:
	rm -rf $(VENV) site docs/api docs/gallery docs/_examples docs/sg_execution_times.rst dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "qcmethod needs Python >= 3.11, but '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo 'Name a newer one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@echo 'creating $(VENV)'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu install the package python3-venv." >&2; exit 1; }

$(RUN): pyproject.toml | $(BIN)/python
	@echo 'installing qcmethod and what it needs to run'
	@$(PIP) install --editable .
	@touch $@

$(TEST): pyproject.toml | $(BIN)/python
	@echo 'installing qcmethod and what its tests need'
	@$(PIP) install --editable '.[test]'
	@touch $(RUN) $@

$(DOCS): pyproject.toml | $(BIN)/python
	@echo 'installing qcmethod and what its documentation needs'
	@$(PIP) install --editable '.[docs]'
	@touch $(RUN) $@

$(DEV): pyproject.toml | $(BIN)/python
	@echo 'installing qcmethod and the developer tools'
	@$(PIP) install --editable '.[dev]'
	@touch $(RUN) $(TEST) $@
