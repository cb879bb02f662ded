# A door: makes .venv, and delegates. `make demo` and `make test` need Python >= 3.11 and a package index.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test parity thorough setup requirements clean
demo: setup
	$(BIN)/tito demo

test: setup
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/tito tidy --check
	$(BIN)/pytest -n auto --dist worksteal

thorough: setup # the tests again, without samples, and parity: some hours
	$(BIN)/pytest -n auto --dist worksteal --thorough
	$(BIN)/python tests/course/parity.py

parity: setup # nbgrader's and otter's scores of all that the course can hand in: about half an hour
	$(BIN)/python tests/course/parity.py

setup: .venv/installed

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.11')"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --requirement requirements.txt && $(BIN)/pip install --quiet --no-deps --editable .
	touch $@

requirements: setup # compile the exact pins anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --no-header --no-emit-find-links --all-extras pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --no-header --no-emit-find-links pyproject.toml --output-file student/requirements.txt
	printf '%s\n' '-e .' >> student/requirements.txt

clean:
	rm -rf .venv .cache demo dist
