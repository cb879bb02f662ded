# A door: makes .venv, and delegates. Needs Python >= 3.11 and a package index; CONTRIBUTING.md says when to run which.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE := # what is compiled once need not be compiled by each of a thousand processes
INSTALL = $(1) --quiet --require-hashes --requirement requirements.txt && $(1) --quiet --no-deps --editable .
PINS := $(BIN)/uv pip compile --quiet --universal --no-header --no-emit-find-links
COMPILE := $(PINS) pyproject.toml --output-file
PYTEST := $(BIN)/pytest -n auto --dist worksteal
KEEPING := $(addprefix tests/tito/test_,update.py merge.py reset.py rescue.py restore.py submit.py odd_places.py)

BESIDE := +@$(MAKE) --no-print-directory -j3 # what may run at the same time

.PHONY: demo docs lint rules types quick quick-tests test all-tests journeys locales parity thorough setup requirements clean
demo: setup
	$(BIN)/tito demo
docs: setup .venv/docs # the site, dist/site
	$(BIN)/python docs/build.py
lint: setup # types and rules of imports, too
	$(BESIDE) rules types
rules:
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/tito tidy --check && $(BIN)/lint-imports --no-logo
types:
	$(BIN)/basedpyright
quick: setup # about a minute
	$(BESIDE) rules types quick-tests
quick-tests:
	$(PYTEST) @tests/quick.txt
test: setup # lint, and all tests but the journeys, with samples of what takes hours
	$(BESIDE) rules types all-tests
all-tests:
	$(PYTEST) --durations=20 --ignore tests/journeys
journeys: setup .venv/docs # a student's way, an instructor's and a hub's, whole notebooks, the site
	$(PYTEST) --durations=20 tests/journeys
	$(PYTEST) --thorough tests/autograder/manual_grading/test_page.py
locales: setup # what keeps a student's work, under other encodings and another language of git
	for encoding in utf-8 latin-1 cp1252; do \
	  PYTHONPATH=tests/tito/locale TEXT_ENCODING=$$encoding PYTHONUTF8=0 LANGUAGE=de PYTHONWARNDEFAULTENCODING=1 \
	  $(PYTEST) $(KEEPING) || exit 1; done
parity: setup # nbgrader's and otter's scores of all that the course can hand in: half an hour; a tenth of it without following through
	$(BIN)/python tests/course/parity.py
	$(BIN)/python tests/course/parity.py --alone --every 10
thorough: setup .venv/docs # all tests without samples, and parity: some hours
	$(PYTEST) --thorough && $(MAKE) parity

setup: .venv/installed
.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.11')"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet $$(grep -o '^uv==[0-9.]*' requirements.txt) && $(call INSTALL,$(BIN)/uv pip install --python $(BIN)/python --compile-bytecode) || ($(call INSTALL,$(BIN)/pip install))
	cp autograder/manual_grading/jupyter_server_config.json .venv/etc/jupyter/jupyter_server_config.d/tinytorch.json
	touch $@
.venv/docs: docs/requirements.txt .venv/installed
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement docs/requirements.txt
	touch $@
requirements: setup # compile the exact pins anew from pyproject.toml: those that still fit stay
	$(COMPILE) requirements.txt --all-extras --generate-hashes
	$(PINS) --group pyproject.toml:gradescope --constraint requirements.txt \
	  $(addprefix --no-emit-package ,playwright pyee greenlet) --generate-hashes --output-file autograder/otter/requirements.txt
	$(PINS) --group pyproject.toml:docs --constraint requirements.txt --generate-hashes --output-file docs/requirements.txt
	$(COMPILE) student/requirements.txt
	$(PINS) --group pyproject.toml:hub --constraint requirements.txt --generate-hashes --output-file deploy/jupyterhub/requirements.txt
	$(PINS) pyproject.toml --group pyproject.toml:hub-students --constraint student/requirements.txt --generate-hashes \
	  --output-file deploy/jupyterhub/students/requirements.txt
	printf '%s\n' '-e .' >> student/requirements.txt
clean: # not the repositories in dist/: students' clones go on from their history
	rm -rf .venv .cache demo
	[ ! -d dist ] || find dist -mindepth 1 -maxdepth 1 ! -exec test -e {}/.git \; -exec rm -rf {} +
