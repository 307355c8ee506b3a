"""Submissions given to workers on other machines, by dask.distributed; each makes its own sandbox, and only answers come back.

A worker that is lost costs nothing but time: what it was doing is done again by another, and every submission has one result.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from quorumlab.grading.labs import found
from quorumlab.grading.run import Answers, answers_of
from quorumlab.grading.sandbox import Limits, sandbox, without_sandbox
from quorumlab.grading.store import Settings
from quorumlab.grading.submissions import Submission

AGAIN = 5
"""How often a submission is given to another worker after one was lost with it."""


class SpreadError(Exception):
    """The workers cannot be reached; the message says in one sentence why, and what to do."""


def spread(
    scheduler: str,
    lab: str,
    settings: Settings,
    limits: Limits,
    trusted: bool,
    submissions: Sequence[Submission],
) -> Iterator[tuple[Submission, Answers | Exception]]:
    """The answers of each submission, or why there are none, as they come from the workers. Raises SpreadError."""
    distributed = _distributed()
    try:
        client = distributed.Client(scheduler, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise SpreadError(
            f"There is no scheduler of dask.distributed at {scheduler!r} ({error}); start one with dask scheduler."
        ) from None
    with client:
        futures = {
            client.submit(_answers, lab, settings, limits, trusted, each, pure=False, retries=AGAIN): each
            for each in submissions
        }
        for future in distributed.as_completed(futures):
            yield futures[future], future.exception() or future.result()


def _answers(lab: str, settings: Settings, limits: Limits, trusted: bool, submission: Submission) -> Answers:
    """What a worker does: the same as one machine alone."""
    labs = found()
    facts = labs[lab].facts_of(submission.student if settings.variants else "")
    box = without_sandbox() if trusted else sandbox(limits=limits)
    return answers_of(labs[lab], list(labs.values()), submission, settings.seed, facts, box, limits)


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ModuleNotFoundError:
        raise SpreadError(
            "--scheduler needs dask.distributed; install it with python -m pip install 'quorumlab[dask]'."
        ) from None
