"""What-if and siting as OGC API - Processes: synchronous, bounded, nothing is stored.

Source
------
OGC API - Processes - Part 1: Core 1.0 (18-062r2, December 2021).
"""

from functools import partial
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from geo_service.errors import UnknownJobError
from geo_service.http.gate import Gates
from geo_service.http.link_types import JSON, OGC_REL, Link, document, make_link
from geo_service.ogc import executions, params, what_if

router = APIRouter(tags=["processes"])

EXECUTE_REL = f"{OGC_REL}/execute"
ProcessId = Annotated[
    str, Path(alias="processId", description="Id of a process.", examples=["new-facility"])
]
_SUMMARY = ("id", "version", "title", "description", "jobControlOptions", "outputTransmission")


def gates_of(request: Request) -> Gates:
    """The gates of this server process, through which all heavy work goes."""
    gates: Gates = request.app.state.gates
    return gates


@router.get("/processes")
async def list_processes(
    view: params.View, limit: params.Limit = params.DEFAULT_LIMIT, f: params.JsonFormat = None
) -> Response:
    """The processes: what a new facility would change, and where new ones should stand."""
    del f
    descriptions = await run_in_threadpool(what_if.list_descriptions, view.release)
    summaries = [
        {name: description[name] for name in _SUMMARY} | {"links": _links(view, description["id"])}
        for description in descriptions[:limit]
    ]
    links = [make_link(f"{view.base}/processes", "self", JSON, "Processes")]
    return document({"processes": summaries, "links": links})


@router.get("/processes/{processId}")
async def describe_process(
    view: params.View, process_id: ProcessId, f: params.JsonFormat = None
) -> Response:
    """One process: its inputs and its output, as JSON Schema."""
    del f
    description = await run_in_threadpool(what_if.find_description, view.release, process_id)
    return document({**description, "links": _links(view, process_id)})


@router.post("/processes/{processId}/execution")
async def execute_process(request: Request, view: params.View, process_id: ProcessId) -> Response:
    """The answer of a process, computed now; nothing is stored."""
    await run_in_threadpool(what_if.find_description, view.release, process_id)
    execution = await executions.read_execution(request)
    work = partial(what_if.execute, view.release, process_id, execution.inputs)
    gates = gates_of(request)
    gate = gates.quick if what_if.is_quick(process_id, execution.inputs) else gates.slow
    answer = await gate.run(work)
    body = orjson.dumps({"result": answer} if execution.is_document else answer)
    return Response(body, media_type=JSON, headers={"Cache-Control": "no-store"})


@router.get("/jobs/{jobId}")
@router.get("/jobs/{jobId}/results")
async def find_job(
    view: params.View,
    job_id: Annotated[str, Path(alias="jobId", description="Id of a job.")],
    f: params.JsonFormat = None,
) -> Response:
    """Always 404: every execution is synchronous, so no job is kept."""
    del view, f
    raise UnknownJobError(f"No job {job_id!r}: executions are synchronous and leave no job.")


def _links(view: params.ReleaseView, process_id: str) -> list[Link]:
    url = f"{view.base}/processes/{process_id}"
    return [
        make_link(url, "self", JSON, "Description"),
        make_link(f"{url}/execution", EXECUTE_REL, JSON, "Execute (POST)"),
    ]
