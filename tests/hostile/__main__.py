"""`python tests/hostile`: every row of the corpus, and damaged bytes in every kind of file."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[:1] = [str(Path(__file__).resolve().parents[n]) for n in (1, 2)]
    from hostile.report import main

    sys.exit(main())
