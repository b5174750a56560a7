"""Where the files of a project lie: nobody else knows the name of one.

A project is the folder of params.yaml and dvc.yaml. What is read from disk is asked for by a
`Project`; what is read at a revision, named in dvc.yaml or in a message, by the names below, which
are relative to the project.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PARAMS = "params.yaml"
PIPELINE = "dvc.yaml"
LOCK = "dvc.lock"

#: The review memory, in git.
REVIEWED = "reviewed.csv"
#: There while `cgaudit apply` is under way; not for git.
JOURNAL = ".cgaudit-apply.json"
#: Where `keep_factor` keeps the factor; not for git.
FACTOR = ".cgaudit/factor"
#: The folder of what the stages write.
REPORTS = "reports"
#: Where `cgaudit init` has a featurizer keep its state.
STATE = "featurizer.npz"


@dataclass(frozen=True)
class Outputs:
    """Where the outputs of an audit lie, below one folder."""

    folder: Path

    @property
    def features(self) -> Path:
        """Feature store of the featurize stage."""
        return self.folder / "features"

    @property
    def samples(self) -> Path:
        """Which samples the store is of."""
        return self.folder / "samples.parquet"

    @property
    def unreadable(self) -> Path:
        """What the featurize stage could not read."""
        return self.folder / "unreadable.csv"

    @property
    def scores(self) -> Path:
        """The scores table."""
        return self.folder / "scores.parquet"

    @property
    def summary(self) -> Path:
        """DVC metrics."""
        return self.folder / "summary.json"

    @property
    def skipped(self) -> Path:
        """All that was seen and not scored."""
        return self.folder / "skipped.csv"

    @property
    def plots(self) -> Path:
        """Tables of the DVC plots."""
        return self.folder / "plots"

    @property
    def page(self) -> Path:
        """The HTML report."""
        return self.folder / "index.html"


#: The outputs by the names that dvc.yaml, a revision and a message know them by.
NAMED = Outputs(Path(REPORTS))


@dataclass(frozen=True)
class Project:
    """A folder with params.yaml and dvc.yaml.

    Attributes
    ----------
    root
        The folder; relative paths in the parameters start from it.
    """

    root: Path

    @property
    def params(self) -> Path:
        """The parameters."""
        return self.root / PARAMS

    @property
    def pipeline(self) -> Path:
        """The stages."""
        return self.root / PIPELINE

    @property
    def lock(self) -> Path:
        """What the stages last read and wrote."""
        return self.root / LOCK

    @property
    def reviewed(self) -> Path:
        """The review memory."""
        return self.root / REVIEWED

    @property
    def journal(self) -> Path:
        """The list of what `cgaudit apply` is about to do."""
        return self.root / JOURNAL

    @property
    def factor(self) -> Path:
        """The kept factor of the kernel matrix."""
        return self.root / FACTOR

    @property
    def outputs(self) -> Outputs:
        """What the stages write."""
        return Outputs(self.root / REPORTS)

    def pointer(self, path: str) -> Path:
        """Return the ``.dvc`` file of a file that ``dvc add`` was given."""
        return self.root / f"{path}.dvc"
