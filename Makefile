# ConvLab. `make` alone lists the targets; each sets up what it needs.

PYTHON ?= $(shell test -x .venv/bin/python && echo .venv/bin/python || echo python3)
MODEL  ?= mnist
RECIPE ?=
CLASS  ?= 3
ARGS   ?=

# The stamps are named after the interpreter and the pinned requirements: another
# interpreter makes the environment anew, other requirements are installed into it.
VENV      := .venv
BIN       := $(VENV)/bin
PY_ID     := $(shell $(PYTHON) -c 'import sys; print(sys.version, sys.base_prefix)' 2>&1 | cksum | cut -d' ' -f1)
RUN_ID    := $(PY_ID)-$(shell cat requirements.txt | cksum | cut -d' ' -f1)
DEV_ID    := $(RUN_ID)-$(shell cat requirements-dev.txt requirements-export.txt requirements-fonts.txt requirements-cluster.txt | cksum | cut -d' ' -f1)
RUN_STAMP := $(VENV)/.run-$(RUN_ID)
DEV_STAMP := $(VENV)/.dev-$(DEV_ID)
PIP       := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup train saliency params data test test-all fuzz faults lint gallery lab-pictures cluster-demo bench clean

help: ## list the targets
	@echo "usage: make TARGET [PYTHON=python3.12] [MODEL=mnist] [RECIPE=fast] [CLASS=3] [ARGS='...']"
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 16

setup: $(RUN_STAMP) ## make .venv from requirements.txt

train: $(RUN_STAMP) ## train MODEL with RECIPE, or with its own; a killed run goes on where it stopped
	$(BIN)/python -m app.train --model $(MODEL) $(if $(RECIPE),--recipe $(RECIPE)) $(ARGS)

saliency: $(RUN_STAMP) ## draw what MODEL looks at for CLASS
	$(BIN)/python -m app.saliency --model $(MODEL) --class $(CLASS) $(ARGS)

params: $(RUN_STAMP) ## count MODEL by hand and check it against Keras
	$(BIN)/python -m app.params $(MODEL) $(ARGS)

data: $(RUN_STAMP) ## show the data set: shapes, classes, pictures
	$(BIN)/python -m app.data $(ARGS)

test: $(DEV_STAMP) ## run the tests, in a few minutes
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

test-all: $(DEV_STAMP) ## run these and the long ones: whole trainings, every network of keras.applications
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "" $(ARGS)

fuzz: $(DEV_STAMP) ## run every hostile input, and damaged files of every kind (ARGS='--only pictures --flips 50')
	$(BIN)/python tests/hostile $(ARGS)

faults: $(DEV_STAMP) ## make every operation on files fail once, in every command that writes: an hour
	CONVLAB_FUZZ=1 $(BIN)/python -m pytest -m "" tests/hostile/test_injected_faults.py $(ARGS)

lint: $(DEV_STAMP) ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

gallery: $(RUN_STAMP) ## draw every figure of docs/gallery.md again, some minutes
	$(BIN)/python docs/gallery.py $(ARGS)

lab-pictures: $(DEV_STAMP) ## make the pictures of docs/lab.md again, with Chromium
	$(BIN)/python docs/lab.py

cluster-demo: $(RUN_STAMP) ## train and explain on several processes of this machine, one of them killed on the way
	$(PIP) install -r requirements-cluster.txt
	$(BIN)/python docs/cluster_demo.py

bench: $(DEV_STAMP) ## measure speed side by side, in one run
	$(BIN)/python -m benchmarks $(ARGS)

clean: ## remove the environment, caches and output/ (trained models stay)
	rm -rf $(VENV) output *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis saved_models/.backup
	find app models tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else \
	  f"ConvLab needs Python 3.11, 3.12 or 3.13; $(PYTHON) is {sys.version.split()[0]}. Try: make setup PYTHON=python3.12")'
	@echo "setting up $(VENV) (once; TensorFlow is large)"
	@$(PYTHON) -c 'import importlib.util as u, os, subprocess, sys; \
	  is_there = os.path.realpath(sys.prefix) == os.path.realpath("$(VENV)") and u.find_spec("pip"); \
	  is_there or subprocess.run([sys._base_executable, "-m", "venv", "--clear", "$(VENV)"], check=True)'
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps -e .
	$(BIN)/python -m compileall -q app models
	@touch $@

$(DEV_STAMP): $(RUN_STAMP)
	$(PIP) install -r requirements-dev.txt
	@touch $@
