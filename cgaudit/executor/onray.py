"""Work on a Ray cluster; the only module that imports ray."""

from __future__ import annotations

import logging
import mmap
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np

from cgaudit.errors import EXIT_GATE, CgauditError
from cgaudit.executor.base import ClusterError, Column, Done, Shared, folded, in_groups
from cgaudit.reading.stacked import StackedRows

R = TypeVar("R")

#: The environment variable by which Ray knows its cluster, and what it says for one of our own.
ADDRESS, LOCAL = "RAY_ADDRESS", "local"

#: How often a part is begun anew when its worker dies.
RETRIES = 4
_SECONDS_TO_CONNECT = 5.0


class WorkerError(CgauditError):
    """A part of the work cannot be done where it runs."""

    exit_code = EXIT_GATE


class _Failed:
    """An error that a user can mend, on its way to them: it is a result like others until here."""

    def __init__(self, error: CgauditError) -> None:
        self.error = error


@dataclass(frozen=True)
class _MappedFile:
    """An array that lies in a file, which every machine of the cluster must see under one path."""

    path: Path
    dtype: np.dtype
    shape: tuple[int, ...]
    offset: int
    order: Literal["C", "F"]
    changed: int

    @classmethod
    def of(cls, array: np.memmap) -> _MappedFile:
        path = Path(str(array.filename)).absolute()
        order: Literal["C", "F"] = "C" if array.flags.c_contiguous else "F"
        changed = path.stat().st_mtime_ns
        return cls(path, array.dtype, array.shape, array.offset, order, changed)

    def opened(self) -> np.ndarray:
        try:
            if self.path.stat().st_mtime_ns == self.changed:
                return np.memmap(
                    self.path, self.dtype, "r", self.offset, self.shape, order=self.order
                )
        except (OSError, ValueError):
            pass
        raise ClusterError(
            f"{self.path} is not the same file on {socket.gethostname()} as here. Keep the project "
            "on storage that all machines of the cluster see under the same path."
        )


@dataclass(frozen=True)
class _MappedFiles:
    """Rows that lie in several files."""

    files: tuple[object, ...]

    def opened(self) -> StackedRows:
        return StackedRows([_opened(file) for file in self.files])  # type: ignore[misc]


def _portable(value: object) -> object:
    if isinstance(value, StackedRows):
        return _MappedFiles(tuple(_portable(part) for part in value.parts))
    whole_file = isinstance(value, np.memmap) and isinstance(value.base, mmap.mmap)
    return _MappedFile.of(value) if whole_file else value  # type: ignore[arg-type]


def _opened(value: object) -> object:
    return value.opened() if isinstance(value, (_MappedFile, _MappedFiles)) else value


class OnRay:
    """Tasks of one CPU each; what they keep lies in the cluster's object store.

    Ray runs a part again whose worker or node is lost, and what it was made from, as long as it may
    (`RETRIES`): the parts are functions of their input, so the bytes are the same.
    """

    elsewhere = True

    def __init__(self, ray: Any, cards: int = 0) -> None:  # noqa: ANN401 - a module that may not be there
        self._ray = ray
        options = {"num_cpus": 1, "max_retries": RETRIES, "retry_exceptions": False}
        self._task = ray.remote(**options, num_gpus=cards)(_run)
        self._merging = ray.remote(**options)(_merge)

    @classmethod
    def connected(cls) -> OnRay:
        """Return the cluster that RAY_ADDRESS names.

        Raises
        ------
        ClusterError
            Ray is not installed, or no cluster of this version of Ray and Python, with a CPU to
            run on, is there.
        """
        # Before it is imported, which is when Ray looks. Without a number of its own, a part that
        # takes more memory than there is would be begun anew without end.
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        os.environ["RAY_task_oom_retries"] = str(RETRIES)  # noqa: SIM112 - Ray's own name
        try:
            import ray
        except ImportError:
            raise ClusterError(
                "Ray is not installed, so no work can run on it. Run `pip install 'cgaudit[ray]'`, "
                "on the machines of the cluster too."
            ) from None
        if not ray.is_initialized():
            _connect(ray, os.environ.get(ADDRESS))
        there: dict[str, float] = ray.cluster_resources()
        if there.get("CPU", 0) < 1:
            raise ClusterError(
                "The Ray cluster has no CPU for work to run on. Add a machine: "
                "`ray start --address=HOST:6379` on it."
            )
        return cls(ray)

    def with_cards(self) -> OnRay:
        """Return the cluster with a card for each part, if it has any; it then waits for those."""
        there = self._ray.cluster_resources().get("GPU", 0) >= 1
        return OnRay(self._ray, cards=1) if there else self

    def share(self, value: object) -> Shared:
        """Put a value into the object store; of what is mapped from a file, the file's name."""
        return self._ray.put(_portable(value))

    def keep(
        self,
        work: Callable[..., Any],
        *columns: Column,
        shared: Sequence[Shared] = (),
        done: Done | None = None,
    ) -> Column:
        """Start the work on all parts, and return where its results will be."""
        kept = [
            self._task.remote(work, *entries, *shared) for entries in zip(*columns, strict=True)
        ]
        waiting = kept if done is not None else []
        while waiting and done is not None:
            ready, waiting = self._ray.wait(waiting, num_returns=1, fetch_local=False)
            for _ in ready:
                done()
        return kept

    def map(
        self, work: Callable[..., R], *columns: Column, shared: Sequence[Shared] = ()
    ) -> list[R]:
        """Return the results of all parts."""
        return self._fetched(self.keep(work, *columns, shared=shared), work)

    def reduce(
        self,
        work: Callable[..., R],
        merge: Callable[[R, R], R],
        *columns: Column,
        shared: Sequence[Shared] = (),
        done: Done | None = None,
    ) -> R:
        """Return the merged results of all parts."""
        kept = self.keep(work, *columns, shared=shared, done=done)
        whole = in_groups(kept, lambda group: self._merging.remote(merge, *group))
        try:
            result: R = self._fetched([whole], work)[0]
            return result
        except WorkerError:
            # Which of the parts it was.
            self._fetched(kept, work)
            raise

    def _fetched(self, kept: Column, work: Callable[..., Any]) -> list[Any]:
        found = []
        for at, reference in enumerate(kept):
            result = self._one(reference, f"part {at + 1} of {len(kept)} of {work.__name__}")
            if isinstance(result, _Failed):
                raise result.error
            found.append(result)
        return found

    def _one(self, reference: object, name: str) -> object:
        failures = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except failures.RayError as error:
            of_task = isinstance(error, failures.RayTaskError)
            # A task that was given what a lost one should have made fails of the same.
            cause = error.cause if of_task else error
            if not isinstance(cause, failures.RayError):
                raise error.as_instanceof_cause() from None
            lost_parts = (
                failures.WorkerCrashedError,
                failures.NodeDiedError,
                failures.OutOfMemoryError,
                failures.ObjectLostError,
                failures.TaskUnschedulableError,
            )
            raise (_lost_part if isinstance(cause, lost_parts) else _lost_cluster)(
                cause, name
            ) from None


