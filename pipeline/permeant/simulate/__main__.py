"""``python -m permeant.simulate``: make the example's files, or a batch for load tests."""

from __future__ import annotations

import argparse
from pathlib import Path

from permeant.simulate.batch import simulate_batch
from permeant.simulate.example import write_example, write_example_sheets


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(
        prog="python -m permeant.simulate",
        description="Write the recordings of the example project again, byte for byte, or, "
        "with --batch, a whole project of simulated cells.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the files go")
    parser.add_argument(
        "--config", type=Path, metavar="FOLDER", help="write the example's two sheets there too"
    )
    parser.add_argument("--batch", type=int, metavar="N", help="number of cells of a project")
    parser.add_argument("--seed", type=int, default=0, help="seed of a batch (default 0)")
    chosen = parser.parse_args()
    if chosen.batch is None:
        write_example(chosen.folder)
        if chosen.config is not None:
            write_example_sheets(chosen.config)
    else:
        simulate_batch(chosen.folder, chosen.batch, chosen.seed)


if __name__ == "__main__":
    main()
