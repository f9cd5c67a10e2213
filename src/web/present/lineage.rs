//! What a clip came from and what came of it, as its page draws it.

use super::activity::short;
use super::clip::poster_url;
use crate::domain::Operation;
use crate::store::clips::Clip;
use crate::store::{self, Store};
use crate::web::view::cut::{Kin, Lineage};

/// Clips of each row.
const SHOWN: u32 = 12;

fn kin(clip: &Clip) -> Kin {
    Kin {
        href: format!("/g/{}", clip.id),
        name: short(clip.name()),
        still: poster_url(clip),
        operation: if clip.is_upload() { "Upload" } else { clip.operation.label() },
    }
}

/// The tree around a clip.
pub async fn of(store: &Store, clip: &Clip) -> Result<Lineage, store::Error> {
    let parents = store.sources_of(clip.task).await?;
    let mut siblings = store.clips_of(clip.task).await?;
    if let Some(parent) = parents.first() {
        siblings.extend(store.made_of(parent.id, SHOWN).await?);
    }
    siblings.retain(|other| other.id != clip.id);
    siblings.sort_unstable_by_key(|other| other.id);
    siblings.dedup_by_key(|other| other.id);
    siblings.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    let children = store.made_of(clip.id, SHOWN).await?;
    let mut this = kin(clip);
    if clip.operation == Operation::Create && clip.variations > 1 {
        this.name = format!("Take {} of {}", clip.take, clip.variations);
    }
    Ok(Lineage {
        parents: parents.iter().map(kin).collect(),
        this,
        siblings: siblings.iter().map(kin).collect(),
        children: children.iter().map(kin).collect(),
    })
}
