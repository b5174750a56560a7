"""Where the files of a project lie: nobody else knows the name of one.

A project is the folder of params.yaml and dvc.yaml. What is read from disk is asked for by a
`Project`; what is read at a revision, named in dvc.yaml or in a message, by the names below, which
are relative to the project.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PARAMS = "params.yaml"
PIPELINE = "dvc.yaml"
LOCK = "dvc.lock"

#: The review memory, in git.
REVIEWED = "reviewed.csv"
#: What concerns one working copy alone, where there is no git; not for git.
OWN = ".cgaudit"
#: The folder of what the stages write.
REPORTS = "reports"
#: Where `cgaudit audit` writes to unless it is told.
AUDIT = "cgaudit-report"
#: Pages of a comparison and of conflicts, as the documentation names them.
CHANGE_PAGE = "diff.html"
CONFLICTS_PAGE = "conflicts.html"
#: The folder of the pages that `cgaudit review split` writes unless it is told.
SHARED = "review"
#: Decisions that `cgaudit review merge` joined, unless it is told where to write them.
FIXES = "fixes.json"
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
    def score_parts(self) -> Path:
        """The folder of the scores table where it is in parts."""
        return self.folder / "scores"

    @property
    def scores_there(self) -> Path:
        """Where the scores lie: in parts where nothing but those is there, else in one file."""
        in_parts = self.score_parts.is_dir() and not self.scores.exists()
        return self.score_parts if in_parts else self.scores

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
    def selection(self) -> Path:
        """Which samples `cgaudit select` keeps."""
        return self.folder / "selection.parquet"

    @property
    def curve(self) -> Path:
        """What a part of the data would reach, a table of a DVC plot."""
        return self.folder / "curve.json"

    @property
    def dynamics(self) -> Path:
        """What a training log says of the samples."""
        return self.folder / "dynamics.parquet"

    @property
    def made(self) -> Path:
        """What the scores were made from, where `cgaudit run` stands for DVC."""
        return self.folder / "made.json"

    @property
    def imported(self) -> Path:
        """What other tools say of the samples."""
        return self.folder / "imported.parquet"

    @property
    def page(self) -> Path:
        """The HTML report."""
        return self.folder / "index.html"

    @property
    def asked(self) -> Path:
        """What `cgaudit audit` was asked for, where there is no params.yaml."""
        return self.folder / "audit.json"


#: The outputs by the names that dvc.yaml, a revision and a message know them by.
NAMED = Outputs(Path(REPORTS))


#: What to do where nothing says whose stages these are.
SCORE_FIRST = "Run `dvc repro`, or `cgaudit run` where there is no DVC, and commit."


@dataclass(frozen=True)
class Project:
    """A folder with params.yaml and dvc.yaml, or one in which `cgaudit audit` was run.

    Attributes
    ----------
    root
        The folder; relative paths in the parameters start from it.
    audited
        The folder that `cgaudit audit` wrote to; None in a folder with stages.
    """

    root: Path
    audited: Path | None = None

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
    def own(self) -> Path:
        """The folder of what concerns this working copy alone.

        It lies in git's own folder, which no commit can bring files into: what is found here is
        obeyed. Where there is no git, nobody commits, and it lies in the project.
        """
        folder = _git_folder(self.top)
        if folder is None:
            return self.root / OWN
        return folder / "cgaudit" / Path(os.path.realpath(self.root)).relative_to(self.top)

    @property
    def top(self) -> Path:
        """The top of the git working tree around the project; the project itself without git."""
        root = Path(os.path.realpath(self.root))
        around = (top for top in (root, *root.parents) if _git_folder(top) is not None)
        return next(around, root)

    @property
    def dvc_root(self) -> Path | None:
        """The folder of the DVC project around this one, no higher than git's top; None without."""
        root, top = Path(os.path.realpath(self.root)), self.top
        around = (it for it in (root, *root.parents) if it.is_relative_to(top))
        return next((it for it in around if (it / ".dvc").is_dir()), None)

    @property
    def journal(self) -> Path:
        """The list of what `cgaudit apply` is about to do."""
        return self.own / "apply.json"

    @property
    def lock_file(self) -> Path:
        """What a process holds while it writes."""
        return self.own / "busy.lock"

    @property
    def kept(self) -> Path:
        """What scoring keeps of the features, for other labels of them."""
        return self.own / "kept"

    @property
    def shards(self) -> Path:
        """What featurizing elsewhere has done of a run that is not complete."""
        return self.own / "shards"

    @property
    def outputs(self) -> Outputs:
        """What the stages write, or the audit wrote."""
        return Outputs(self.audited or self.root / REPORTS)

    @property
    def again(self) -> str:
        """The command that scores the data anew."""
        if self.audited is not None:
            return "cgaudit audit"
        return "cgaudit run" if self.dvc_root is None else "dvc repro"

    def place(self, path: str) -> Path:
        """Return where a path lies that is named from the folder, ``..`` in it taken away."""
        return Path(os.path.normpath(self.root / path))

    def pointer(self, path: str) -> Path:
        """Return the ``.dvc`` file of a file that ``dvc add`` was given."""
        return self.root / f"{path}.dvc"


def _git_folder(top: Path) -> Path | None:
    """Return git's own folder where a working tree begins, None where none does.

    In a second working tree (`git worktree`) and in a submodule, ``.git`` is a file that names it.
    """
    mark = top / ".git"
    if mark.is_dir():
        return mark
    if not mark.is_file():
        return None
    word, _, named = mark.read_text(encoding="utf-8", errors="surrogateescape").partition(": ")
    return top / named.rstrip("\n") if word == "gitdir" else None
