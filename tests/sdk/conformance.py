"""The official Python SDK against Rushes: one line of JSON for each case."""

import http.client
import http.server
import json
import os
import sys
import tempfile
import threading
import traceback
import urllib.parse

import openai
from openai import OpenAI

URL = os.environ["RUSHES_URL"]
KEY = os.environ.get("RUSHES_KEY", "sk-anything")
CLIP = os.environ["RUSHES_CLIP"]
PICTURE = os.environ["RUSHES_PICTURE"]
client = OpenAI(base_url=URL + "/v1", api_key=KEY)
CASES = []


def case(function):
    CASES.append(function)
    return function


def made(prompt, **more):
    return client.videos.create_and_poll(prompt=prompt, model="sora-2", seconds="4", size="1280x720", **more)


class Lossy(http.server.BaseHTTPRequestHandler):
    """Passes requests on, and loses the answer of as many as it is told."""

    lose = 0
    seen = []

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        Lossy.seen.append(self.headers.get("x-stainless-retry-count"))
        to = http.client.HTTPConnection(urllib.parse.urlparse(URL).netloc)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        to.request("POST", self.path, body, headers)
        answer = to.getresponse()
        data = answer.read()
        if Lossy.lose > 0:
            Lossy.lose -= 1
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        for k, v in answer.getheaders():
            if k.lower() not in ("transfer-encoding", "connection"):
                self.send_header(k, v)
        self.end_headers()
        self.wfile.write(data)


def total():
    return sum(1 for _ in client.videos.list(limit=100))


@case
def create():
    video = client.videos.create(prompt="A fox", model="sora-2", seconds="4", size="720x1280")
    assert video.object == "video" and video.status in ("queued", "in_progress"), video
    assert video.seconds == "4" and video.size == "720x1280" and video.model == "sora-2", video
    assert video.id == client.videos.retrieve(video.id).id


@case
def create_with_defaults():
    video = client.videos.create(prompt="A fox")
    assert video.seconds == "4" and video.size == "720x1280", video


@case
def create_with_integer_seconds():
    assert client.videos.create(prompt="A fox", seconds=8).seconds == "8"


@case
def create_as_json():
    video = client.videos.create(prompt="A fox", seconds="4", extra_headers={"Content-Type": "application/json"})
    assert video.prompt == "A fox"


@case
def create_with_extra_body():
    video = client.videos.create(prompt="A fox", extra_body={"variations": 2, "max_cost_usd": "5.00"})
    assert len(video.variations) == 2 and video.variations[0] == video.id, video


@case
def create_with_a_picture():
    with open(PICTURE, "rb") as picture:
        video = client.videos.create(prompt="A fox", input_reference=picture)
    assert video.id


@case
def create_with_a_picture_in_brackets():
    import base64

    with open(PICTURE, "rb") as picture:
        url = "data:image/jpeg;base64," + base64.b64encode(picture.read()).decode()
    assert client.videos.create(prompt="A fox", extra_body={"input_reference": {"image_url": url}}).id


@case
def create_and_poll():
    video = made("A fox that is finished")
    assert video.status == "completed" and video.progress == 100 and video.completed_at, video
    assert video.expires_at is None and video.error is None


@case
def poll():
    video = client.videos.create(prompt="A fox", seconds="4")
    assert client.videos.poll(video.id).status == "completed"


@case
def list_pages_by_itself():
    before = {video.id for video in client.videos.list(limit=100)}
    after = [video.id for video in client.videos.list(limit=2)]
    assert len(after) == len(set(after)) and set(after) == before, (len(after), len(before))
    oldest = [video.id for video in client.videos.list(limit=3, order="asc")]
    assert oldest == after[::-1]


@case
def download_whole():
    video = made("A fox to download")
    content = client.videos.download_content(video.id)
    data = content.read()
    assert data[4:8] == b"ftyp" and content.response.headers["content-type"] == "video/mp4"


@case
def download_to_a_file():
    video = made("A fox to keep")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fox.mp4")
        client.videos.download_content(video.id, variant="video").write_to_file(path)
        assert os.path.getsize(path) > 1000


@case
def download_as_a_stream():
    video = made("A fox to stream")
    with client.videos.with_streaming_response.download_content(video.id) as response:
        assert sum(len(chunk) for chunk in response.iter_bytes(4096)) == int(response.headers["content-length"])