def _lost_part(error: BaseException, name: str) -> CgauditError:
    return WorkerError(
        f"On the Ray cluster, {name} ended its worker {RETRIES + 1} times ({_said(error)}). Look "
        "into the logs of that machine's workers; where memory is short, give each machine fewer "
        "CPUs (`ray start --num-cpus`)."
    )


def _lost_cluster(error: BaseException, _: str) -> CgauditError:
    return ClusterError(
        f"The Ray cluster is lost ({_said(error)}). Start it again, then run this again."
    )


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _connect(ray: Any, address: str | None) -> None:  # noqa: ANN401
    if not address:
        raise ClusterError(
            f"Work is to run on Ray, and {ADDRESS} names no cluster. Set it to HOST:6379 of a "
            f"cluster that `ray start --head` started, or to {LOCAL!r} for one on this machine "
            "that ends with this command."
        )
    if address != LOCAL and not address.startswith("ray://"):
        _refuse_unreachable(address)
    try:
        options = {"include_dashboard": False} if address == LOCAL else {}
        with _signals_kept():
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **options)
    except Exception as error:  # What a machine refuses or is too slow for, Ray raises bare.
        said = " ".join(str(error).split())
        raise ClusterError(
            f"{ADDRESS} is {address!r}, and no work can run there: {said[:500]}. The cluster must "
            f"run Ray {ray.__version__} and this version of Python."
        ) from None


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Have SIGTERM end this process as it would without Ray, which puts its own handler there."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    yield
    if before is not None:
        signal.signal(signal.SIGTERM, before)


def _refuse_unreachable(address: str) -> None:
    """Say at once that nobody listens, which Ray itself takes long to notice."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        if address == "auto":
            return
        raise ClusterError(
            f"{ADDRESS} is {address!r}, which is no HOST:PORT such as 10.0.0.1:6379."
        )
    try:
        socket.create_connection((host, int(port)), _SECONDS_TO_CONNECT).close()
    except OSError as error:
        raise ClusterError(
            f"{ADDRESS} is {address!r}, and nobody answers there ({error.strerror or error}). "
            "Start the cluster with `ray start --head`, or mend the address."
        ) from None


def _run(work: Callable[..., Any], *entries: object) -> object:
    """Do the work on one part, by one thread; bring a user's error back whole."""
    import torch

    torch.set_num_threads(1)
    failed = next((entry for entry in entries if isinstance(entry, _Failed)), None)
    if failed is not None:
        return failed
    try:
        return work(*map(_opened, entries))
    except CgauditError as error:
        return _Failed(error)


def _merge(merge: Callable[[Any, Any], Any], *results: object) -> object:
    """Merge the results of a group of parts, in their order."""
    failed = next((result for result in results if isinstance(result, _Failed)), None)
    return failed if failed is not None else folded(results, merge)
