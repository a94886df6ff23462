# `make demo` trains, records and draws the two-step task; `make figures` does so for figures 1 to 7 of Wang et al. 2018,
# `make figures-2016` for Wang et al. 2016, and both keep complete runs. `make test` checks everything,
# `make test PYTHON=python3.13` with another interpreter, in an environment of its own.
PYTHON ?= python3
VENV ?= $(if $(filter-out python3,$(PYTHON)),.venv-$(notdir $(PYTHON)),.venv)
RUN := $(VENV)/bin/python
OUT ?= runs/two_step

# One process of tests more than cores: some tests wait, for processes that they stop or for a lock.
WORKERS ?= $(shell echo $$(( $$(nproc 2>/dev/null || echo 1) + 1 )))

# Without cached byte code, each of the many processes of the tests would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo figures figures-supplement figures-2016 test types suite matrix lowest slow torture install clean docs paper dist

demo: $(VENV)/installed
	$(RUN) -m analyses fig5_two_step --simulate --run $(OUT)

figures: $(VENV)/installed  # figures 1 to 7 of Wang et al. 2018
	$(RUN) -m analyses "fig[1-7]_*" --simulate

figures-supplement: $(VENV)/installed  # those that the paper does not have
	$(RUN) -m analyses "figS_*" --simulate

figures-2016: $(VENV)/installed  # figures of Wang et al. 2016
	$(RUN) -m analyses "figW*" --simulate

test: $(VENV)/installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(MAKE) --no-print-directory -j 2 types suite

types: $(VENV)/installed-dev
	$(VENV)/bin/mypy

suite: $(VENV)/installed-dev
	$(RUN) -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal

PYTHONS ?= python3.11 python3.12 python3.13 python3.14
matrix:  # the suite with each of these that is at hand, in environments of their own, and with the lowest versions
	@for python in $(PYTHONS); do \
		if $$python -c "" 2>/dev/null; then echo "$$python"; $(MAKE) --no-print-directory suite PYTHON=$$python || exit 1; \
		else echo "$$python is not at hand"; fi; \
	done
	$(MAKE) --no-print-directory lowest

# `make lowest` is the suite with the lowest versions that pyproject.toml allows; their own warnings are no errors.
# `make lowest LOWEST=.venv-core EXTRAS=` is that without extras, whose tests are skipped.
LOWEST ?= .venv-lowest
EXTRAS ?= [cluster,public,nuts]
lowest: $(LOWEST)/installed
	$(LOWEST)/bin/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal -o filterwarnings=default

$(LOWEST)/installed: pyproject.toml
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m tests.lowest > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet -c $(LOWEST)/constraints.txt -e ".$(EXTRAS)" pytest pytest-timeout pytest-xdist hypothesis hatchling pyarrow
	touch $@

slow: $(VENV)/installed-dev
	$(RUN) -m pytest -m slow

torture: $(VENV)/installed-dev
	$(RUN) -m tests.torture

paper: $(VENV)/installed  # the numbers of paper/paper.md, and paper.html and paper.pdf where pandoc is at hand
	$(RUN) -m analyses.paper

dist: $(VENV)/installed-dev  # wheel and sdist in dist/
	$(RUN) -m build --no-isolation

docs: $(VENV)/installed-docs  # without network; a warning is an error
	PYTHONPATH=. $(RUN) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo docs/_build/html/index.html

install: $(VENV)/installed

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(RUN) -m pip install --quiet -c constraints.txt -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(RUN) -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(RUN) -m pip install --quiet -c constraints.txt -e ".[docs]"
	touch $@

clean:
	rm -rf .venv .venv-* runs