@case
def download_pictures():
    video = made("A fox in stills")
    for variant in ("thumbnail", "spritesheet"):
        for _ in range(100):
            try:
                data = client.videos.download_content(video.id, variant=variant).read()
                break
            except openai.NotFoundError:
                # The still is drawn a moment later.
                continue
        assert data[:2] == b"\xff\xd8", variant


@case
def remix():
    video = made("A fox to remix")
    other = client.videos.remix(video.id, prompt="at night")
    assert other.remixed_from_video_id == video.id and client.videos.poll(other.id).status == "completed"


@case
def edit_a_file():
    with open(CLIP, "rb") as clip:
        video = client.videos.edit(prompt="make it snow", video=clip)
    assert client.videos.poll(video.id).status == "completed"


@case
def extend_a_file():
    with open(CLIP, "rb") as clip:
        video = client.videos.extend(prompt="it runs away", seconds="4", video=clip)
    assert client.videos.poll(video.id).status == "completed", video


@case
def characters():
    with open(CLIP, "rb") as clip:
        tom = client.videos.create_character(name="Old Tom", video=clip)
    assert client.videos.get_character(tom.id).name == "Old Tom" and tom.created_at > 0
    video = client.videos.create(prompt="Old Tom rows", extra_body={"characters": [{"id": tom.id}]})
    assert video.id


@case
def delete():
    video = made("A fox to delete")
    gone = client.videos.delete(video.id)
    assert gone.deleted is True and gone.id == video.id and gone.object == "video.deleted"
    try:
        client.videos.retrieve(video.id)
    except openai.NotFoundError as error:
        assert error.code == "video_not_found" and error.request_id, error
    else:
        raise AssertionError("it is still there")


@case
def bad_fields_are_bad_requests():
    for fields, param in [
        ({"prompt": "A fox", "seconds": "5"}, "seconds"),
        ({"prompt": "A fox", "size": "1x1"}, "size"),
        ({"prompt": "A fox", "model": "sora-9"}, "model"),
        ({"prompt": ""}, "prompt"),
    ]:
        try:
            client.videos.create(**fields)
        except openai.BadRequestError as error:
            assert error.param == param and error.status_code == 400, (fields, error)
        else:
            raise AssertionError(fields)


@case
def content_before_it_is_there():
    client.with_options(max_retries=0)
    video = client.videos.create(prompt="hold: a fox that waits", seconds="4")
    try:
        client.videos.download_content(video.id)
    except (openai.NotFoundError, openai.BadRequestError) as error:
        assert "ready" in str(error), error
    else:
        # It was finished in the meantime, which is fine with so quick an upstream.
        assert client.videos.retrieve(video.id).status == "completed"


@case
def models():
    ids = [model.id for model in client.models.list()]
    assert "sora-2" in ids and client.models.retrieve("sora-2").id == "sora-2"


@case
def request_ids_are_told():
    raw = client.videos.with_raw_response.list(limit=1)
    assert raw.headers["x-request-id"] and raw.parse().object == "list"


@case
def a_lost_answer_is_not_paid_for_twice():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lossy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    lossy = OpenAI(base_url=f"http://127.0.0.1:{server.server_address[1]}/v1", api_key=KEY, max_retries=3)
    before = total()
    Lossy.lose, Lossy.seen = 2, []
    video = lossy.videos.create(prompt="A fox on a bad line", seconds="4")
    assert Lossy.seen == ["0", "1", "2"], Lossy.seen
    assert total() == before + 1 and client.videos.retrieve(video.id).prompt == "A fox on a bad line"
    server.shutdown()


@case
def an_idempotency_key_is_honoured():
    key = {"Idempotency-Key": "python-" + os.urandom(4).hex()}
    first = client.videos.create(prompt="A fox once", extra_headers=key)
    again = client.videos.create(prompt="A fox once", extra_headers=key)
    assert first.id == again.id


@case
def the_async_client():
    import asyncio

    async def run():
        async with openai.AsyncOpenAI(base_url=URL + "/v1", api_key=KEY) as quick:
            video = await quick.videos.create_and_poll(prompt="An async fox", seconds="4")
            assert video.status == "completed"
            count = 0
            async for _ in quick.videos.list(limit=2):
                count += 1
            assert count > 2

    asyncio.run(run())


def main():
    only = sys.argv[1:]
    for function in CASES:
        if only and function.__name__ not in only:
            continue
        try:
            function()
            print(json.dumps({"case": function.__name__, "ok": True}), flush=True)
        except Exception:  # noqa: BLE001
            print(json.dumps({"case": function.__name__, "ok": False, "why": traceback.format_exc()}), flush=True)


main()
