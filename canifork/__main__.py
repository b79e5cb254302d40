"""python -m canifork"""

import sys

from canifork import main

if __name__ == "__main__":
    sys.exit(main())
