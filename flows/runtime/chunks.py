"""Chunks at work: submitted to the flow's task runner, awaited without blocking, none lost."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from typing import Any, Final, ParamSpec

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed

from domain.errors import AccreditationError
from flows.deployments import UNFINISHED
from flows.runtime.outcomes import Chunk, ChunkFailure, ChunkOutcome, StageFailedError, StageOutcome, error_code
from flows.runtime.progress import ProgressArtifact, StageProgress, note_pace
from flows.runtime.server.errands import TAG, leave
from flows.runtime.shield import shielded
from flows.runtime.watched import is_watched
from flows.settings import settings

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
    stage: str,
    work: Task[..., ChunkOutcome],
    chunks: Sequence[Chunk],
    *,
    election: str,
    progress: ProgressArtifact | None = None,
    **arguments: object,
) -> StageOutcome:
    """Run *work* once for each of *chunks* on the flow's task runner and return what they did together.

    *work* is called as ``work(chunk, election=election, **arguments)``; arguments are ids, codes and times, never
    anything personal. A chunk that fails, crashes or is lost with its process becomes part of the outcome. *progress*
    is that of a whole of which *chunks* are a part.
    """
    started = time.monotonic()
    applications = sum(len(chunk.ids) for chunk in chunks)
    shown = progress or ProgressArtifact(StageProgress(stage=stage, applications=applications), election)
    if not progress:
        await shown.show()
    parts: list[ChunkOutcome | ChunkFailure] = []
    finished = _finished if is_watched() else _finished_here
    async for chunk, part in finished(work, chunks, {"election": election, **arguments}):
        parts.append(part)
        await shown.add(len(chunk.ids))
    parts.sort(key=lambda part: part.chunk)
    outcome = StageOutcome.of(stage, parts, applications=applications, seconds=time.monotonic() - started)
    note_pace(outcome, election)
    return outcome


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
        yield chunk, await asyncio.to_thread(_part, chunk, partial(future.result, raise_on_failure=False))


async def _finished_here(
    work: Task[..., ChunkOutcome], chunks: Sequence[Chunk], arguments: dict[str, object]
) -> AsyncIterator[tuple[Chunk, ChunkOutcome | ChunkFailure]]:
    """Work on every chunk in threads of this process, with the same retries, and yield each as it ends."""
    loop = asyncio.get_running_loop()

    async def done(chunk: Chunk) -> tuple[Chunk, ChunkOutcome | ChunkFailure]:
        return chunk, await loop.run_in_executor(pool, _part, chunk, partial(_tried, work, chunk, arguments))

    with ThreadPoolExecutor(settings().workers) as pool:
        for ended in asyncio.as_completed([done(chunk) for chunk in chunks]):
            yield await ended


def _tried(work: Task[..., ChunkOutcome], chunk: Chunk, arguments: dict[str, object]) -> ChunkOutcome:
    for seconds in SECONDS_BEFORE_RETRIES[: work.retries]:
        try:
            return work.fn(chunk, **arguments)
        except AccreditationError as error:
            if not error.retryable:
                raise
            time.sleep(seconds)
    return work.fn(chunk, **arguments)


def _part(chunk: Chunk, answered: Callable[[], object]) -> ChunkOutcome | ChunkFailure:
    """Return what a chunk has to say, whatever that is."""
    try:
        answer = answered()
    except Exception as raised:  # noqa: BLE001 -- a dead pool process or cluster raises errors of its own kinds
        answer = raised
    if isinstance(answer, ChunkOutcome):
        return answer
    error = answer if isinstance(answer, Exception) else TypeError("a chunk must return a ChunkOutcome")
    reason = str(error) if isinstance(error, AccreditationError) else ""
    return ChunkFailure(
        chunk=chunk.number,
        applications=len(chunk.ids),
        code=error_code(error),
        reason=reason,
        may_pass=not isinstance(error, AccreditationError) or error.retryable,
    )


def final_state(outcome: StageOutcome, *, name: str = "Completed") -> State[Any]:
    """Return the state in which a stage's flow ends.

    Chunks that did not happen fail the flow: run it again. It is called *Unfinished*, and runs again by itself, where
    that may help. Applications that could not be processed do not (the report names them), but the state is then called
    "With failures". ``state.result()`` gives the outcome, or raises :class:`StageFailedError`, which carries it. A
    command that asked for the run gets it by :func:`leave`.
    """
    watched = FlowRunContext.get()
    if watched and watched.flow_run and TAG in watched.flow_run.tags:
        leave(watched.flow_run.id, outcome)
    if outcome.failures:
        may_pass = any(failure.may_pass for failure in outcome.failures)
        named = UNFINISHED if may_pass else "Failed"
        return Failed(name=named, message=outcome.sentence, data=StageFailedError(outcome))
    return Completed(name=name if outcome.succeeded else "With failures", message=outcome.sentence, data=outcome)
