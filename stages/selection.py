"""The `select` stage of this data repo: as params.yaml says, nothing of its own."""

from cgaudit.cli import main

if __name__ == "__main__":
    main(["select"])
