"""Train what a config says, in a folder of its own.

python train.py digits.yml                                        # a new folder in runs/
python train.py digits.yml optimizer.lr=0.02 model.widths=[32]    # the same, with two options changed
python train.py runs/digits-001                                   # go on with one that was stopped
"""

import sys

from tinytorch.core.config import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
