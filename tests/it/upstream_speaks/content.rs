//! Downloads, redirects and answers without an end.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use reqwest::StatusCode;

use super::{Caller, finished, json_of};
use crate::upstream::clip::{CLIP, clip_of_bytes};
use crate::upstream::{ContentFault, FakeUpstream, Fault, KEY};

#[tokio::test]
async fn a_broken_download_is_broken_the_way_it_says() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    let breaks = [
        ContentFault::CutAt(5000),
        ContentFault::ResetAt(5000),
        ContentFault::ChunkedCutAt(5000),
        ContentFault::LengthTooLong,
    ];
    for fault in breaks {
        fake.on_content(fault.clone());
        let outcome = caller.content(&id).await.bytes().await;
        assert!(outcome.is_err(), "{fault:?}");
    }
    for fault in [ContentFault::UntilClose, ContentFault::Chunked] {
        fake.on_content(fault);
        assert_eq!(caller.content(&id).await.bytes().await.unwrap(), CLIP);
    }

    fake.on_content(ContentFault::UntilCloseCutAt(5000));
    assert_eq!(caller.content(&id).await.bytes().await.unwrap(), CLIP[..5000]);
    fake.on_content(ContentFault::LengthTooShort);
    assert_eq!(caller.content(&id).await.bytes().await.unwrap(), CLIP[..CLIP.len() - 1000]);
    fake.on_content(ContentFault::NotReady(409)).times(2);
    for status in [409, 409, 200] {
        assert_eq!(caller.content(&id).await.status(), status);
    }
    assert_eq!(fake.content_requests().len(), 11);
}

#[tokio::test]
async fn a_download_resumes_where_it_stopped_unless_told_otherwise() {
    let fake = FakeUpstream::start().await;
    fake.serves(clip_of_bytes(3_000_000));
    let (caller, id) = finished(&fake).await;

    let tail = caller.part(&id, "bytes=2999990-").await;

    assert_eq!(tail.headers()["content-range"], "bytes 2999990-2999999/3000000");
    assert_eq!(tail.status(), StatusCode::PARTIAL_CONTENT);
    let etag = tail.headers()["etag"].clone();
    assert_eq!(tail.bytes().await.unwrap(), clip_of_bytes(3_000_000)[2_999_990..]);
    fake.on_content(ContentFault::WrongOffset);
    let wrong = caller.part(&id, "bytes=500-").await;
    assert_eq!(wrong.headers()["content-range"], "bytes 400-2999999/3000000");
    fake.on_content(ContentFault::IgnoresRange);
    assert_eq!(caller.part(&id, "bytes=500-").await.status(), StatusCode::OK);
    assert_eq!(caller.part(&id, "bytes=3000000-").await.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    fake.on_content(ContentFault::ContentChanges);
    let changed = caller.part(&id, "bytes=500-").await;
    assert_ne!(changed.headers()["etag"], etag);
    assert_eq!(changed.headers()["content-range"], "bytes 500-3000015/3000016");
    assert_eq!(fake.content_requests()[0].header("range"), Some("bytes=2999990-"));
}

#[tokio::test]
async fn a_stalled_download_waits_at_its_byte_and_goes_on_when_released() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    let gate = fake.hold_content_after(4096);
    let mut answer = caller.content(&id).await;
    let mut bytes = Vec::new();
    while bytes.len() < 4096 {
        bytes.extend(answer.chunk().await.unwrap().unwrap());
    }
    gate.reached().await;
    assert_eq!(bytes.len(), 4096);

    gate.release();

    while let Some(chunk) = answer.chunk().await.unwrap() {
        bytes.extend(chunk);
    }
    assert_eq!(bytes, CLIP);
}

#[tokio::test]
async fn redirects_lead_to_an_origin_that_writes_down_what_it_is_sent() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    fake.on_content(Fault::RedirectElsewhere(302));
    fake.on_content(Fault::RedirectTo(302, "http://169.254.169.254/latest".into()));
    fake.on_create(Fault::RedirectToSelf(307));

    let away = caller.content(&id).await.headers()["location"].to_str().unwrap().to_owned();
    let private = caller.content(&id).await.headers()["location"].clone();
    let again = caller.try_create("a fox").await.unwrap();

    let request = caller.http.get(away).bearer_auth(KEY);
    assert_eq!(request.send().await.unwrap().bytes().await.unwrap(), CLIP);
    assert!(fake.requests_elsewhere()[0].authorization().is_some());
    assert_eq!(private, "http://169.254.169.254/latest");
    assert_eq!((again.status().as_u16(), fake.paid().len()), (307, 1));
}

