//! The upstream's own list of jobs, read tolerantly. It shows other people's jobs too, so
//! nothing in it is taken for ours here.

use serde_json::Value;

use super::answer::moment;
use super::create::read_id;
use crate::upstream::{Listed, Listing, UpstreamId};

/// The most jobs of a page that are read: some servers know no limit.
const MOST: usize = 1_000;
/// The most characters of a prompt, a model, a size or a length that are kept.
const LONGEST: usize = 8_000;

/// Reads a page that was asked to start after `after`; none if the body is no list.
pub(super) fn read(body: &Value, after: Option<&UpstreamId>) -> Option<Listing> {
    let items = ["data", "videos", "items"]
        .into_iter()
        .find_map(|name| body.get(name)?.as_array())
        .or_else(|| body.as_array())?;
    let jobs: Vec<Listed> = items.iter().take(MOST).filter_map(job).collect();
    let more = body.get("has_more").and_then(Value::as_bool).unwrap_or(false);
    let last = body.get("last_id").and_then(read_id).and_then(Result::ok);
    let next = last.or_else(|| jobs.last().map(|job| job.id.clone()));
    // A server that repeats a page would keep us turning for ever.
    let next = next.filter(|next| more && !jobs.is_empty() && Some(next) != after);
    Some(Listing { jobs, after: next })
}

fn job(item: &Value) -> Option<Listed> {
    let id = ["id", "task_id"].into_iter().filter_map(|name| item.get(name)).find_map(read_id)?.ok()?;
    let text = |name: &str| match item.get(name)? {
        Value::String(text) => Some(text.chars().take(LONGEST).collect()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    Some(Listed {
        id,
        prompt: text("prompt"),
        model: text("model"),
        size: text("size"),
        seconds: text("seconds"),
        created_at: ["created_at", "created"].into_iter().filter_map(|name| item.get(name)).find_map(moment),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;
    use serde_json::json;

    #[test]
    fn jobs_are_read_with_whatever_the_server_tells_of_them() {
        let body = json!({"object": "list", "has_more": true, "last_id": "b", "data": [
            {"id": "a", "prompt": "p", "model": "m", "size": "1x1", "seconds": 4, "created_at": 1_790_000_000},
            {"id": 7, "prompt": null}, {"no": "id"}, null]});
        let page = read(&body, None).expect("a list");
        assert_eq!(page.after, Some(UpstreamId("b".to_owned())));
        assert_eq!(page.jobs.len(), 2);
        assert_eq!(page.jobs[0].seconds.as_deref(), Some("4"));
        assert_eq!(page.jobs[0].created_at, Some(Millis::from_i64(1_790_000_000_000)));
        assert_eq!((page.jobs[1].id.0.as_str(), page.jobs[1].prompt.as_deref()), ("7", None));
    }

    #[test]
    fn pages_end_and_what_is_no_list_is_none() {
        let page = |body: &Value, after: &str| read(body, Some(&UpstreamId(after.to_owned()))).expect("a list").after;
        assert_eq!(page(&json!({"data": [{"id": "a"}], "has_more": true}), "x"), Some(UpstreamId("a".to_owned())));
        assert_eq!(page(&json!({"data": [{"id": "a"}], "has_more": true}), "a"), None);
        assert_eq!(page(&json!({"data": [], "has_more": true, "last_id": "z"}), "a"), None);
        assert_eq!(page(&json!([{"id": "a"}]), "x"), None);
        assert_eq!(read(&json!({"detail": "Not Found"}), None), None);
    }
}
