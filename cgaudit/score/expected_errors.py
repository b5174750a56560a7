"""How many labels to expect to be wrong, and how likely each is to be.

`label_score` is the probability of a label *as given labels go*: where features say little, it is
low for right labels too. What tells an error from the model's own doubt is that a wrong label falls
where the calibrated model would hardly ever put one. So the given labels are taken for draws from
the calibrated leave-one-out prediction with symmetric noise on top (Angluin & Laird 1988; Patrini
et al. 2017, eq. 2, with T_kj = ε / (K − 1) off the diagonal),

    y_i ~ (1 − ε) q_i(y) + ε (1 − q_i(y)) / (K − 1),    q_i = softmax(T ŷ_i + b),

with T, b and ε fitted by penalised likelihood. The second term's share of the sum, at the given
label, is w_i, the probability that the label is wrong.

It is honest for errors that fall on any label of any sample alike. Those of people who confuse what
the model confuses go into q, and no fit to the given labels takes them out again: the count is then
a lower bound. Two signs decide whether it is one: how much doubt is left that could hide more, and
whether the errors that stand out spread evenly over the other classes, as they would if none were
hidden between like classes. `benchmarks/count.py` measures all of this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cgaudit.executor import Column, Executor
from cgaudit.numerics.classes import UNLABELLED
from cgaudit.numerics.contents import Keys
from cgaudit.score.labelling import OnDevice, PartLabels
from cgaudit.score.predictions import Logits

#: Log-likelihood that the noise must gain to be believed: odds of twenty to one.
GAIN = math.log(20)
#: Expected errors as a share of these and the doubt that is left, for the figures to say something.
TELLING = 0.2
#: Collisions by chance among the errors that stand out, for their spread to say something …
COLLISIONS = 10
#: … and how many standard deviations above it (5 %, one-sided) are no longer chance.
EVEN = 1.645
#: Standard normal quantile of a 95 % interval.
Z = 1.959964
#: Numbers that are fitted to; beyond it, to a sample of the rows.
FIT_SIZE = 1 << 21
MIN_ROWS = 256
#: Rows that are held in float64 together.
ROWS = 1 << 14
MAX_STEPS = 200
#: Where the fit starts.
START_TEMPERATURE = 5.0
START_NOISE = 0.05
#: Spread of T's half-normal prior, which bounds T where the classes are apart.
TEMPERATURE_SPREAD = 100.0


@dataclass(frozen=True)
class ExpectedErrors:
    """What is to be expected of n given labels.

    Attributes
    ----------
    n_expected_errors
        Σ_i w_i; 0 where no error stands out.
    low, high
        Its 95 % interval, from the spread of the errors given w and of T and ε.
    n_doubtful
        Σ_i (1 − w_i)(1 − q_i(y_i)): labels that the model would not have expected, though it takes
        them for right. Errors that look like its own confusions are among them.
    is_lower_bound
        More errors may hide in that doubt: "at least `low`", and no `high`.
    error_probability : ndarray of float32, shape (n,)
        w_i; NaN where there is no label.
    """

    n_expected_errors: float
    low: float
    high: float
    n_doubtful: float
    is_lower_bound: bool
    error_probability: np.ndarray = field(repr=False)

    @property
    def tells_precision(self) -> bool:
        """Whether the mean of w over some labels says how many of these are wrong."""
        both = self.n_expected_errors + self.n_doubtful
        return self.n_expected_errors > 0 and self.n_expected_errors >= TELLING * both

    def flag_precision(self, flagged: np.ndarray) -> float | None:
        """Return the mean of w over flagged labels, a lower bound where the count is one.

        None where nothing is flagged, or too much of the doubt is the model's own.

        Parameters
        ----------
        flagged : ndarray of bool, shape (n,)
        """
        if not flagged.any() or not self.tells_precision:
            return None
        return float(self.error_probability[flagged].mean(dtype=np.float64))


def expect_errors(
    executor: Executor, logits: Column, parts: Sequence[PartLabels], keys: Keys, n_classes: int
) -> ExpectedErrors:
    """Return how many labels are expected to be wrong, and which.

    Parameters
    ----------
    executor
        Where the parts are.
    logits
        Least squares' leave-one-out predictions ŷ of the samples of each part. (Those of the
        softmax see a little of the own label, and hardly find an error.)
    parts
        Their labels.
    keys : ndarray of uint64, shape (n,)
        Keyed hashes of what all samples hold. Beyond `FIT_SIZE` numbers those with the smallest are
        fitted to.
    n_classes
        K.

    Returns
    -------
    ExpectedErrors
        A label that a single sample has, for which nothing can speak, is as likely to be wrong as
        any.
    """
    codes = np.concatenate([part.codes for part in parts])
    labelled = codes != UNLABELLED
    counts = np.bincount(codes[labelled], minlength=n_classes)
    lonely = np.append(counts == 1, False)
    rows = _sample(labelled & ~lonely[codes], n_classes, keys)
    values = np.concatenate(executor.map(_values_of, logits, _local(rows, parts)))
    (noise,) = executor.map(_fitted, [values], [codes[rows]])
    found = executor.map(_judged, logits, parts, shared=(noise, lonely))
    sums = np.sum([one.sums for one in found], axis=0)
    scale = labelled.sum() / max(1, len(rows))
    deviation = math.sqrt(float(sums[1]) + noise.variance * scale**2)
    expected = ExpectedErrors(
        n_expected_errors=float(sums[0]),
        low=max(0.0, float(sums[0]) - Z * deviation),
        high=float(sums[0]) + Z * deviation,
        n_doubtful=float(sums[2]),
        is_lower_bound=True,
        error_probability=np.concatenate([one.wrong for one in found]),
    )
    sure = expected.tells_precision and noise.is_even
    return replace(expected, is_lower_bound=not sure)


@dataclass(frozen=True)
class _Noise:
    """The fitted model.

    Attributes
    ----------
    temperature, bias, share
        T, b (float64, shape (K,)) and ε.
    variance
        Of Σ w over the samples that were fitted to, from T's and ε's.
    is_even
        Whether the errors that stand out spread as chance would have it.
    """

    temperature: float
    bias: Tensor
    share: float
    variance: float
    is_even: bool


class _Judged(NamedTuple):
    """w of the samples of a part, float32, NaN where there is no label; and float64 sums over them.

    The sums are Σ w, Σ w (1 − w) and Σ (1 − w) (1 − q).
    """

    wrong: np.ndarray
    sums: np.ndarray


def _sample(usable: np.ndarray, n_classes: int, keys: Keys) -> np.ndarray:
    """Return the rows to fit to: int64, in order."""
    rows = np.flatnonzero(usable)
    room = max(MIN_ROWS, FIT_SIZE // n_classes)
    if len(rows) > room:
        rows = np.sort(rows[np.argsort(keys[rows], kind="stable")[:room]])
    return rows


def _local(rows: np.ndarray, parts: Sequence[PartLabels]) -> list[np.ndarray]:
    """Return rows, ascending, by their number within their part."""
    starts = np.cumsum([0, *(len(part.codes) for part in parts)])
    bounds = np.searchsorted(rows, starts)
    return [
        rows[left:right] - start
        for left, right, start in zip(bounds[:-1], bounds[1:], starts[:-1], strict=True)
    ]


def _values_of(logits: Logits, rows: np.ndarray) -> np.ndarray:
    """Return ŷ of some samples of a part: float64, shape (r, K)."""
    index = torch.tensor(rows)
    parts = [part[index.to(part.device)].double() for _, part in logits.chunks()]
    return torch.cat(parts, dim=1).cpu().numpy()


def _fitted(values: np.ndarray, codes: np.ndarray) -> _Noise:
    noisy = _Noisy.fitted(torch.tensor(values), torch.tensor(codes))
    return _Noise(noisy.temperature, noisy.bias, noisy.noise, noisy.variance(), noisy.is_even())


def _judged(logits: Logits, part: PartLabels, noise: _Noise, lonely: np.ndarray) -> _Judged:
    """Return how likely the labels of a part are to be wrong."""
    labels = part.on(logits.given.device)
    q = _given_probability(logits, noise, labels)
    right, wrong = _shares(q, noise.share, logits.n_classes)
    w = wrong / (right + wrong).clamp(min=torch.finfo(q.dtype).tiny)
    w[torch.tensor(lonely).to(w.device)[labels.codes]] = noise.share
    everyone = np.full(len(part.codes), np.nan, dtype=np.float32)
    everyone[part.labelled] = w.cpu().numpy()
    sums = torch.stack([w, w * (1 - w), (1 - w) * (1 - q)]).sum(dim=1)
    return _Judged(everyone, sums.cpu().numpy())


def _given_probability(logits: Logits, noise: _Noise, labels: OnDevice) -> Tensor:
    """Return q_i(y_i) of all labelled samples: float64, shape (n_l,)."""
    bias = noise.bias.to(logits.given.device)
    normaliser = torch.full_like(logits.given, -math.inf, dtype=torch.float64)
    for classes, values in logits.chunks():
        part = torch.cat(
            [
                torch.logsumexp(noise.temperature * block.double() + bias[classes], dim=1)
                for block in torch.split(values[labels.labelled], ROWS)
            ]
        )
        normaliser = torch.logaddexp(normaliser, part)
    own = noise.temperature * logits.given.double() + bias[labels.codes]
    return torch.exp(own - normaliser).clamp(max=1)


def _shares(q: Tensor, noise: Tensor | float, n_classes: int) -> tuple[Tensor, Tensor]:
    """Return what the model expects of right labels and of wrong ones, at the given label."""
    return (1 - noise) * q, noise * (1 - q) / (n_classes - 1)


class _Noisy:
    """The model, fitted to m samples.

    Parameters
    ----------
    values : Tensor of float64, shape (m, K)
        ŷ.
    codes : Tensor of int64, shape (m,)
        Given classes.
    """

    def __init__(self, values: Tensor, codes: Tensor) -> None:
        self._values, self._codes = values, codes
        self._n_classes = values.shape[1]
        #: With more noise than this, labels would say the less about the features the truer.
        self._limit = (self._n_classes - 1) / self._n_classes
        self._log_temperature = values.new_tensor(math.log(START_TEMPERATURE))
        self._noise_logit: Tensor | None = None
        self.bias = values.new_zeros(self._n_classes)

    @classmethod
    def fitted(cls, values: Tensor, codes: Tensor) -> _Noisy:
        """Fit T and b, then ε with them; leave ε at 0 where it explains too little."""
        model = cls(values, codes)
        if not len(codes):
            return model
        plain = model._climb()
        kept = model._log_temperature.clone(), model.bias.clone()
        model._noise_logit = values.new_tensor(math.log(START_NOISE / (model._limit - START_NOISE)))
        if model._climb() - plain < GAIN:
            (model._log_temperature, model.bias), model._noise_logit = kept, None
        return model

    @property
    def temperature(self) -> float:
        """T."""
        return math.exp(float(self._log_temperature))

    @property
    def noise(self) -> float:
        """ε."""
        return float(self._noise())

    def wrong(self, q: Tensor) -> Tensor:
        """Return w of labels that have these q_i(y_i)."""
        right, wrong = _shares(q, self._noise().to(q), self._n_classes)
        return wrong / (right + wrong).clamp(min=torch.finfo(q.dtype).tiny)

    def variance(self) -> float:
        """Return the variance of Σ w over the m samples that comes from T's and ε's (delta rule).

        The inverse of the observed information is taken for their covariance, b held where it is.
        """
        if self._noise_logit is None:
            return 0.0
        free = [self._log_temperature, self._noise_logit]
        with _varying(free):
            slope = torch.stack(torch.autograd.grad(self.wrong(self._own()).sum(), free))
            gradient = torch.autograd.grad(self._objective(), free, create_graph=True)
            rows = [torch.autograd.grad(part, free, retain_graph=True) for part in gradient]
        information = torch.stack([torch.stack(row) for row in rows])
        return max(0.0, float(slope @ torch.linalg.pinv(information) @ slope))

    def is_even(self) -> bool:
        """Whether the errors that stand out spread over the other classes as chance would have it.

        Among n_k such samples of suggested class k, pairs with the same given label are counted.
        Were each of the K − 1 other labels as likely, 1 in K − 1 of the n_k (n_k − 1) / 2 pairs
        would be; pairs are uncorrelated then, which gives the variance. False where too few
        collisions are to be expected for a verdict, as with two classes.
        """
        others = self._n_classes - 1
        with torch.no_grad():
            stands_out = self.wrong(self._own()) > 0.5
            suggested = (self.temperature * self._values + self.bias).argmax(dim=1)[stands_out]
        cells = torch.bincount(
            suggested * self._n_classes + self._codes[stands_out], minlength=self._n_classes**2
        ).reshape(self._n_classes, self._n_classes)
        met, pairs = _pairs(cells), _pairs(cells.sum(dim=1))
        expected = pairs / others
        deviation = math.sqrt(expected * (1 - 1 / others))
        return expected >= COLLISIONS and deviation > 0 and met - expected <= EVEN * deviation

    def _noise(self) -> Tensor:
        if self._noise_logit is None:
            return self._values.new_zeros(())
        return self._limit * torch.sigmoid(self._noise_logit)

    def _own(self) -> Tensor:
        """Return q_i(y_i): shape (m,)."""
        log_q = torch.log_softmax(
            torch.exp(self._log_temperature) * self._values + self.bias, dim=1
        )
        return log_q.gather(1, self._codes[:, None])[:, 0].exp()

    def _objective(self) -> Tensor:
        """Return minus the log-likelihood, with normal priors of b and T."""
        right, wrong = _shares(self._own(), self._noise(), self._n_classes)
        p = (right + wrong).clamp(min=torch.finfo(right.dtype).tiny)
        far = torch.exp(self._log_temperature) / TEMPERATURE_SPREAD
        return -torch.log(p).sum() + (self.bias**2).sum() / 2 + far**2 / 2

    def _climb(self) -> float:
        """Move T, b and, where there is one, ε to the maximum; return its height."""
        free = [self._log_temperature, self.bias]
        if self._noise_logit is not None:
            free.append(self._noise_logit)
        with _varying(free):
            _minimise(self._objective, free)
        with torch.no_grad():
            return -float(self._objective())


@contextmanager
def _varying(free: list[Tensor]) -> Iterator[None]:
    for parameter in free:
        parameter.requires_grad_(True)
    try:
        yield
    finally:
        for parameter in free:
            parameter.requires_grad_(False)
            parameter.grad = None


def _minimise(objective: Callable[[], Tensor], free: list[Tensor]) -> None:
    optimiser = torch.optim.LBFGS(
        free,
        max_iter=MAX_STEPS,
        tolerance_grad=1e-7,
        tolerance_change=1e-12,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        height = objective()
        height.backward()  # type: ignore[no-untyped-call]
        return height

    optimiser.step(loss)  # type: ignore[no-untyped-call]


def _pairs(counts: Tensor) -> float:
    """Return how many pairs can be formed within each of these counts, together."""
    return float((counts * (counts - 1)).sum()) / 2