#[tokio::test]
async fn a_huge_answer_is_made_up_as_it_is_read() {
    let fake = FakeUpstream::start().await;
    let caller = Caller::of(&fake);
    fake.on_models(Fault::HugeJson(1 << 30));
    let mut answer = caller.get("models").await;
    let length = answer.content_length().unwrap();

    let mut read = 0;
    while read < 1_000_000 {
        read += answer.chunk().await.unwrap().unwrap().len();
    }

    assert!(length > 1 << 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_silent_upstream_reads_and_never_answers() {
    let fake = FakeUpstream::start().await;
    fake.on_models(Fault::Silence);
    let ask = |patience: u64| {
        let mut socket = TcpStream::connect(fake.address()).unwrap();
        let timeout = std::time::Duration::from_millis(patience);
        socket.set_read_timeout(Some(timeout)).unwrap();
        socket.write_all(b"GET /v1/models HTTP/1.1\r\n\r\n").unwrap();
        socket.read(&mut [0; 16]).map_err(|e| e.kind())
    };

    let silence = ask(100).unwrap_err();
    let answer = ask(10_000);

    assert!(matches!(silence, ErrorKind::WouldBlock | ErrorKind::TimedOut));
    assert_eq!(answer, Ok(16));
    assert_eq!(fake.model_requests()[0].answer, "silence");
}

#[tokio::test]
async fn a_file_that_is_no_good_video_says_it_is_one() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    let faults = [
        ContentFault::JsonAsVideo,
        ContentFault::NotMp4,
        ContentFault::WithoutMoov,
        ContentFault::AbsurdBox,
        ContentFault::NoBytes,
    ];
    for fault in faults {
        fake.on_content(fault.clone());
        let answer = caller.content(&id).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "video/mp4");
        let bytes = answer.bytes().await.unwrap();
        let has_mvhd = bytes.windows(4).any(|name| name == b"mvhd");
        assert!(!has_mvhd, "{fault:?}");
    }
    assert!(CLIP.windows(4).any(|name| name == b"mvhd"));
}

#[tokio::test]
async fn content_may_be_a_url_and_the_url_does_not_lead_back_to_it() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    fake.on_content(ContentFault::UrlHere).always();

    let url = json_of(caller.content(&id).await).await["video_url"].as_str().unwrap().to_owned();
    let bytes = caller.http.get(url).send().await.unwrap().bytes().await.unwrap();

    assert_eq!(bytes, CLIP);
    assert_eq!(fake.content_requests()[1].id, Some(id));
}

#[tokio::test]
async fn a_part_is_given_only_while_the_file_is_the_one_it_belongs_to() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    let etag = caller.content(&id).await.headers()["etag"].clone();
    let resume = || {
        let url = format!("{}/videos/{id}/content", caller.base);
        let request = caller.http.get(url).bearer_auth(KEY);
        request.header("range", "bytes=500-").header("if-range", etag.clone()).send()
    };

    assert_eq!(resume().await.unwrap().status(), StatusCode::PARTIAL_CONTENT);
    fake.on_content(ContentFault::ContentChanges);
    let changed = resume().await.unwrap();

    assert_eq!(changed.status(), StatusCode::OK);
    let joined = [&CLIP[..500], &changed.bytes().await.unwrap()[500..]].concat();
    assert_ne!(joined, CLIP);
    assert_eq!(caller.content(&id).await.bytes().await.unwrap().len(), CLIP.len() + 16);
}

#[tokio::test]
async fn a_dripping_answer_is_whole_and_an_endless_one_never_is() {
    let fake = FakeUpstream::start().await;
    let (caller, id) = finished(&fake).await;
    let truth = caller.poll(&id).await;
    fake.on_poll(Fault::Drip(0));
    fake.on_content(ContentFault::Endless);

    let dripped = caller.poll(&id).await;
    let mut endless = caller.content(&id).await;
    let mut bytes = Vec::new();
    while bytes.len() < CLIP.len() + 1_000_000 {
        bytes.extend(endless.chunk().await.unwrap().unwrap());
    }

    assert_eq!(dripped, truth);
    assert_eq!(endless.content_length(), None);
    assert!(bytes.starts_with(CLIP));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn absurd_lengths_and_stalls_are_on_the_wire_as_written() {
    let fake = FakeUpstream::start().await;
    let (_, id) = finished(&fake).await;
    let raw = || {
        let mut socket = TcpStream::connect(fake.address()).unwrap();
        let patience = std::time::Duration::from_millis(200);
        socket.set_read_timeout(Some(patience)).unwrap();
        let request = format!("GET /v1/videos/{id}/content HTTP/1.1\r\nauthorization: Bearer {KEY}\r\n\r\n");
        socket.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let ending = socket.read_to_end(&mut bytes).map_err(|e| e.kind());
        (bytes, ending)
    };
    let says = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());

    fake.on_content(ContentFault::LengthNegative);
    assert!(says(&raw().0, "content-length: -20207\r\n"));
    fake.on_content(ContentFault::LengthTwice);
    assert!(says(&raw().0, "content-length: 20207\r\ncontent-length: 19207\r\n"));
    fake.on_content(ContentFault::RangeRefused);
    assert!(says(&raw().0, "content-range: bytes */20207\r\n"));
    fake.on_content(ContentFault::StallAt(1000));
    let (stalled, ending) = raw();
    assert!(stalled.ends_with(&CLIP[..1000]));
    assert!(matches!(ending, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)));
}
