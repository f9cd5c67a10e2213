//! Polls, lists, remixes and deletes.

use serde_json::{Value, json};

use super::{Caller, finished, json_of};
use crate::upstream::clip::{CLIP, THUMBNAIL};
use crate::upstream::{FakeUpstream, Fault, KEY, ListFault, PollFault};

#[tokio::test]
async fn a_job_is_queued_then_renders_then_is_completed_at_its_fourth_poll() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let id = caller.create("a fox").await;

    let mut seen = Vec::new();
    for _ in 0..5 {
        let video = caller.poll(&id).await;
        seen.push((video["status"].clone(), video["progress"].clone()));
    }

    let says = |status: &str, progress: u32| (json!(status), json!(progress));
    assert_eq!(
        seen,
        [
            says("queued", 0),
            says("in_progress", 33),
            says("in_progress", 66),
            says("completed", 100),
            says("completed", 100)
        ]
    );
    assert_eq!(fake.polls(&id), 5);
    assert_eq!(caller.content(&id).await.bytes().await.unwrap(), CLIP);
    assert!(fake.unknown_requests().is_empty());
}

#[tokio::test]
async fn held_jobs_render_until_they_are_finished_by_name() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    fake.hold();
    let (fox, owl) = (caller.create("a fox").await, caller.create("an owl").await);
    fake.set_progress(&fox, 99);
    for _ in 0..9 {
        assert_eq!(caller.poll(&fox).await["progress"], 99);
    }

    fake.finish(&fox);
    fake.fail(&owl, "moderation_blocked", "No owls.");

    assert_eq!(caller.poll(&fox).await["status"], "completed");
    let failed = caller.poll(&owl).await;
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&json!("failed"), &json!("moderation_blocked")));
    assert_eq!(fake.most_unfinished(), 2);
}

#[tokio::test]
async fn polls_speak_the_dialects_of_other_servers() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    fake.calls("completed", "succeeded");
    fake.on_poll(PollFault::Says("dreaming".into()));
    fake.on_poll(PollFault::Progress(json!("33%")));
    fake.on_poll(PollFault::BackToInProgress);
    fake.on_poll(PollFault::UrlElsewhere);

    assert_eq!(caller.poll(&id).await["status"], "dreaming");
    assert_eq!(caller.poll(&id).await["progress"], "33%");
    assert_eq!(caller.poll(&id).await["status"], "in_progress");
    let url = caller.poll(&id).await["url"].as_str().unwrap().to_owned();
    assert_eq!(caller.poll(&id).await["status"], "succeeded");
    assert_eq!(caller.http.get(url).send().await.unwrap().bytes().await.unwrap(), CLIP);
    assert_eq!(fake.requests_elsewhere()[0].authorization(), None);
    assert_eq!(caller.content(&id).await.status(), 404);
}

#[tokio::test]
async fn failed_jobs_are_told_in_four_ways_and_stay_failed() {
    let failures = [
        (PollFault::FailedAs500, 500, json!(500), false),
        (PollFault::FailedMessageOnly, 200, Value::Null, false),
        (PollFault::FailedAsText, 200, Value::Null, true),
        (PollFault::FailedWithoutError, 200, Value::Null, false),
    ];
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    for (fault, status, code, text) in failures {
        let id = caller.create("a fox").await;
        fake.on_poll(fault).about(&id);

        let answer = caller.get(&format!("videos/{id}")).await;

        assert_eq!(answer.status(), status);
        let video = json_of(answer).await;
        assert_eq!((&video["status"], &video["error"]["code"]), (&json!("failed"), &code));
        assert_eq!(video["error"].is_string(), text);
        assert_eq!(caller.poll(&id).await["status"], "failed");
    }
}

#[tokio::test]
async fn lists_are_paged_newest_first_and_can_lag_behind() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    for prompt in ["one", "two", "three"] {
        caller.create(prompt).await;
    }

    let first = json_of(caller.get("videos?limit=2").await).await;
    let after = first["last_id"].as_str().unwrap();
    let second = json_of(caller.get(&format!("videos?limit=2&after={after}")).await).await;
    fake.on_list(ListFault::NewestMissing);
    let late = json_of(caller.get("videos").await).await;

    assert_eq!((&first["data"][0]["prompt"], &first["has_more"]), (&json!("three"), &json!(true)));
    assert_eq!((&second["data"][0]["prompt"], &second["has_more"]), (&json!("one"), &json!(false)));
    assert_eq!(late["data"][0]["prompt"], "two");
}

#[tokio::test]
async fn deleted_and_forgotten_jobs_are_gone_but_stay_in_the_ledger() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    let thumbnail = caller.get(&format!("videos/{id}/content?variant=thumbnail")).await;
    assert_eq!(thumbnail.bytes().await.unwrap(), THUMBNAIL);

    let url = format!("{}/videos/{id}", caller.base);
    let gone = caller.http.delete(url).bearer_auth(KEY).send().await.unwrap();
    let other = caller.create("an owl").await;
    fake.forgets_its_jobs();

    assert_eq!(json_of(gone).await["deleted"], true);
    assert_eq!(caller.get(&format!("videos/{id}")).await.status(), 404);
    assert_eq!(caller.get(&format!("videos/{other}")).await.status(), 404);
    assert_eq!(fake.paid().len(), 2);
}

#[tokio::test]
async fn an_upstream_that_is_down_refuses_connections_and_comes_back_with_its_jobs() {
    let mut fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let id = caller.create("a fox").await;

    fake.go_down().await;
    let refused = caller.try_create("a fox").await.unwrap_err();
    fake.come_back().await;

    assert!(refused.is_connect());
    assert_eq!(caller.poll(&id).await["id"], json!(id));
    assert_eq!(fake.paid().len(), 1);
}

