# `make audit` audits the demo data; `make test` runs the tests. Both set up what they need.
PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export DVC_NO_ANALYTICS := 1

# Run a script of package.json, where npm is; scripts/install_test_tools.sh says where it is not.
NPM_RUN = ! command -v npm >/dev/null || npm run --silent

.PHONY: audit test test-slow fuzz gpu lint docs format fit constraints clean

audit: $(VENV)/.audit
	dvc repro
	python scripts/show_demo.py

# A process a core, each on one thread: most tests start processes of their own and wait for them.
TEST := OMP_NUM_THREADS=1 pytest -n auto --dist worksteal

test: $(VENV)/.dev
	scripts/install_test_tools.sh
	$(NPM_RUN) test
	$(TEST) -m "not slow"

test-slow: $(VENV)/.dev
	scripts/install_test_tools.sh
	$(TEST) -m slow

# Damaged and forged inputs, as many as you like: `make fuzz EXAMPLES=100000`.
EXAMPLES ?= 10000
fuzz: $(VENV)/.dev
	python -m tests.fuzz --examples $(EXAMPLES)

# On a machine with a CUDA card: its tests, its speed, its answers beside the CPU's. Takes the
# Python that is there; benchmarks/gpu.py says which libraries it needs.
gpu:
	PYTHONPATH=$(CURDIR) $(PYTHON) benchmarks/gpu.py --json gpu.json

lint: $(VENV)/.dev
	ruff check .
	ruff format --check .
	mypy
	mypy --config-file benchmarks/mypy.ini benchmarks
	scripts/install_test_tools.sh
	$(NPM_RUN) check
	$(SITE)

# The documentation, to be read from build/site/index.html without a network; a link that leads
# nowhere is an error.
SITE := NO_MKDOCS_2_WARNING=1 mkdocs build --quiet --strict
docs: $(VENV)/.dev
	python scripts/make_reference.py
	$(SITE)

format: $(VENV)/.dev
	ruff check --fix .
	ruff format .

# The demo's frozen featurizer state; committed, so that scores stay comparable.
fit: $(VENV)/.audit
	dvc repro prepare
	cgaudit fit --force

# Pin what a fresh environment resolves to today; torch stays where it is (see CONTRIBUTING.md).
constraints: $(VENV)/.dev
	scripts/pin.sh > constraints.txt.partial && mv constraints.txt.partial constraints.txt

$(VENV)/.python:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.audit: $(VENV)/.python pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e ".[demo]"
	touch $@

$(VENV)/.dev: $(VENV)/.audit
	$(PIP) install -c constraints.txt -e ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
