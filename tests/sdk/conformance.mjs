// The official Node SDK against Rushes: one line of JSON for each case.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import OpenAI, { BadRequestError, NotFoundError } from "openai";

const url = process.env.RUSHES_URL;
const apiKey = process.env.RUSHES_KEY ?? "sk-anything";
const client = new OpenAI({ baseURL: url + "/v1", apiKey });

const finished = async (id) => {
  for (;;) {
    const video = await client.videos.retrieve(id);
    if (video.status !== "queued" && video.status !== "in_progress") return video;
    await new Promise((wake) => setTimeout(wake, 100));
  }
};
const made = async (prompt) => {
  const video = await client.videos.create({ prompt, model: "sora-2", seconds: "4", size: "1280x720" });
  const done = await finished(video.id);
  assert.equal(done.status, "completed", JSON.stringify(done));
  return done;
};
const total = async () => {
  let many = 0;
  for await (const _ of client.videos.list({ limit: 100 })) many += 1;
  return many;
};

const cases = {
  async create_and_retrieve() {
    const video = await made("A fox");
    assert.equal(video.object, "video");
    assert.deepEqual([video.progress, video.seconds, video.size], [100, "4", "1280x720"]);
  },
  async create_with_a_picture() {
    const video = await client.videos.create({ prompt: "A fox", input_reference: fs.createReadStream(process.env.RUSHES_PICTURE) });
    assert.ok(video.id);
  },
  async create_with_a_picture_in_brackets() {
    const data = fs.readFileSync(process.env.RUSHES_PICTURE).toString("base64");
    const video = await client.videos.create({ prompt: "A fox", input_reference: { image_url: "data:image/jpeg;base64," + data } });
    assert.ok(video.id);
  },
  async list_pages_by_itself() {
    const ids = [];
    for await (const video of client.videos.list({ limit: 2 })) ids.push(video.id);
    assert.ok(ids.length > 2 && new Set(ids).size === ids.length);
    const page = await client.videos.list({ limit: 1, order: "asc" });
    assert.equal(page.data[0].id, ids.at(-1));
    assert.ok(page.hasNextPage());
  },
  async download() {
    const video = await made("A fox to download");
    const content = await client.videos.downloadContent(video.id);
    const data = Buffer.from(await content.arrayBuffer());
    assert.equal(data.subarray(4, 8).toString(), "ftyp");
    const sheet = await client.videos.downloadContent(video.id, { variant: "spritesheet" });
    assert.equal(sheet.headers.get("content-type"), "image/jpeg");
  },
  async download_as_a_stream() {
    const video = await made("A fox to stream");
    const content = await client.videos.downloadContent(video.id);
    let bytes = 0;
    for await (const chunk of content.body) bytes += chunk.length;
    assert.equal(String(bytes), content.headers.get("content-length"));
  },
  async remix_edit_extend() {
    const video = await made("A fox to change");
    const remix = await client.videos.remix(video.id, { prompt: "at night" });
    assert.equal(remix.remixed_from_video_id, video.id);
    const edit = await client.videos.edit({ prompt: "in snow", video: { id: video.id } });
    assert.equal(edit.remixed_from_video_id, video.id);
    const longer = await client.videos.extend({ prompt: "it runs", seconds: "4", video: { id: video.id } });
    for (const one of [remix, edit, longer]) assert.equal((await finished(one.id)).status, "completed");
  },
  async edit_a_file() {
    const edit = await client.videos.edit({ prompt: "in snow", video: fs.createReadStream(process.env.RUSHES_CLIP) });
    assert.equal((await finished(edit.id)).status, "completed");
  },
  async characters() {
    const tom = await client.videos.createCharacter({ name: "Old Tim", video: fs.createReadStream(process.env.RUSHES_CLIP) });
    assert.equal((await client.videos.getCharacter(tom.id)).name, "Old Tim");
  },
  async delete_and_not_found() {
    const video = await made("A fox to delete");
    assert.equal((await client.videos.delete(video.id)).deleted, true);
    await assert.rejects(client.videos.retrieve(video.id), (error) => error instanceof NotFoundError && error.code === "video_not_found");
  },
  async bad_fields_are_bad_requests() {
    for (const [fields, param] of [[{ prompt: "A fox", seconds: "5" }, "seconds"], [{ prompt: "A fox", model: "sora-9" }, "model"]])
      await assert.rejects(client.videos.create(fields), (error) => error instanceof BadRequestError && error.param === param && !!error.requestID);
  },
  async models() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.ok(ids.includes("sora-2"));
  },
  async a_lost_answer_is_not_paid_for_twice() {
    let lose = 2;
    const seen = [];
    const server = http.createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", async () => {
        seen.push(request.headers["x-stainless-retry-count"]);
        const { host, connection, "content-length": _, "transfer-encoding": __, ...headers } = request.headers;
        const answer = await fetch(url + request.url, { method: "POST", headers, body: Buffer.concat(parts) });
        const body = await answer.text();
        if (lose > 0) {
          lose -= 1;
          request.socket.destroy();
          return;
        }
        response.writeHead(answer.status, { "content-type": "application/json" });
        response.end(body);
      });
    });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    const lossy = new OpenAI({ baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey, maxRetries: 3 });
    const before = await total();
    const video = await lossy.videos.create({ prompt: "A fox on a bad line", seconds: "4" });
    assert.deepEqual(seen, ["0", "1", "2"]);
    assert.equal(await total(), before + 1);
    assert.equal((await client.videos.retrieve(video.id)).prompt, "A fox on a bad line");
    server.close();
  },
};

for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    console.log(JSON.stringify({ case: name, ok: true }));
  } catch (error) {
    console.log(JSON.stringify({ case: name, ok: false, why: String(error?.stack ?? error) }));
  }
}
process.exit(0);
