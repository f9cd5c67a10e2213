//! The director's desk without script: drafts, styles, options of models, and from one clip to the next.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::multipart::{Form, Part};
use rushes::config::UpstreamConfig;
use rushes::domain::{Ability, Price};
use tempfile::TempDir;

use crate::app::{TestApp, gateway};
use crate::page::Page;
use crate::upstream::FakeUpstream;

/// Red on the left, blue on the right.
fn two_halves() -> Vec<u8> {
    let picture = RgbImage::from_fn(2000, 400, |x, _| if x < 1000 { Rgb([230, 20, 20]) } else { Rgb([20, 20, 230]) });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn file(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("picture.png").mime_str("image/png").unwrap()
}

/// A gateway whose model takes everything there is to take.
fn able(fake: &FakeUpstream) -> UpstreamConfig {
    let mut upstream = gateway(fake, 4);
    upstream.models[0].abilities = Some(Ability::ALL.into_iter().map(|(ability, _)| ability).collect());
    upstream.models[0].references = 2;
    upstream.models[0].price =
        Price { per_second: Some("0.10".parse().unwrap()), silent: Some("0.05".parse().unwrap()), table: Vec::new() };
    upstream
}

async fn able_app(fake: &FakeUpstream) -> TestApp {
    TestApp::with(TempDir::new().unwrap(), false, vec![able(fake)]).await
}

fn form(fields: &[(&'static str, &str)]) -> Form {
    fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, (*value).to_owned()))
}

fn location(response: &reqwest::Response) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

async fn first_clip(app: &TestApp, task: &str) -> String {
    format!("/g/{}", app.browser.page(task).await.generations()[0].id)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_written_waits_on_every_device_until_it_is_created() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let draft = [("prompt", "A half-written <fox>"), ("seconds", "8"), ("model", "sora-2")];
    assert_eq!(app.browser.post_form("/draft", &draft).await.status(), 204);
    let page = app.browser.page("/").await;
    let typed = page.one("textarea[name=prompt]").text().collect::<String>();
    assert_eq!(typed.trim_start_matches('\n'), "A half-written <fox>");
    assert_eq!(page.attribute("input[name=seconds][checked]", "value").as_deref(), Some("8"));
    app.browser.created(&[("prompt", "A fox"), ("seconds", "12"), ("aspect", "9:16")]).await;
    let page = app.browser.page("/").await;
    assert_eq!(page.one("textarea[name=prompt]").text().collect::<String>().trim(), "", "it has become a clip");
    assert_eq!(page.attribute("input[name=seconds][checked]", "value").as_deref(), Some("12"), "and is remembered");
    assert_eq!(page.attribute("input[name=aspect][checked]", "value").as_deref(), Some("9:16"));
    let long = "x".repeat(70_000);
    assert_eq!(app.browser.post_form("/draft", &[("prompt", &long)]).await.status(), 422);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_style_adds_its_words_to_what_is_sent_and_a_person_sees_them_first() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let page = app.browser.page("/presets").await;
    assert!(page.all(".style").len() >= 8, "styles come with Rushes");
    let wrong = app.browser.client().post(app.browser.url("/presets"));
    let wrong = wrong.multipart(form(&[("name", ""), ("text", "soft light")])).send().await.unwrap();
    assert_eq!(wrong.status(), 422);
    let wrong = Page::read(&wrong.text().await.unwrap());
    assert_eq!(wrong.error_of("name").as_deref(), Some("Give the style a name."));
    assert!(wrong.one("#text-new").text().collect::<String>().contains("soft light"), "nothing typed is lost");

    let own = form(&[("name", "Old Tom"), ("text", "a ginger tomcat with one torn ear"), ("shared", "1")]);
    let own = own.part("picture", file(two_halves()));
    let kept = app.browser.client().post(app.browser.url("/presets")).multipart(own).send().await.unwrap();
    assert_eq!(kept.status(), 303);
    let page = app.browser.page("/presets").await;
    let picture = page.attribute("#own ~ ul img", "src").unwrap();
    assert_eq!(app.browser.get(&picture).await.status(), 200);
    let key = page.attribute("#own ~ ul .style", "id").unwrap().replace("s-", "");

    // Chosen, its words are shown, and sent after the prompt; the prompt stays as it was typed.
    let page = app.browser.page(&format!("/?preset={key}")).await;
    assert!(page.one("#preset-text").text().collect::<String>().contains("torn ear"));
    let task = app.browser.created(&[("prompt", "A street at dawn"), ("preset", &key)]).await;
    let clip = first_clip(&app, &task).await;
    app.until_state(&clip, "completed").await;
    let sent = "A street at dawn. Style: a ginger tomcat with one torn ear.";
    assert_eq!(fake.creates()[0].prompt(), sent);
    let page = app.browser.page(&clip).await;
    assert_eq!(page.one("#prompt-text").text().collect::<String>(), "A street at dawn");
    assert!(page.one(".sent").text().collect::<String>().contains(sent));

    // By its name it is a character in a prompt.
    let task = app.browser.created(&[("prompt", "@old-tom crosses a bridge, not @old-tommy")]).await;
    app.until_state(&first_clip(&app, &task).await, "completed").await;
    let sent = "Old Tom (a ginger tomcat with one torn ear) crosses a bridge, not @old-tommy";
    assert_eq!(fake.creates()[1].prompt(), sent);

    // Once it is removed, a form that still names it says so.
    assert_eq!(app.browser.post(&format!("/presets/{key}/remove")).await.status(), 303);
    let response = app.browser.create(&[("prompt", "A street"), ("preset", &key)]).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().await.unwrap().contains("This style is gone."));
    assert_eq!(app.browser.get(&picture).await.status(), 404);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_takes_is_offered_priced_and_sent_and_nothing_else_is() {
    let fake = FakeUpstream::start().await;
    let app = able_app(&fake).await;
    let page = app.browser.page("/").await;
    for field in ["audio", "seed", "negative", "last_image", "images"] {
        assert!(!page.all(&format!("#sheet [name={field}]")).is_empty(), "{field}");
    }
    let silent = app.browser.page("/compose?model=sora-2&seconds=4&audio=0").await;
    assert!(silent.text().contains("$0.20"), "without sound it costs half: {}", silent.text());

    let pictures = form(&[
        ("prompt", "A bridge"),
        ("seconds", "4"),
        ("seed", "77"),
        ("negative", "people, cars"),
        ("audio", "0"),
        ("variations", "2"),
    ]);
    let pictures = pictures.part("last_image", file(two_halves()));
    let pictures = pictures.part("images", file(two_halves())).part("images", file(two_halves()));
    let response = app.browser.send(pictures).await;
    assert_eq!(response.status(), 303, "{}", response.text().await.unwrap());
    let clip = first_clip(&app, &location(&response)).await;
    let page = app.until_state(&clip, "completed").await;
    assert!(page.text().contains("people, cars") && page.text().contains("77"), "the clip's page tells");
    app.until("both takes", || async { (fake.creates().len() == 2).then_some(()) }).await;
    let creates = fake.creates();
    let mut seeds: Vec<_> = creates.iter().map(|create| create.order.as_ref().unwrap().text("seed").unwrap()).collect();
    seeds.sort_unstable();
    assert_eq!(seeds, ["77", "78"], "each take has its own");
    let order = creates[0].order.as_ref().unwrap();
    assert_eq!(order.text("negative_prompt"), Some("people, cars"));
    assert_eq!(order.text("generate_audio"), Some("false"));
    let files: Vec<_> = order.files.iter().map(|(name, file)| (name.as_str(), file.pixels)).collect();
    let size = Some((1280, 720));
    assert_eq!(files, [("last_frame", size), ("reference_images", size), ("reference_images", size)]);

    // What does not do is said beside its field, and nothing is sent.
    for (field, value, words) in [
        ("seed", "-3", "A seed is a whole number from 0 to 2147483647."),
        ("negative", &"x".repeat(1_001), "This is longer than 1,000 characters. Shorten it."),
    ] {
        let response = app.browser.create(&[("prompt", "A bridge"), (field, value)]).await;
        assert_eq!(response.status(), 422, "{field}");
        let page = Page::read(&response.text().await.unwrap());
        assert_eq!(page.error_of(field).as_deref(), Some(words));
    }
    let many = (0..3).fold(form(&[("prompt", "A bridge")]), |form, _| form.part("images", file(two_halves())));
    let response = app.browser.send(many).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().await.unwrap().contains("Sora 2 takes 2 further pictures at most."));
    app.stop().await;

    // A model that takes none of it does not show it, and says no to it.
    let app = TestApp::before(&fake).await;
    let page = app.browser.page("/").await;
    for field in ["audio", "seed", "negative", "last_image", "images"] {
        assert!(page.all(&format!("#sheet [name={field}]")).is_empty(), "{field}");
    }
    assert!(page.one("#sheet").text().collect::<String>().contains("Sora 2 has no switch for sound, seed, "));
    let before = fake.creates().len();
    let response = app.browser.create(&[("prompt", "A bridge"), ("seed", "5")]).await;
    assert_eq!(response.status(), 422);
    assert!(response.text().await.unwrap().contains("Sora 2 takes no seed. Leave this empty."));
    assert_eq!(fake.creates().len(), before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_part_of_a_picture_that_a_person_chose_is_the_one_that_is_sent() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let mut sums = Vec::new();
    for x in ["0", "100", "0"] {
        let form = form(&[("prompt", "A wall"), ("crop_x", x), ("crop_y", "50"), ("zoom", "100")]);
        let response = app.browser.send(form.part("image", file(two_halves()))).await;
        assert_eq!(response.status(), 303);
        app.until_state(&first_clip(&app, &location(&response)).await, "completed").await;
        let picture = fake.creates().last().unwrap().order.as_ref().unwrap().reference.clone().unwrap();
        assert_eq!(picture.pixels, Some((1280, 720)));
        sums.push(picture.sha256);
    }
    assert_ne!(sums[0], sums[1], "the left is not the right");
    assert_eq!(sums[0], sums[2]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remix_is_the_upstreams_own_where_it_has_one_and_keeps_shape_and_length() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let task = app.browser.created(&[("prompt", "A lighthouse"), ("aspect", "9:16"), ("seconds", "8")]).await;
    let clip = first_clip(&app, &task).await;
    let page = app.until_state(&clip, "completed").await;
    for name in ["Remix", "Extend", "Trim", "Loop", "Edit prompt"] {
        assert!(page.all(".tools a").iter().any(|link| link.text().collect::<String>().trim() == name), "{name}");
    }
    let page = app.browser.page(&format!("{clip}/remix")).await;
    assert_eq!(page.attribute("#prompt", "placeholder").as_deref(), Some("Describe changes…"));
    assert!(page.one("#mode").text().collect::<String>().contains("The upstream changes its own clip."));
    assert!(page.one("[data-wording]").text().collect::<String>().contains("Keep the composition"), "wording is seen");
    assert!(page.attribute("#sheet [name=aspect][value='16:9']", "disabled").is_some());

    let id = clip.trim_start_matches("/g/");
    let fields = [("prompt", "at night"), ("remix", id), ("strength", "subtle"), ("token", "once"), ("seconds", "12")];
    let made = app.browser.created(&fields).await;
    assert_eq!(app.browser.created(&fields).await, made, "sent twice, it is one remix");
    let remix = first_clip(&app, &made).await;
    let page = app.until_state(&remix, "completed").await;
    let create = fake.creates()[1].clone();
    let job = fake.creates()[0].accepted.clone().unwrap();
    assert_eq!(create.target, format!("/v1/videos/{job}/remix"));
    let sent = "at night Change nothing else: keep composition, subject, motion, light and colours as they are.";
    assert_eq!(create.prompt(), sent);
    assert_eq!(fake.creates().len(), 2);
    assert!(page.text().contains("720 × 1280"), "it has the shape of its source");
    // Lineage both ways, and the source is as it was.
    assert!(page.one("#lineage").text().collect::<String>().contains("Made from"));
    let page = app.browser.page(&clip).await;
    assert_eq!(page.attribute("#lineage .kin a", "href"), Some(remix));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_upstream_has_no_remix_a_new_clip_is_told_what_the_first_one_showed() {
    let fake = FakeUpstream::start().await;
    let mut upstream = gateway(&fake, 4);
    upstream.models[0].abilities = Some(Vec::new());
    let app = TestApp::with(TempDir::new().unwrap(), false, vec![upstream]).await;
    let clip = app.browser.paid("A lighthouse.").await;
    app.until_state(&clip, "completed").await;
    let id = clip.trim_start_matches("/g/");
    let fields = [("prompt", "at night"), ("remix", id), ("strength", "custom"), ("strength_words", "Keep the boat")];
    let remix = first_clip(&app, &app.browser.created(&fields).await).await;
    app.until_state(&remix, "completed").await;
    let sent = "A lighthouse.\n\nThe same shot, with this change: at night.\n\nKeep the boat.";
    assert_eq!(fake.creates()[1].prompt(), sent);
    assert_eq!(fake.creates()[1].target, "/v1/videos");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remix_that_the_upstream_turns_out_not_to_make_is_made_anew_and_paid_once() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A lighthouse.").await;
    app.until_state(&clip, "completed").await;
    fake.on_create(crate::upstream::Fault::Status(404));
    let id = clip.trim_start_matches("/g/");
    let task = app.browser.created(&[("prompt", "at night"), ("remix", id)]).await;
    app.until_state(&first_clip(&app, &task).await, "completed").await;
    let creates = fake.creates();
    assert_eq!(creates.len(), 3);
    assert!(creates[1].target.ends_with("/remix") && creates[1].accepted.is_none());
    assert!(creates[2].prompt().starts_with("A lighthouse.\n\nThe same shot, with this change: at night."));
    assert_eq!(fake.paid().len(), 2, "the first clip and its remix");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_is_the_upstreams_own_where_it_has_one() {
    let fake = FakeUpstream::start().await;
    let app = TestApp::before(&fake).await;
    let clip = app.browser.paid("A boat").await;
    app.until_state(&clip, "completed").await;
    let page = app.browser.page(&format!("{clip}/extend")).await;
    assert_eq!(page.attribute("#prompt", "placeholder").as_deref(), Some("Describe what happens next…"));
    let id = clip.trim_start_matches("/g/");
    let task = app.browser.created(&[("prompt", "It sails on"), ("extend", id), ("seconds", "8")]).await;
    app.until_state(&first_clip(&app, &task).await, "completed").await;
    let create = fake.creates()[1].clone();
    assert_eq!(create.target, "/v1/videos/extensions");
    let order = create.order.unwrap();
    assert_eq!((order.prompt(), order.seconds()), ("It sails on", "8"));
    assert_eq!(order.fields["video"]["id"].as_str(), fake.creates()[0].accepted.as_deref());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_once_more_is_one_press_and_one_clip() {
    let fake = FakeUpstream::start().await;
    let app = able_app(&fake).await;
    let form = form(&[("prompt", "A boat"), ("negative", "rain"), ("seed", "5"), ("variations", "2"), ("audio", "1")]);
    let response = app.browser.send(form.part("image", file(two_halves()))).await;
    let clip = first_clip(&app, &location(&response)).await;
    let page = app.until_state(&clip, "completed").await;
    let button = page.one("form[action$='/reroll'] button").text().collect::<String>();
    assert_eq!(button.trim(), "Re-roll · $0.40", "it says what it costs");
    let token = page.attribute("form[action$='/reroll'] [name=token]", "value").unwrap();
    let again = app.browser.post_form(&format!("{clip}/reroll"), &[("token", &token)]).await;
    let twice = app.browser.post_form(&format!("{clip}/reroll"), &[("token", &token)]).await;
    assert_eq!((again.status(), location(&again)), (twice.status(), location(&twice)), "pressed twice, it is one");
    app.until_state(&first_clip(&app, &location(&again)).await, "completed").await;
    let creates = fake.creates();
    assert_eq!(creates.len(), 3);
    let (first, last) = (creates[0].order.as_ref().unwrap(), creates[2].order.as_ref().unwrap());
    assert_eq!((first.prompt(), first.text("negative_prompt")), (last.prompt(), last.text("negative_prompt")));
    assert_eq!(first.reference, last.reference);
    assert_eq!(last.text("seed"), None, "another take, not the same again");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coach_reads_a_prompt_however_it_is_sent() {
    let app = TestApp::alone().await;
    let prompt = "A red fox leaps over a log in a snowy forest at dusk, low angle tracking shot, watercolor";
    let fields = [("prompt", prompt), ("seconds", "4"), ("aspect", "16:9")];
    let sent = app.browser.post_form("/coach", &fields).await;
    assert_eq!(sent.status(), 200);
    let urlencoded = sent.text().await.unwrap();
    let multipart = app.browser.client().post(app.browser.url("/coach")).multipart(form(&fields)).send().await.unwrap();
    assert_eq!(multipart.text().await.unwrap(), urlencoded);
    let page = Page::read(&urlencoded);
    let marks: Vec<_> = page.all("[data-mark]").iter().map(|mark| mark.value().attr("data-mark").unwrap()).collect();
    assert_eq!(marks, ["subject", "action", "setting", "lighting", "camera", "style"]);
    assert_eq!(page.all("[data-mark][data-named=true]").len(), 6, "{urlencoded}");
    assert_eq!(page.all("[data-warning]").len(), 0);
    assert!(page.all("[data-mark]").iter().all(|mark| mark.text().count() > 6), "each has phrases to put in");

    let fields = [("prompt", "a sign that reads \"OPEN\""), ("seconds", "12"), ("aspect", "1:1")];
    let page = Page::read(&app.browser.post_form("/coach", &fields).await.text().await.unwrap());
    let warned: Vec<_> =
        page.all("[data-warning]").iter().map(|hint| hint.value().attr("data-warning").unwrap()).collect();
    for warning in ["too_short", "text_in_image", "long_duration", "unusual_ratio"] {
        assert!(warned.contains(&warning), "{warning} in {warned:?}");
    }
    let nothing = app.browser.post_form("/coach", &[]).await.text().await.unwrap();
    assert_eq!(Page::read(&nothing).all("[data-named=true], [data-warning]").len(), 0);

    // Without script a phrase is put in by a page.
    let typed = form(&[("prompt", "A fox"), ("insert", "at golden hour"), ("seconds", "8")]);
    let page = app.browser.client().post(app.browser.url("/compose")).multipart(typed).send().await.unwrap();
    let page = Page::read(&page.text().await.unwrap());
    assert_eq!(page.one("#prompt").text().collect::<String>().trim(), "A fox, at golden hour");
    assert_eq!(page.attribute("[data-mark=lighting]", "data-named").as_deref(), Some("true"));
    app.stop().await;
}
