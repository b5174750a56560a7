"""Whether a training log helps to find wrong labels, and whether it is told when it does not.

    python benchmarks/dynamics.py [DATA] --cache FOLDER [--set NAME] [--seeds 1]

For each set and model: AUROC / average precision of ranking wrong labels by label_score alone, by
the mean loss of the log alone and by the joined score; the training accuracy after the last epoch,
how much of what is contradicted the model agreed with over all epochs, and whether the log would be
joined. The models: on pictures a small convolutional network (pictures mirrored at random) and a
deeper one (normalised, with dropout, pictures moved too), and on the features an MLP with weight
decay; and a wide MLP without any, which learns everything by heart within a few epochs. A log is
what the recorder of docs/dynamics.md writes: after each epoch, in evaluation mode, the probability
of the given label.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from machine import machine
from PIL import Image
from sets import Array, LabelledSet, arguments, every
from sklearn.metrics import average_precision_score, roc_auc_score
from torch import Tensor, nn

from cgaudit.dynamics import Log, joined_score, measures, worth_joining
from cgaudit.score import Judging, Scorer, Solving, choose_ridge

SETS = ("cifar10n-3k", "signs", "banking77 10 %", "digits 10 %")
PICTURES = ("cifar10n-3k", "signs", "clothing")
EPOCHS = 20


def main() -> None:
    asked = arguments(__doc__.splitlines()[0]).parse_args()
    print(f"{machine()}\n")
    heads = ["set", "model", "label_score", "mean loss", "joined", "last accuracy", "agreed with"]
    print(f"| {' | '.join([*heads, 'joins'])} |\n|{'---|' * (len(heads) + 1)}")
    for name, made in every(asked.data, asked.cache, asked.sets or SETS, seeds=1):
        one = made[0]
        codes = np.unique(one.given, return_inverse=True)[1]
        ridge = float(choose_ridge(one.features, one.given))
        scored = Scorer(one.features, Solving(ridge=ridge)).score(one.given, Judging())
        for model, log in logs(name, one, codes, asked.data, asked.seeds):
            contradicted = scored.predicted_label != scored.given_label
            found = measures(log)
            scores = scored.label_score.astype(np.float64)
            verdict = worth_joining(log, contradicted, scores)
            cells = [
                quality(one.wrong, values)
                for values in (scores, -found.mean_loss, joined_score(scores, found))
            ]
            agreed = log.agrees[contradicted].mean()
            cells += [f"{log.agrees[:, -1].mean():.2f}", f"{agreed:.2f}"]
            joins = "yes" if verdict.joins else "refused"
            print(f"| {name} | {model} | {' | '.join(cells)} | {joins} |", flush=True)


def quality(wrong: Array, trust: Array) -> str:
    auroc, precision = roc_auc_score(wrong, -trust), average_precision_score(wrong, -trust)
    return f"{auroc:.3f} / {precision:.3f}"


def logs(
    name: str, one: LabelledSet, codes: Array, data: Path, seeds: int
) -> Iterator[tuple[str, Log]]:
    """Yield what each model writes of a set, once a seed."""
    rows = torch.from_numpy(np.asarray(one.features, dtype=np.float32))
    rows = nn.functional.normalize((rows - rows.mean(0)) / (rows.std(0) + 1e-6))
    n_classes = int(codes.max()) + 1
    for seed in range(seeds):
        if name in PICTURES:
            shown = pictures(name, data)
            yield f"CNN, seed {seed}", trained(shown, codes, cnn(n_classes), seed)
            model = deeper_cnn(n_classes)
            log = trained(shown, codes, model, seed, rate=2e-3, decay=5e-2, shift=4)
            yield f"deeper CNN, seed {seed}", log
        small = mlp(rows.shape[1], 128, n_classes)
        yield f"MLP, seed {seed}", trained(rows * 8, codes, small, seed, decay=1e-2)
        wide = mlp(rows.shape[1], 2048, n_classes)
        yield f"wide MLP, seed {seed}", trained(rows * 30, codes, wide, seed, rate=3e-3)


def pictures(name: str, data: Path, side: int = 32) -> Tensor:
    """Return the pictures of a set in the order of its ids: (n, 3, side, side)."""
    root = data / name
    table = pd.read_csv(root / "labels.csv", dtype=str).sort_values("id")
    folder = root / "images" if (root / "images").is_dir() else root
    found = []
    for path in table["path"]:
        file = root / path if (root / path).exists() else folder / path
        found.append(np.array(Image.open(file).convert("RGB").resize((side, side))))
    return torch.from_numpy(np.stack(found)).permute(0, 3, 1, 2).float() / 127.5 - 1


def cnn(n_classes: int) -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 48, 5, stride=2, padding=2), nn.ReLU()),
        *(nn.Conv2d(48, 96, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(96 * 64, 128), nn.ReLU(), nn.Linear(128, n_classes)),
    )


def deeper_cnn(n_classes: int) -> nn.Module:
    """Return a network as people train them: normalised, pooled, with dropout."""

    def block(inner: int, outer: int) -> list[nn.Module]:
        convolved = nn.Conv2d(inner, outer, 3, padding=1, bias=False)
        return [convolved, nn.BatchNorm2d(outer), nn.ReLU(), nn.MaxPool2d(2)]

    blocks = [*block(3, 32), *block(32, 64), *block(64, 128)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(128, n_classes)]
    return nn.Sequential(*blocks, *head)


def mlp(width: int, hidden: int, n_classes: int) -> nn.Module:
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, n_classes))


def moved(batch: Tensor, most: int) -> Tensor:
    """Return pictures moved at random by up to `most` pixels, their edges repeated."""
    wide = nn.functional.pad(batch, (most,) * 4, mode="replicate")
    height, width = batch.shape[2:]
    down, right = torch.randint(0, 2 * most + 1, (2, len(batch)))
    return torch.stack(
        [
            picture[:, a : a + height, b : b + width]
            for picture, a, b in zip(wide, down.tolist(), right.tolist(), strict=True)
        ]
    )


def trained(
    rows: Tensor,
    codes: Array,
    model: nn.Module,
    seed: int,
    *,
    rate: float = 1e-3,
    decay: float = 0.0,
    shift: int = 0,
) -> Log:
    """Train, and note after each epoch what the model gives to the given labels.

    `shift` is by how many pixels pictures are moved at random, at most.
    """
    torch.manual_seed(seed)
    for module in model.modules():
        if callable(reset := getattr(module, "reset_parameters", None)):
            reset()
    targets = torch.from_numpy(codes)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    p, agrees = [], []
    for _ in range(EPOCHS):
        model.train()
        for part in torch.randperm(len(rows)).split(64):
            batch = rows[part]
            if batch.ndim == 4:
                mirrored = torch.rand(len(batch)) < 0.5
                batch = torch.where(mirrored[:, None, None, None], batch.flip(3), batch)
            if shift:
                batch = moved(batch, shift)
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(batch), targets[part]).backward()
            optimiser.step()
        model.eval()
        with torch.inference_mode():
            logits = torch.cat([model(part) for part in rows.split(512)])
        p.append(logits.softmax(1)[torch.arange(len(rows)), targets].numpy())
        agrees.append((logits.argmax(1) == targets).double().numpy())
    shape = (len(rows), EPOCHS)
    ids = [str(row) for row in range(len(rows))]
    given = np.stack(p, axis=1).astype(np.float64)
    return Log(
        "a log", ids, list(range(EPOCHS)), given, np.stack(agrees, axis=1), np.full(shape, np.nan)
    )


if __name__ == "__main__":
    main()
