"""The official Python client of the Model Context Protocol against Rushes: one line of JSON for each case."""

import asyncio
import json
import os
import traceback

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

URL = os.environ["RUSHES_URL"]
KEY = os.environ.get("RUSHES_KEY")
PROGRAM = os.environ["RUSHES_PROGRAM"]


def by_http():
    headers = {"Authorization": f"Bearer {KEY}"} if KEY else {}
    return streamable_http_client(URL + "/mcp", http_client=httpx2.AsyncClient(headers=headers, timeout=30))


def by_pipe():
    env = {"RUSHES_URL": URL} | ({"RUSHES_KEY": KEY} if KEY else {})
    return StdioServerParameters(command=PROGRAM, args=["mcp"], env=env)


async def call(client, tool, **fields):
    result = await client.call_tool(tool, fields)
    return result.is_error, result.structured_content


async def story(client):
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"list_models", "create_video", "get_video", "list_videos", "video_link", "remix_video"}, tools
    assert "max_cost_usd" in tools["create_video"].input_schema["required"], tools["create_video"]
    bad, models = await call(client, "list_models")
    assert not bad and any(model["id"] == "sora-2" for model in models["models"]), models

    bad, dear = await call(client, "create_video", prompt="A fox", model="sora-2", seconds=8, max_cost_usd="0.10")
    assert bad and dear["code"] == "max_cost_exceeded", dear
    wish = dict(prompt="A fox for an agent", model="sora-2", seconds=4, max_cost_usd="0.40", idempotency_key=os.urandom(8).hex())
    bad, video = await call(client, "create_video", **wish)
    assert not bad, video
    bad, again = await call(client, "create_video", **wish)
    assert again["id"] == video["id"], (video, again)
    while video["status"] in ("queued", "in_progress"):
        bad, video = await call(client, "get_video", video_id=video["id"])
    assert video["status"] == "completed", video
    bad, link = await call(client, "video_link", video_id=video["id"])
    headers = {"Authorization": f"Bearer {KEY}"} if KEY else {}
    async with httpx2.AsyncClient() as http:
        data = (await http.get(link["content"], headers=headers)).content
    assert data[4:8] == b"ftyp" and link["page"].startswith(URL), link
    bad, remix = await call(client, "remix_video", video_id=video["id"], prompt="at night", max_cost_usd="0.40")
    assert not bad and remix["remixed_from_video_id"] == video["id"], remix
    bad, listed = await call(client, "list_videos", limit=2)
    assert [one["id"] for one in listed["videos"]] == [remix["id"], video["id"]], listed
    bad, none = await call(client, "get_video", video_id="video_0000000000001")
    assert bad and none["code"] == "video_not_found", none


async def run(name, make, mode):
    try:
        async with Client(make(), mode=mode, read_timeout_seconds=30) as client:
            await story(client)
        print(json.dumps({"case": name, "ok": True}), flush=True)
    except BaseException:  # noqa: BLE001
        print(json.dumps({"case": name, "ok": False, "why": traceback.format_exc()}), flush=True)


async def main():
    for mode in ("auto", "legacy"):
        await run(f"http {mode}", by_http, mode)
        await run(f"stdio {mode}", by_pipe, mode)


asyncio.run(main())
