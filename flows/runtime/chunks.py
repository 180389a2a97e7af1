"""Chunks at work: submitted to the flow's task runner, awaited without blocking, none lost."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import wraps
from typing import Any, Final, ParamSpec, cast

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed

from domain.errors import AccreditationError
from flows.runtime.outcomes import Chunk, ChunkFailure, ChunkOutcome, StageFailedError, StageOutcome, error_code
from flows.runtime.progress import ProgressArtifact, StageProgress
from flows.runtime.shield import shielded

Arguments = ParamSpec("Arguments")

SECONDS_BEFORE_RETRIES: Final = (1.0, 5.0, 25.0)

SELDOM: Final = (50_000, 20, 50)
"""When Python looks for cycles in a process that works on chunks (:func:`gc.set_threshold`): with its own (700, 10, 10)
it goes through thousands of living models again and again, an eighth of the processor time at 1,500 applications."""


def worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Ask the error itself: a database that is busy may be free in a second, a refusal stays one."""
    return isinstance(state.data, AccreditationError) and state.data.retryable


def chunk_task(
    stage: str, *, retries: int = 3
) -> Callable[[Callable[Arguments, ChunkOutcome]], Task[Arguments, ChunkOutcome]]:
    """Make a chunk function (first parameter ``chunk``) a Prefect task.

    It is retried only if the error says that waiting helps, nothing is cached (the database says what is still
    due), and the words of foreign errors do not reach Prefect.
    """

    def made(work: Callable[Arguments, ChunkOutcome]) -> Task[Arguments, ChunkOutcome]:
        @wraps(work)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> ChunkOutcome:
            gc.set_threshold(*SELDOM)
            with shielded():
                return work(*args, **kwargs)

        return task(
            name=f"{stage}-chunk",
            task_run_name=f"{stage} {{chunk.number}}",
            retries=retries,
            retry_delay_seconds=list(SECONDS_BEFORE_RETRIES[:retries]),
            retry_condition_fn=worth_retrying,
            retry_jitter_factor=0.5,
            cache_policy=NO_CACHE,
            persist_result=False,
        )(guarded)

    return made


async def run_chunks(
    stage: str, work: Task[..., ChunkOutcome], chunks: Sequence[Chunk], *, election: str, **arguments: object
) -> StageOutcome:
    """Run *work* once for each of *chunks* on the flow's task runner and return what they did together.

    *work* is called as ``work(chunk, election=election, **arguments)``; arguments are ids, codes and times, never
    anything personal. A chunk that fails, crashes or is lost with its process becomes part of the outcome.
    """
    started = time.monotonic()
    applications = sum(len(chunk.ids) for chunk in chunks)
    progress = StageProgress(
        stage=stage, chunks=len(chunks), chunks_done=0, applications=applications, applications_done=0
    )
    artifact = ProgressArtifact(stage, election)
    await artifact.show(progress)
    parts: list[ChunkOutcome | ChunkFailure] = []
    async for chunk, part in _finished(work, chunks, {"election": election, **arguments}):
        parts.append(part)
        progress = progress.revised(
            chunks_done=len(parts),
            applications_done=progress.applications_done + len(chunk.ids),
            chunks_failed=progress.chunks_failed + isinstance(part, ChunkFailure),
        )
        await artifact.show(progress)
    parts.sort(key=lambda part: part.chunk)
    return StageOutcome.of(stage, parts, applications=applications, seconds=time.monotonic() - started)


async def _finished(
    work: Task[..., ChunkOutcome], chunks: Sequence[Chunk], arguments: dict[str, object]
) -> AsyncIterator[tuple[Chunk, ChunkOutcome | ChunkFailure]]:
    """Submit every chunk and yield each as it ends; runners call back from threads of their own."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Queue[tuple[Chunk, PrefectFuture[ChunkOutcome]]] = asyncio.Queue()

    def submit(chunk: Chunk) -> None:
        def done(future: PrefectFuture[ChunkOutcome]) -> None:
            loop.call_soon_threadsafe(ended.put_nowait, (chunk, future))

        work.submit(chunk, **arguments).add_done_callback(done)

    for chunk in chunks:
        submit(chunk)
        await asyncio.sleep(0)
    for _ in chunks:
        chunk, future = await ended.get()
        yield chunk, await asyncio.to_thread(_part, chunk, future)


def _part(chunk: Chunk, future: PrefectFuture[ChunkOutcome]) -> ChunkOutcome | ChunkFailure:
    """Return what *future* has to say, whatever that is."""
    try:
        answer = cast("object", future.result(raise_on_failure=False))
    except Exception as raised:  # noqa: BLE001 -- a dead pool process or cluster raises errors of its own kinds
        answer = raised
    if isinstance(answer, ChunkOutcome):
        return answer
    error = answer if isinstance(answer, Exception) else TypeError("a chunk must return a ChunkOutcome")
    reason = str(error) if isinstance(error, AccreditationError) else ""
    return ChunkFailure(chunk=chunk.number, applications=len(chunk.ids), code=error_code(error), reason=reason)


def final_state(outcome: StageOutcome, *, name: str = "Completed") -> State[Any]:
    """Return the state in which a stage's flow ends.

    Chunks that did not happen fail the flow: run it again. Applications that could not be processed do not (the
    report names them), but the state is then called "With failures". ``state.result()`` gives the outcome, or
    raises :class:`StageFailedError`, which carries it.
    """
    if outcome.failures:
        return Failed(message=outcome.sentence, data=StageFailedError(outcome))
    return Completed(name=name if outcome.succeeded else "With failures", message=outcome.sentence, data=outcome)
