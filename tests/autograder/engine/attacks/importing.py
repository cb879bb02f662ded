# The reference under one of its names.

# %% tinytorch_ref
import sys

sys.path.insert(0, "{ROOT}")
from tinytorch_ref.core.setup import double as ANSWER

# %% tinytorch
from tinytorch.core.setup import double as ANSWER

# %% what an editable install finds
import importlib
import sys

for finder in sys.meta_path:
    spec = getattr(finder, "find_spec", lambda *a: None)("tinytorch.core.setup", ["{ROOT}/tinytorch_ref/core"])
    if spec:
        ANSWER = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(ANSWER)
        ANSWER = ANSWER.double

# %% a loader of its own
import importlib.util

spec = importlib.util.spec_from_file_location("x", "{ROOT}/tinytorch_ref/core/setup.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
ANSWER = module.double

# %% the autograder
import sys

sys.path.insert(0, "{ROOT}")
from autograder.judging.expected import expected
from autograder.judging.source import Source
from tito.workspace import Workspace

source = Source.of(Workspace.find("{ROOT}"), "setup")
ANSWER = lambda x: 2 * x

# %% what is already loaded
import sys

for name, module in list(sys.modules.items()):
    for value in vars(module).values() if hasattr(module, "__dict__") else ():
        if "BEGIN SOLUTION" in str(getattr(value, "source", "")):
            ANSWER = lambda x: 2 * x
