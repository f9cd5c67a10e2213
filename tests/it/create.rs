//! Create: from a form to a clip in the library, or to a sentence beside each wrong field.

use crate::app::TestApp;
use crate::upstream::FakeUpstream;

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_becomes_a_clip_in_the_library_and_is_paid_for_once() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;

    let clip = app.browser.paid("A lighthouse at dusk").await;
    let page = app.until_state(&clip, "completed").await;

    assert_eq!(fake.paid().len(), 1);
    let video = page.attribute("video", "src").unwrap();
    let file = app.browser.get(&video).await;
    assert_eq!(file.headers()["content-type"], "video/mp4");
    assert_eq!(file.bytes().await.unwrap(), include_bytes!("upstream/clip.mp4").as_slice());
    assert!(page.text().contains("$0.40"), "{}", page.text());
}
