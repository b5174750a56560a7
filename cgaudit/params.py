"""The ``cgaudit`` section of params.yaml: its model, and the recipe number.

Every key is described with its section, from which docs/reference/params.md is made.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    FiniteFloat,
    PlainValidator,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from cgaudit.wording.labelsets import SetNotation

#: Raised by a release whose numbers differ from the one before (CHANGELOG says why).
RECIPE = 2

Kind = Literal["auto", "images", "features", "text", "table", "boxes"]
#: Labels with these suffixes are annotations of boxes: no table has them.
_OF_BOXES = (".json", ".xml")
Method = Literal["auto", "exact", "iterative", "lowrank", "sampled"]
Likelihood = Literal["gaussian", "softmax", "both"]
Task = Literal["classification", "regression", "multilabel"]
Precision = Literal["float32", "float64"]
Rule = Literal["herding", "k_centre", "random", "cg_high", "cg_low", "coverage"]
IssueRule = Literal["ranked", "confident_learning", "disagreement"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceParams(_Section):
    """Where the data and its labels are, and which columns hold what.

    Attributes
    ----------
    path
        The data: a folder, a table or an array, from the folder of params.yaml.
    labels
        Table of labels, array of labels or annotations of boxes; None where the data names them.
    kind
        What a sample is; `auto` tells by what lies at `path`.
    id_column
        Column of the samples' ids; guessed where None. Without one, an id is a path or a row.
    label_column
        Column of labels; guessed where None.
    label_separator
        What stands between several labels in one cell, such as `;`; of `multilabel` alone.
    split_column
        Column of splits, such as train and test; guessed where None.
    split_folders
        Whether the folders above the label folders are splits; guessed where None.
    image_column
        Column of pictures' paths or bytes; guessed where None.
    text_column
        Column of texts; guessed where None.
    embedding_column
        Column of vectors; guessed where None.
    feature_columns
        Columns of a table that are features; all that are nothing else where None.
    max_pixels
        A picture of more is not read: it may be a bomb.
    grey_bits
        Bits that 16-bit grey uses; guessed for each picture where None.
    box_margin
        What is cut out around a box, in shares of its longer side.
    on_error
        Whether a sample that cannot be read is listed in skipped.csv, or ends the command.
    """

    path: str = "data"
    labels: str | None = None
    kind: Kind = "auto"
    id_column: str | None = None
    label_column: str | None = None
    label_separator: Annotated[str, Field(min_length=1, max_length=3)] | None = None
    split_column: str | None = None
    split_folders: bool | None = None
    image_column: str | None = None
    text_column: str | None = None
    embedding_column: str | None = None
    feature_columns: list[str] | None = None
    max_pixels: int = Field(default=50_000_000, ge=1)
    grey_bits: int | None = Field(default=None, ge=8, le=16)
    box_margin: float = Field(default=0.1, ge=0, le=2)
    on_error: Literal["skip", "fail"] = "skip"

    @property
    def are_boxes(self) -> bool:
        """Whether the samples are boxes in pictures: said, or the labels can be nothing else."""
        named = (self.labels or "").lower().endswith(_OF_BOXES)
        return self.kind == "boxes" or (self.kind == "auto" and named)


class FeaturizeParams(_Section):
    """Which featurizer turns samples into vectors, and where its fitted state is kept.

    Attributes
    ----------
    name
        A featurizer, with a model after a colon where it loads one; `auto` goes by the kind.
    state
        Where the fitted state is kept; in git or DVC.
    seed
        Of what a featurizer draws when it learns.
    options
        Of the featurizer, by name; each has its own.
    """

    name: str = "auto"
    state: str = "data/featurizer.npz"
    seed: int = 0
    options: dict[str, Any] = Field(default_factory=dict)


def _ridge(value: object) -> float | str:
    if value == "auto":
        return "auto"
    try:
        return TypeAdapter(Annotated[FiniteFloat, Field(ge=0)]).validate_python(value)
    except ValidationError:
        # One message, where pydantic would give one for each member of the union.
        raise PydanticCustomError(
            "ridge", "Input should be auto or a number of at least 0"
        ) from None


def _switch(value: object) -> bool | str:
    if value == "auto" or isinstance(value, bool):
        return value
    raise PydanticCustomError("switch", "Input should be auto, true or false")


#: On, off, or as it pays.
Switch = Annotated[bool | Literal["auto"], PlainValidator(_switch)]


class ScoreParams(_Section):
    """How the features and labels are scored.

    Attributes
    ----------
    task
        What labels are: classes, numbers that measure something, or several labels a sample.
    method
        How the kernel system is solved; `auto` goes by size and `memory_limit`.
    ridge
        λ of H + λI; 0 is the paper's score, `auto` takes the λ under which the labels are most
        likely.
    likelihood
        Where probabilities come from: least squares, the softmax, or the mean of their logarithms.
    landmarks
        Size of the basis of `lowrank` and `iterative`; the method's own where None.
    seed
        Of what is drawn, by content.
    precision
        float64 makes the scores the same bytes on every CPU, where the method is `exact`.
    device
        `auto` (CUDA where there is one), `cpu`, `cuda`, `cuda:1`.
    memory_limit
        What scoring may take, as a number of bytes or such as 16GB; 8 GiB where None.
    keep_factor
        Whether the factor of `exact`, and the sums of `lowrank`, are kept in git's own folder:
        labels that change then cost solves alone. `auto` as it pays.
    draws
        Of `sampled`: how many samples of the other classes are averaged over.
    ratio
        Of `sampled`: how large they are, relative to the class.
    tolerance
        Of `iterative`: the relative residual at which a class counts as solved.
    issue_rule
        Which labels are flagged: the lowest `label_score` by rank, those beyond the thresholds of
        confident learning, or all that disagree.
    strictness
        How much more probable than the given label the suggested one must be to flag.
    outliers
        Whether outliers and near-duplicates are looked for; `auto` where the method is `exact`.
    box_overlap
        Intersection over union from which on boxes of different classes are on one thing.
    outlier_threshold
        Interquartile ranges beyond the upper quartile at which a sample is an outlier.
    near_duplicate_threshold
        Share of the median distance to the nearest below which two are near-duplicates.
    """

    task: Task = "classification"
    method: Method = "auto"
    ridge: Annotated[float | Literal["auto"], PlainValidator(_ridge)] = 0.1
    likelihood: Likelihood = "both"
    landmarks: int | None = Field(default=None, ge=1)
    seed: int = 0
    precision: Precision = "float32"
    device: str = "auto"
    memory_limit: ByteSize | None = None
    keep_factor: Switch = "auto"
    draws: int = Field(default=20, ge=1)
    ratio: float = Field(default=1.0, gt=0)
    tolerance: float = Field(default=2e-3, gt=0, lt=1)
    issue_rule: IssueRule = "ranked"
    strictness: float = Field(default=0.0, ge=0, le=1)
    outliers: Switch = "auto"
    box_overlap: float = Field(default=0.7, gt=0, le=1)
    outlier_threshold: float = Field(default=1.5, ge=0, allow_inf_nan=False)
    near_duplicate_threshold: float = Field(default=0.4, ge=0, le=1)


class SelectParams(_Section):
    """Which part of the data `cgaudit select` keeps, or would have labelled first.

    Attributes
    ----------
    rule
        How samples are chosen.
    share
        How many are kept, of those that are chosen among.
    balance
        Whether each class keeps its share, all keep as many, or classes do not count.
    flagged
        Whether flagged samples are left out; `auto` where the curve says that it does no harm.
    among
        Whether labelled samples are chosen among, or those to be labelled.
    stable
        Whether what the last version kept stays.
    curve
        Whether reports/curve.json says what parts would reach.
    seed
        Of what is drawn, by content.
    """

    rule: Rule = "herding"
    share: float = Field(default=0.3, gt=0, le=1)
    balance: Literal["share", "equal", "none"] = "share"
    flagged: Literal["auto", "drop", "keep"] = "auto"
    among: Literal["labelled", "unlabelled"] = "labelled"
    stable: bool = True
    curve: bool = True
    seed: int = 0


class ReportParams(_Section):
    """What the HTML report shows.

    Attributes
    ----------
    title
        Its heading.
    samples
        How many of the most suspicious samples have a card; the rest is listed.
    random_samples
        How many are drawn to estimate the share of wrong labels; 0 for none.
    seed
        Of that draw.
    thumbnail
        Longer side of a picture in pixels; as large as the page may be where None.
    neighbours
        How many neighbours are shown for each label.
    map
        The map of the data: ``pca``, ``tsne`` (takes scikit-learn, and differs from machine to
        machine) or ``none``.
    """

    title: str = "Label audit"
    samples: int = Field(default=300, ge=0, le=5000)
    random_samples: int = Field(default=100, ge=0, le=5000)
    seed: int = 0
    thumbnail: int | None = Field(default=None, ge=16, le=512)
    neighbours: int = Field(default=4, ge=0, le=12)
    map: Literal["pca", "tsne", "none"] = "pca"


class DiffParams(_Section):
    """What counts as a change when two versions are compared, and how much the page shows.

    Attributes
    ----------
    band
        How far apart the probabilities of both labels must be for a verdict on a relabelling.
    tolerance
        By how much an untouched sample's score must move to count as ripple.
    samples
        How many samples the page of a diff shows at most.
    """

    band: float = Field(default=0.1, ge=0, le=1)
    tolerance: float = Field(default=0.01, ge=0, le=1)
    samples: int = Field(default=500, ge=0, le=5000)


class ClassLimits(_Section):
    """What one class may not exceed or fall below.

    Attributes
    ----------
    max_issue_rate
        Flagged share of its labels.
    min_label_quality
        Its mean `label_score`.
    """

    max_issue_rate: float | None = Field(default=None, ge=0, le=1)
    min_label_quality: float | None = Field(default=None, ge=0, le=1)


class CheckParams(_Section):
    """The limits of `cgaudit check`; one that is not given is not checked.

    Attributes
    ----------
    max_issue_rate
        Flagged share of all labels.
    min_label_quality
        The mean `label_score`.
    max_duplicate_conflicts
        Sets of near-duplicates with more than one label; needs `score.outliers`.
    max_split_leaks
        Sets of near-duplicates in more than one split; needs `score.outliers`.
    max_overlap_issues
        Places that boxes of different classes cover.
    max_typical_residual
        Of labels that are numbers: half of them may be this far from what the rest says.
    any_class
        Limits of each class that `classes` does not name.
    classes
        Limits of single classes, by label.
    max_introduced
        Of two versions: label issues that were none before.
    max_contradicted
        Of two versions: relabellings that the rest of the data speaks against.
    max_quality_drop
        Of two versions: by how much the label quality may fall.
    max_silenced
        Of two versions: issues that the change itself decided to keep.
    """

    max_issue_rate: float | None = Field(default=None, ge=0, le=1)
    min_label_quality: float | None = Field(default=None, ge=0, le=1)
    max_duplicate_conflicts: int | None = Field(default=None, ge=0)
    max_split_leaks: int | None = Field(default=None, ge=0)
    max_overlap_issues: int | None = Field(default=None, ge=0)
    max_typical_residual: float | None = Field(default=None, ge=0)
    any_class: ClassLimits = ClassLimits()
    classes: dict[str, ClassLimits] = Field(default_factory=dict)
    max_introduced: int | None = Field(default=None, ge=0)
    max_contradicted: int | None = Field(default=None, ge=0)
    max_quality_drop: float | None = Field(default=None, ge=0, le=1)
    max_silenced: int | None = Field(default=None, ge=0)


class Params(_Section):
    """The whole section.

    Attributes
    ----------
    recipe
        Which release's numbers these are; `cgaudit init --upgrade` moves to the newest.
    source
        Where the data and its labels are.
    featurize
        How samples become vectors.
    score
        How labels are scored.
    select
        Which part is chosen.
    report
        What the report shows.
    diff
        What counts as a change.
    check
        The limits.
    """

    recipe: int = RECIPE
    source: SourceParams = SourceParams()
    featurize: FeaturizeParams = FeaturizeParams()
    score: ScoreParams = ScoreParams()
    select: SelectParams = SelectParams()
    report: ReportParams = ReportParams()
    diff: DiffParams = DiffParams()
    check: CheckParams = CheckParams()

    @property
    def sets(self) -> SetNotation | None:
        """How several labels a sample are written; None where each sample has one."""
        return sets_of(self.source, self.score.task)


def sets_of(source: SourceParams, task: str) -> SetNotation | None:
    """Return how several labels a sample are written under a task; None where it is another."""
    return SetNotation(source.label_separator) if task == "multilabel" else None
