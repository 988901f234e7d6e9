"""`python -m chartconfig`."""

import sys

from chartconfig.cli import main

if __name__ == "__main__":
    sys.exit(main())
