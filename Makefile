# What a person types. Everything lives in .venv and .quoth beside this file; `make clean` removes both.
PYTHON ?= python3
# More options for pip, for instance where the CPU build of PyTorch comes from; see the README.
PIP_FLAGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt $(PIP_FLAGS)

.DEFAULT_GOAL := help
.PHONY: help chat index test faults fuzz accuracy calibrate bench lint clean

help:
	@echo "make chat       install, index corpus/, serve the chat on http://127.0.0.1:7860"
	@echo "make index      install, index corpus/"
	@echo "make test       install what the tests need, run them all"
	@echo "make faults     2,000 kills, and the states after power cuts (about half an hour)"
	@echo "make fuzz       read 10,000 damaged files, or N=300"
	@echo "make accuracy   measure accuracy on the essay's test questions"
	@echo "make calibrate  fit the reader and its confidence on the dev questions"
	@echo "make bench      how fast it is, beside other ways to do the same"
	@echo "make lint       check style, types and the direction of imports"
	@echo "make clean      remove .venv and .quoth"

chat: index
	@$(BIN)/quoth chat

# Exit code 1 means that some files were left out and named; the rest can be asked.
index: $(VENV)/installed
	@$(BIN)/quoth index corpus || [ $$? -eq 1 ]

test: $(VENV)/tests-installed
	$(BIN)/python -m pytest

# `make test` has twenty kills, six of `quoth index` itself, and asks one of all states that look alike.
faults: $(VENV)/tests-installed
	FAULTS=all $(BIN)/python -m pytest tests/faults
	folder=$$(mktemp -d) && OMP_NUM_THREADS=1 $(BIN)/python -m tests.faults.kill "$$folder" --kills 1800 --commands 200; \
	  result=$$?; rm -rf "$$folder"; exit $$result

# How many damaged files are tried; `make test` tries 300.
N ?= 10000
fuzz: $(VENV)/tests-installed
	$(BIN)/python -m tests.faults.fuzz $(N)

accuracy: $(VENV)/tests-installed
	$(BIN)/python -m tests.accuracy

calibrate: $(VENV)/tests-installed
	$(BIN)/python -m tests.accuracy.calibrate $(if $(SQUAD2),--squad2 $(SQUAD2))

bench: $(VENV)/tests-installed
	$(BIN)/python -m tests.benchmarks.encoding
	$(BIN)/python -m tests.benchmarks.reading
	$(BIN)/python -m tests.benchmarks.asking

lint: $(VENV)/tests-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) .quoth

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "quoth: $(PYTHON) is too old or missing; install Python 3.11 or newer, or name one: make chat PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "quoth: $(PYTHON) cannot make a virtual environment; on Debian install the package python3-venv"; exit 2; }

$(VENV)/installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing into $(VENV); the first time this takes some minutes."
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/tests-installed: $(VENV)/installed
	@echo "Installing what the tests need."
	@$(INSTALL) --editable '.[test]'
	@touch $@