#[tokio::test]
async fn unknown_paths_are_written_down_for_the_harness() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);

    caller.get("videos/vid/other/part").await;

    assert_eq!(fake.unknown_requests(), ["GET /v1/videos/vid/other/part"]);
}

#[tokio::test]
async fn a_list_may_repeat_its_first_page_for_ever() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let id = caller.create("a fox").await;
    fake.on_list(ListFault::SamePageAgain).always();

    for path in ["videos".to_owned(), format!("videos?after={id}")] {
        let page = json_of(caller.get(&path).await).await;
        assert_eq!((&page["last_id"], &page["has_more"]), (&json!(id), &json!(true)));
    }
}

#[tokio::test]
async fn a_remix_is_a_create_of_its_own_with_the_measures_of_its_source() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;

    let url = format!("{}/videos/{id}/remix", caller.base);
    let request = caller.http.post(url).bearer_auth(KEY);
    let remix = request.json(&json!({ "prompt": "in snow" })).send().await.unwrap();

    let remix = json_of(remix).await;
    assert_eq!((&remix["remixed_from_video_id"], &remix["size"]), (&json!(id), &json!("1280x720")));
    assert_eq!(fake.paid().len(), 2);
}

#[tokio::test]
async fn every_bent_answer_is_bent_where_it_says() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    let other = caller.create("an owl").await;
    let here = format!("{}/files/", fake.base_url().trim_end_matches("/v1"));
    let bent = [
        (PollFault::With("fps".into(), json!(24)), "fps", json!(24)),
        (PollFault::Without("status".into()), "status", Value::Null),
        (PollFault::AnotherJob, "id", json!(other)),
        (PollFault::Url("http://10.0.0.1/x".into()), "url", json!("http://10.0.0.1/x")),
        (
            PollFault::Failed("late".into(), "Too late.".into()),
            "error",
            json!({ "code": "late", "message": "Too late." }),
        ),
    ];

    fake.on_poll(PollFault::UrlHere);
    let url = caller.poll(&id).await["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&here));
    assert_eq!(caller.http.get(url).send().await.unwrap().bytes().await.unwrap(), CLIP);
    for (fault, field, value) in bent {
        fake.on_poll(fault);
        assert_eq!(caller.poll(&id).await[field], value);
    }
    fake.on_poll(PollFault::PollAfter("soon".into()));
    let answer = caller.get(&format!("videos/{other}")).await;
    assert_eq!(answer.headers()["openai-poll-after-ms"], "soon");
}

#[tokio::test]
async fn errors_come_in_the_shapes_of_other_servers() {
    let shapes = [
        (Fault::Invalid, 400, "/error/param", json!("prompt")),
        (Fault::NotFound, 404, "/error/type", json!("invalid_request_error")),
        (Fault::StatusThenRetry(503, "5".into()), 503, "/error/type", json!("server_error")),
        (Fault::ErrorIsText, 400, "/error", json!("The engine could not start.")),
        (Fault::ErrorIsList, 422, "/detail/0/type", json!("int_parsing")),
    ];
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    for (fault, status, pointer, value) in shapes {
        fake.on_poll(fault);
        let answer = caller.get(&format!("videos/{id}")).await;
        assert_eq!(answer.status(), status);
        assert_eq!(json_of(answer).await.pointer(pointer), Some(&value));
    }
    fake.on_poll(Fault::ByteOrderMark);
    let marked = caller.get(&format!("videos/{id}")).await.bytes().await.unwrap();
    assert!(marked.starts_with(b"\xef\xbb\xbf{"));
}

#[tokio::test]
async fn lists_can_be_empty_turned_round_or_without_prompts() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    let (first, second) = (caller.create("one").await, caller.create("two").await);
    fake.on_list(ListFault::NothingListed);
    fake.on_list(ListFault::WrongOrder);
    fake.on_list(ListFault::PromptsAreNull);

    let mut pages = Vec::new();
    for _ in 0..3 {
        pages.push(json_of(caller.get("videos").await).await);
    }

    assert_eq!((&pages[0]["data"], &pages[0]["last_id"]), (&json!([]), &Value::Null));
    assert_eq!(pages[1]["data"][0]["id"], json!(first));
    assert_eq!((&pages[2]["data"][0]["id"], &pages[2]["data"][0]["prompt"]), (&json!(second), &Value::Null));
}

#[tokio::test]
async fn an_upstream_has_the_manners_it_was_given() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    fake.offers(&[("sora-2", &["1280x720"]), ("tiny", &["64x64"])]);
    fake.set_now(1_800_000_000);
    fake.expires_in(-3);
    let id = caller.create("a fox").await;
    let url = format!("{}/videos/{id}", caller.base);
    let delete = || caller.http.delete(&url).bearer_auth(KEY).send();

    let models = json_of(caller.get("models").await).await;
    let refused = delete().await.unwrap();
    fake.finish(&id);
    let video = caller.poll(&id).await;
    let late = caller.create("an owl").await;
    fake.aborts_on_delete();
    let aborted = caller.http.delete(format!("{}/videos/{late}", caller.base));
    let aborted = aborted.bearer_auth(KEY).send().await.unwrap();
    fake.change_key("sk-another");

    assert_eq!(models["data"][1]["id"], "tiny");
    assert_eq!((refused.status().as_u16(), aborted.status().as_u16()), (400, 200));
    assert_eq!((&video["created_at"], &video["expires_at"]), (&json!(1_800_000_000), &json!(1_799_999_997)));
    assert_eq!(caller.get(&format!("videos/{id}")).await.status(), 401);
    assert_eq!(fake.deletes().len(), 2);
}
