"""Which nets solve the adding and the copying problem, at which distance, after how many updates.

    python -m benchmarks.long_memory --lengths 50 100 200 400 --updates 2000

Hours on a CPU for the whole table; --nets and --problems choose parts of it. Batches of 32, 64 units.
"""

import argparse

import torch

from lab.lessons.long_memory import PROBLEMS, as_table, solve
from lstm_models.cells import KINDS


def main(arguments: list[str] | None = None) -> None:
    """Prints a line for each net as it ends, then the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--updates", type=int, default=2000, help="at most (default: %(default)s)")
    parser.add_argument("--nets", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--problems", nargs="+", choices=PROBLEMS, default=list(PROBLEMS))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    outcomes = []
    for problem in options.problems:
        for length in options.lengths:
            for net in options.nets:
                outcomes.append(solve(net, problem, length, options.updates))
                found = outcomes[-1]
                solved = f"after {found.solved_after} updates" if found.solved_after else "not solved"
                print(
                    f"{problem} {length} {net}: {solved}, {found.score:.4f}, {found.seconds:.0f} s",
                    flush=True,
                )
    print(as_table(outcomes).to_string(index=False))


if __name__ == "__main__":
    main()
