//! Every endpoint, in the shapes that the Videos API has.

use base64::Engine as _;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use tempfile::TempDir;

use super::Api;
use crate::app::{TestApp, gateway};
use crate::invariants::{check_all, count};
use crate::upstream::clip::CLIP;
use crate::upstream::{FakeUpstream, Fault};

/// Rushes before a fake that remixes and extends by itself, as Sora did.
async fn able(fake: &FakeUpstream) -> TestApp {
    let mut upstream = gateway(fake, 4);
    upstream.models[0].abilities =
        Some(vec![rushes::domain::Ability::Remix, rushes::domain::Ability::Extend, rushes::domain::Ability::Seed]);
    TestApp::with(TempDir::new().unwrap(), false, vec![upstream]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_is_made_told_downloaded_and_deleted_with_every_field_in_its_type() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, Some("sk-anything"));
    let made = api
        .form("/v1/videos", &[("prompt", "A fox"), ("model", "sora-2"), ("seconds", "8"), ("size", "1280x720")])
        .await;
    assert_eq!(made.header("openai-poll-after-ms").parse::<u32>().unwrap(), 2500);
    let made = made.is(200);
    let id = made["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("video_"), "{id}");
    for (field, wanted) in [
        ("object", json!("video")),
        ("model", json!("sora-2")),
        ("prompt", json!("A fox")),
        ("seconds", json!("8")),
        ("size", json!("1280x720")),
        ("progress", json!(0)),
        ("completed_at", json!(null)),
        ("expires_at", json!(null)),
        ("error", json!(null)),
        ("remixed_from_video_id", json!(null)),
        ("upstream", json!("gateway")),
        ("price_micros", json!(800_000)),
        ("variation", json!(1)),
        ("variations", json!([id])),
        ("uncertain", json!(false)),
    ] {
        assert_eq!(made[field], wanted, "{field}: {made}");
    }
    assert!(matches!(made["status"].as_str(), Some("queued" | "in_progress")), "{made}");
    assert_eq!(made["created_at"].as_i64(), Some(app.clock.now().as_i64() / 1000));
    let done = api.until(&app, &id, "completed").await;
    assert_eq!((done["progress"].as_u64(), done["cost_micros"].as_u64()), (Some(100), Some(800_000)));
    assert!(done["completed_at"].is_i64(), "{done}");
    let page = app.browser.page(done["page"].as_str().unwrap()).await;
    assert_eq!(page.generations()[0].state, "completed", "the same clip as in the workspace");

    let path = format!("/v1/videos/{id}/content");
    let file = api.request(Method::GET, &path).header("accept", "application/binary").send().await.unwrap();
    assert_eq!((file.status().as_u16(), file.headers()["content-type"].to_str().unwrap()), (200, "video/mp4"));
    assert_eq!(file.headers()["accept-ranges"], "bytes");
    assert_eq!(file.bytes().await.unwrap(), CLIP);
    let part = api.request(Method::GET, &path).header("range", "bytes=4-7").send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap().as_ref()), (206, &b"ftyp"[..]));
    for variant in ["thumbnail", "spritesheet"] {
        let picture = app
            .until("a picture", || async {
                let picture = api.request(Method::GET, &format!("{path}?variant={variant}")).send().await.unwrap();
                (picture.status() == 200).then_some(picture)
            })
            .await;
        assert_eq!(picture.headers()["content-type"], "image/jpeg", "{variant}");
        let bytes = picture.bytes().await.unwrap();
        let (wide, high) = crate::upstream::picture::pixels(&bytes).unwrap();
        assert!(
            if variant == "thumbnail" { wide == 1280 || high == 180 } else { (wide, high) == (1280, 720) },
            "{variant}: {wide}x{high}"
        );
    }
    assert_eq!(api.get(&format!("{path}?variant=poster")).await.code(), "invalid_value");

    let gone = api.delete(&format!("/v1/videos/{id}")).await.is(200);
    assert_eq!(gone, json!({ "id": id, "object": "video.deleted", "deleted": true }));
    assert_eq!(api.get(&format!("/v1/videos/{id}")).await.code(), "video_not_found");
    assert_eq!(api.get("/v1/videos").await.is(200)["data"], json!([]));
    assert_eq!(count(app.data.path(), "select count(*) from generation where deleted_at is not null").await, 1);
    let second = api.paid("An owl").await;
    api.until(&app, second["id"].as_str().unwrap(), "completed").await;
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_list_follow_each_other_both_ways() {
    let fake = FakeUpstream::start().await;
    fake.hold();
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, None);
    let mut ids = Vec::new();
    for number in 0..7 {
        let video = api.post("/v1/videos", json!({ "prompt": format!("Boat {number}"), "seconds": 4 })).await.is(200);
        ids.push(video["id"].as_str().unwrap().to_owned());
    }
    for order in ["desc", "asc"] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = api.get(&format!("/v1/videos?limit=3&order={order}&after={after}")).await.is(200);
            assert_eq!(page["object"], "list");
            let data = page["data"].as_array().unwrap();
            assert_eq!((&page["first_id"], &page["last_id"]), (&data[0]["id"], &data[data.len() - 1]["id"]));
            seen.extend(data.iter().map(|video| video["id"].as_str().unwrap().to_owned()));
            after = page["last_id"].as_str().unwrap().to_owned();
            if page["has_more"] == false {
                break;
            }
        }
        let wanted: Vec<String> = if order == "asc" { ids.clone() } else { ids.iter().rev().cloned().collect() };
        assert_eq!(seen, wanted, "{order}");
    }
    // Waiting ones tell their place in line.
    let places: Vec<u64> = api.get("/v1/videos?order=asc").await.is(200)["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|video| video["queue_position"].as_u64())
        .collect();
    assert!(places.starts_with(&[1]) || places == [1, 2, 3], "{places:?}");
    for (query, param) in [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=101", "limit"),
        ("order=up", "order"),
        ("after=../..", "after"),
    ] {
        let told = api.get(&format!("/v1/videos?{query}")).await;
        assert_eq!((told.status, told.json["error"]["param"].as_str()), (400, Some(param)), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_of_a_video_is_a_video_whichever_way_it_is_asked_for() {
    let fake = FakeUpstream::start().await;
    let app = able(&fake).await;
    let api = Api::of(&app.browser, None);
    let first = api.paid("A fox").await;
    let id = first["id"].as_str().unwrap().to_owned();
    assert_eq!(
        api.post(&format!("/v1/videos/{id}/remix"), json!({ "prompt": "at night" })).await.code(),
        "video_not_ready"
    );
    api.until(&app, &id, "completed").await;
    let remix = api.post(&format!("/v1/videos/{id}/remix"), json!({ "prompt": "at night" })).await.is(200);
    assert_eq!(remix["remixed_from_video_id"], json!(id));
    let edit = api.form("/v1/videos/edits", &[("prompt", "in snow"), ("video[id]", &id)]).await.is(200);
    assert_eq!(edit["remixed_from_video_id"], json!(id));
    let longer = api
        .form(
            "/v1/videos/extensions",
            &[("prompt", "it runs"), ("seconds", "8"), ("video", &format!("{{\"id\":\"{id}\"}}"))],
        )
        .await
        .is(200);
    assert_eq!(longer["remixed_from_video_id"], json!(null));
    for video in [&remix, &edit, &longer] {
        api.until(&app, video["id"].as_str().unwrap(), "completed").await;
    }
    assert_eq!(fake.creates().len(), 4);
    for (path, body, param) in [
        ("/v1/videos/edits", json!({ "prompt": "x" }), "video"),
        ("/v1/videos/edits", json!({ "prompt": "x", "video": "text" }), "video"),
        ("/v1/videos/extensions", json!({ "video": { "id": id } }), "prompt"),
    ] {
        let told = api.post(path, body).await;
        assert_eq!((told.status, told.json["error"]["param"].as_str()), (400, Some(param)), "{path}");
    }
    assert_eq!(
        api.post("/v1/videos/edits", json!({ "prompt": "x", "video": { "id": "video_0000000000001" } })).await.code(),
        "video_not_found"
    );
    check_all(app, &fake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn variations_pictures_characters_and_a_cap_on_cost_are_taken() {
    let fake = FakeUpstream::start().await;
    let app = able(&fake).await;
    let api = Api::of(&app.browser, None);
    // Four cents are not enough for two variations of 40 cents, and nothing is made.
    let dear = api.post("/v1/videos", json!({ "prompt": "A fox", "n": 2, "max_cost_usd": "0.79" })).await;
    assert_eq!((dear.status, dear.code()), (400, "max_cost_exceeded"));
    let two =
        api.post("/v1/videos", json!({ "prompt": "A fox", "n": 2, "max_cost_usd": 0.8, "seed": "7" })).await.is(200);
    let all: Vec<&str> = two["variations"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!((all.len(), all[0], two["seed"].as_u64()), (2, two["id"].as_str().unwrap(), Some(7)));
    let second = api.get(&format!("/v1/videos/{}", all[1])).await.is(200);
    assert_eq!((second["variation"].as_u64(), second["seed"].as_u64()), (Some(2), Some(8)));
    // A picture as a file, and as a data URL in brackets, as SDKs send it.
    let picture =
        std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/upstream/spritesheet.jpg"))
            .unwrap();
    let form =
        Form::new().text("prompt", "A fox").part("input_reference", Part::bytes(picture.clone()).file_name("a.jpg"));
    let told = super::Told::of(api.request(Method::POST, "/v1/videos").multipart(form).send().await.unwrap()).await;
    told.is(200);
    let url = format!("data:image/jpeg;base64,{}", base64::engine::general_purpose::STANDARD.encode(&picture));
    api.form("/v1/videos", &[("prompt", "A fox"), ("input_reference[image_url]", &url)]).await.is(200);
    for (reference, code) in [
        (json!("http://example.org/a.png"), "invalid_type"),
        (json!({ "image_url": "http://127.0.0.1/a.png" }), "invalid_value"),
        (json!({ "image_url": "data:image/png;base64,AAAA" }), "invalid_value"),
        (json!({}), "invalid_value"),
        (json!([1]), "invalid_type"),
    ] {
        let told = api.post("/v1/videos", json!({ "prompt": "A fox", "input_reference": reference })).await;
        assert_eq!((told.status, told.code()), (400, code), "{reference}");
    }
    // A character is kept and named.
    let form = Form::new().text("name", "Old Tom").part("video", Part::bytes(CLIP).file_name("tom.mp4"));
    let told =
        super::Told::of(api.request(Method::POST, "/v1/videos/characters").multipart(form).send().await.unwrap()).await;
    let tom = told.is(200);
    let same = api.get(&format!("/v1/videos/characters/{}", tom["id"].as_str().unwrap())).await.is(200);
    assert_eq!((&same["name"], &same["created_at"]), (&json!("Old Tom"), &tom["created_at"]));
    api.form("/v1/videos", &[("prompt", "Old Tom mends a net"), ("characters[][id]", tom["id"].as_str().unwrap())])
        .await
        .is(200);
    let creates = app.until("five jobs", || async { (fake.jobs().len() == 5).then(|| fake.jobs()) }).await;
    assert!(
        creates.iter().any(|job| job.prompt.starts_with("Old Tom (Old Tom, as in the reference video) mends")),
        "{creates:?}"
    );
    let stranger =
        api.form("/v1/videos", &[("prompt", "A fox"), ("characters[][id]", tom["id"].as_str().unwrap())]).await;
    assert_eq!((stranger.status, stranger.code()), (400, "invalid_value"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_has_its_status_and_its_reason() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, None);
    fake.on_create(Fault::Moderation).times(1);
    let refused = api.paid("Something bad").await;
    let refused = api.until(&app, refused["id"].as_str().unwrap(), "failed").await;
    assert_eq!(refused["error"]["code"], "moderation_blocked", "{refused}");
    let content = api.get(&format!("/v1/videos/{}/content", refused["id"].as_str().unwrap())).await;
    assert_eq!((content.status, content.code()), (404, "video_not_ready"));

    fake.hold();
    let running = api.paid("A fox").await;
    let id = running["id"].as_str().unwrap();
    api.until(&app, id, "in_progress").await;
    let early = api.get(&format!("/v1/videos/{id}/content")).await;
    assert_eq!((early.status, early.code()), (404, "video_not_ready"));
    let words = early.json["error"]["message"].as_str().unwrap();
    assert!(words.contains("not ready yet"), "{words}");

    // An answer that never came: not failed, since it may have been made.
    fake.on_list(Fault::NotFound).always();
    fake.on_create(Fault::VanishAfterReading).times(1);
    let lost = api.paid("A lost fox").await;
    let id = lost["id"].as_str().unwrap();
    let told = app
        .until("uncertain", || async {
            let video = api.get(&format!("/v1/videos/{id}")).await.is(200);
            (video["state"] == "uncertain").then_some(video)
        })
        .await;
    assert_eq!((&told["status"], &told["uncertain"]), (&json!("in_progress"), &json!(true)));

    // Canceled by a person at the page.
    for number in 0..6 {
        api.paid(&format!("Boat {number}")).await;
    }
    let unwanted = api.paid("Never mind").await;
    app.browser.press(unwanted["page"].as_str().unwrap(), "cancel").await;
    let canceled = api.get(&format!("/v1/videos/{}", unwanted["id"].as_str().unwrap())).await.is(200);
    assert_eq!((&canceled["status"], &canceled["error"]["code"]), (&json!("failed"), &json!("canceled")));
    // What waits is taken out of the line by deleting it.
    let waits = api.paid("Nor this").await;
    api.delete(&format!("/v1/videos/{}", waits["id"].as_str().unwrap())).await.is(200);
    assert!(!fake.jobs().iter().any(|job| job.prompt.starts_with('N')));
}

#[tokio::test(flavor = "multi_thread")]
async fn models_tell_what_they_make_and_what_it_costs_and_the_document_is_openapi() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let api = Api::of(&app.browser, None);
    let models = api.get("/v1/models").await.is(200);
    let sora = &models["data"][0];
    assert_eq!((&models["object"], &sora["id"], &sora["object"]), (&json!("list"), &json!("sora-2"), &json!("model")));
    assert_eq!((&sora["seconds"], &sora["price"]), (&json!([4, 8, 12]), &json!("$0.10/s")));
    assert_eq!(api.get("/v1/models/sora-2").await.is(200), *sora);
    assert_eq!(api.get("/v1/models/a/b").await.code(), "model_not_found");

    let document = api.get("/v1/openapi.json").await.is(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let text = document.to_string();
    // Every reference leads somewhere, and every route of the API is told.
    for piece in text.split("\"$ref\":\"").skip(1) {
        let path = piece.split('"').next().unwrap();
        assert!(document.pointer(path.trim_start_matches('#')).is_some(), "{path}");
    }
    for (route, read, change) in rushes::web::gate::RULES {
        if !route.starts_with("/v1/") || *route == "/v1/openapi.json" {
            continue;
        }
        let told = route
            .replace("{video}", "{video_id}")
            .replace("{character}", "{character_id}")
            .replace("{*model}", "{model}");
        let methods = &document["paths"][&told];
        assert_eq!(methods.get("get").is_some(), read.is_some(), "GET {route}");
        assert_eq!(methods.get("post").is_some() || methods.get("delete").is_some(), change.is_some(), "{route}");
    }
    // Every field that a video has, is in it.
    let made = api.paid("A fox").await;
    let fields = document["components"]["schemas"]["Video"]["properties"].as_object().unwrap();
    let (told, there): (Vec<_>, Vec<_>) = (fields.keys().collect(), made.as_object().unwrap().keys().collect());
    let mut sorted = told.clone();
    sorted.sort();
    assert_eq!(sorted, {
        let mut all = there;
        all.sort();
        all
    });
    assert!(fields.values().all(|field| field["description"].as_str().is_some_and(|words| words.len() > 3)));
    let page = app.browser.page("/docs/api").await;
    assert!(page.text().contains("create_and_poll") && page.text().contains("Idempotency-Key"));
    // Other pages lead to a place in it.
    assert_eq!((page.all("h1").len(), page.all("h2#webhooks").len()), (1, 1));
}
