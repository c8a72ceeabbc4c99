# What each command does is said in README.md; the work is done by the scripts.

.PHONY: run serve stop test bench torture screenshots

PYTHON := .venv/bin/python

run:
	@python3 scripts/setup.py
	@exec $(PYTHON) scripts/run.py

serve:
	@python3 scripts/setup.py
	@exec $(PYTHON) scripts/serve.py

stop:
	@$(PYTHON) -m clinic.postgres stop

test:
	@python3 scripts/setup.py --development
	@exec $(PYTHON) scripts/test.py

bench:
	@python3 scripts/setup.py --development
	@exec $(PYTHON) scripts/bench.py

torture:
	@python3 scripts/setup.py --development
	@exec $(PYTHON) scripts/test.py torture

screenshots:
	@python3 scripts/setup.py --development
	@exec $(PYTHON) scripts/screenshots.py
