# `make demo` trains, records and draws the two-step task, `make figures` the whole paper; `make test` checks
# everything. All set up .venv by themselves.
PYTHON ?= python3
RUN := .venv/bin/python
OUT ?= runs/two_step

.PHONY: demo figures test slow torture install clean

demo: .venv/installed
	$(RUN) -m pfc_metarl.simulate two_step --networks 8 --seed 0 --out $(OUT)
	$(RUN) -m analyses fig5_two_step --run $(OUT)

figures: .venv/installed
	$(RUN) -m pfc_metarl.simulate --all
	for task in two_step foraging volatility; do $(RUN) -m pfc_metarl.causality runs/$$task || exit 1; done
	$(RUN) -m analyses

test: .venv/installed-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy
	$(RUN) -m pytest

slow: .venv/installed-dev
	$(RUN) -m pytest -m slow

torture: .venv/installed-dev
	$(RUN) -m tests.torture

install: .venv/installed

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	$(RUN) -m pip install --quiet -c constraints.txt -e .
	touch $@

.venv/installed-dev: .venv/installed
	$(RUN) -m pip install --quiet -c constraints.txt -e ".[dev]"
	touch $@

clean:
	rm -rf .venv runs
