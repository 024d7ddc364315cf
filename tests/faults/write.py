"""One writer: builds world upon world into an index.

python -m tests.faults.write FOLDER NAME N
"""

import sys
from pathlib import Path

from index.snapshot import write_snapshot
from tests.faults.worlds import World


def main() -> None:
    """Builds `NAME1` to `NAMEn`."""
    folder, name, n = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    for number in range(1, n + 1):
        write_snapshot(folder, World(f"{name}{number}").contents, {"by": name})


if __name__ == "__main__":
    main()
