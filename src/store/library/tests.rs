//! How SQLite reads each way to look at the wall: by which index, and never a whole table.

use sqlx::Row;

use super::*;
use crate::domain::search::Query;

/// The plan of a page, a step a word: `generation_wall`, or what else is read.
async fn plan(store: &Store, filter: &Filter, past: Option<GenerationId>) -> Vec<String> {
    let mut writer = Writer::new(filter, Order::of(filter));
    writer.text("explain query plan ");
    let rows = writer.page(past.map(|id| (7, id)), 48).build().fetch_all(&store.read).await.expect("a plan");
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

#[tokio::test]
async fn every_wall_is_read_from_the_end_of_an_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("rushes.db")).await.expect("a database");
    let of = |scope| Filter::of(scope, PersonId::FIRST);
    let all = of(Scope::All);
    let words = Query::read("river wide").expression();
    for (filter, index) in [
        (all.clone(), "INDEX generation_wall"),
        (Filter { sort: Sort::Oldest, ..all.clone() }, "INDEX generation_wall"),
        (Filter { sort: Sort::Longest, ..all.clone() }, "INDEX generation_by_seconds"),
        (Filter { sort: Sort::Remixed, ..all.clone() }, "INDEX generation_by_remixes"),
        (Filter { status: Some(Status::Failed), ..all.clone() }, "INDEX generation_by_state (state=?"),
        (Filter { model: Some("sora-2".to_owned()), ..all.clone() }, "INDEX generation_by_model (model_key=?"),
        (Filter { aspect: Some("9:16".to_owned()), ..all.clone() }, "INDEX generation_by_aspect (aspect=?"),
        (Filter { by: Some(PersonId::FIRST), ..all.clone() }, "INDEX generation_by_person (person_id=?"),
        (Filter { best: true, ..all.clone() }, "INDEX generation_best"),
        (Filter { favorite: true, ..all.clone() }, "m USING PRIMARY KEY (person_id=?"),
        (Filter { words, ..all.clone() }, "clip_search VIRTUAL TABLE INDEX"),
        (Filter { from: Some(GenerationId::from_i64(1)), ..all }, "INDEX task_parent (parent_id=?"),
        (of(Scope::Mine), "INDEX generation_by_person (person_id=?"),
        (of(Scope::Favorites), "m USING PRIMARY KEY (person_id=?"),
        (of(Scope::Folder(FolderId::from_i64(1))), "m USING PRIMARY KEY (folder_id=?"),
        (of(Scope::Uploads), "INDEX generation_uploads"),
        (of(Scope::Trash), "INDEX generation_trash"),
    ] {
        for past in [None, Some(GenerationId::from_i64(9_000_000))] {
            let plan = plan(&store, &filter, past).await;
            assert!(plan.iter().any(|step| step.contains(index)), "{filter:?}: {plan:?}");
            let is_derived = |step: &String| step.starts_with("SCAN c") || step.contains("USING INDEX generation_");
            let scans: Vec<_> = plan.iter().filter(|step| step.starts_with("SCAN ") && !is_derived(step)).collect();
            assert!(scans.iter().all(|step| step.contains("clip_search")), "{filter:?}: {plan:?}");
            // Only what cannot come in order is sorted, and then only a window of it.
            let is_sorted = plan.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
            assert!(!is_sorted || filter.from.is_some(), "{filter:?}: {plan:?}");
        }
    }
    store.close().await;
}
