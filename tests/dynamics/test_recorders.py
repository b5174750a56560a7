"""The recorders of docs/dynamics.md, run as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from places import ROOT
from torch import nn

from cgaudit.dynamics import read_log

DOCS = (ROOT / "docs" / "dynamics.md").read_text(encoding="utf-8")
PLAIN, LIGHTNING, TRAINER = re.findall(
    r"^```python\n(.*?)^```$", DOCS, flags=re.DOTALL | re.MULTILINE
)


def names_of(*blocks: str) -> dict:
    names: dict = {}
    for block in blocks:
        exec(block, names)
    return names


def batches(inputs: torch.Tensor, labels: torch.Tensor) -> list:
    ids = [f"s{row}" for row in range(len(labels))]
    return [(ids[:5], inputs[:5], labels[:5]), (ids[5:], inputs[5:], labels[5:])]


def test_a_plain_loop(tmp_path: Path) -> None:
    record = names_of(PLAIN)["record"]
    torch.manual_seed(0)
    inputs, labels = torch.randn(9, 4), torch.arange(9) % 3
    model = nn.Linear(4, 3)
    optimiser = torch.optim.Adam(model.parameters(), 0.5)
    for epoch in range(4):
        nn.functional.cross_entropy(model(inputs), labels).backward()
        optimiser.step()
        optimiser.zero_grad()
        record(tmp_path / "log.jsonl", epoch, model, batches(inputs, labels))
    log = read_log(tmp_path / "log.jsonl", {})
    assert log.epochs == [0, 1, 2, 3]
    assert len(log) == 9
    with torch.inference_mode():
        p = model(inputs).softmax(1)
    given = p[torch.arange(9), labels]
    assert log.p_given[:, 3].tolist() == pytest.approx(given.tolist(), abs=1e-5)
    assert log.agrees[:, 3].tolist() == (p.argmax(1) == labels).double().tolist()


def test_lightning(tmp_path: Path) -> None:
    lightning = pytest.importorskip("lightning")
    recorder = names_of(PLAIN, LIGHTNING)["Recorder"]
    inputs, labels = torch.randn(9, 4), torch.arange(9) % 3

    class Net(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x)

        def training_step(self, batch: list, _: int) -> torch.Tensor:
            return nn.functional.cross_entropy(self(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters())

    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(inputs, labels), 3)
    trainer = lightning.Trainer(
        max_epochs=2, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, default_root_dir=tmp_path,
        callbacks=[recorder(tmp_path / "log.jsonl", batches(inputs, labels))],
    )  # fmt: skip
    trainer.fit(Net(), data)
    assert read_log(tmp_path / "log.jsonl", {}).epochs == [0, 1]


def test_hugging_face_trainer(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    recorder = names_of(PLAIN, TRAINER)["Recorder"]
    config = transformers.BertConfig(
        vocab_size=30, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=8, max_position_embeddings=8, num_labels=3,
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config)
    tokens, labels = torch.randint(0, 30, (9, 5)), torch.arange(9) % 3
    rows = [{"input_ids": t, "labels": y} for t, y in zip(tokens, labels, strict=True)]
    given = [
        (ids, {"input_ids": part}, own)
        for ids, part, own in batches(tokens, labels)
    ]  # fmt: skip
    trainer = transformers.Trainer(
        model=model,
        args=transformers.TrainingArguments(
            output_dir=str(tmp_path), num_train_epochs=2, report_to=[], use_cpu=True,
            save_strategy="no", disable_tqdm=True, per_device_train_batch_size=3,
        ),
        train_dataset=rows,
        callbacks=[recorder(tmp_path / "log.jsonl", given)],
    )  # fmt: skip
    trainer.train()
    log = read_log(tmp_path / "log.jsonl", {})
    assert log.epochs == [1, 2]
    assert len(log) == 9
