//! A still for each clip: the upstream's own, else its first frame. None is no failure.

use crate::files::Files;
use crate::helper::Task;
use crate::media::poster;
use crate::store::clips::Clip;
use crate::upstream::UpstreamId;

use super::Worker;

impl Worker {
    pub(super) async fn poster(&self, clip: &Clip) {
        let parts = &self.0.parts;
        let Some(file) = &clip.file else { return };
        let relative = Files::beside(&file.path, "jpg");
        let (out, source) = (parts.files.at(&relative), parts.files.at(&file.path));
        let thumbnail = match (parts.upstreams.named(&clip.upstream), &clip.upstream_id) {
            (Some(upstream), Some(id)) => upstream.thumbnail(&UpstreamId(id.clone())).await,
            _ => None,
        };
        // A GIF shows what its clip shows.
        let of_source = match (file.mime.as_str(), clip.parent) {
            ("image/gif", Some(parent)) => parts.store.clip(parent).await.ok().flatten().and_then(|clip| clip.poster),
            _ => None,
        };
        let of_source = of_source.map(|path| parts.files.at(&path));
        let is_picture = file.mime.starts_with("image/");
        let (clip_file, still) = (source.clone(), out.clone());
        let given = tokio::task::spawn_blocking(move || {
            if is_picture {
                let bytes = std::fs::read(of_source.as_ref().unwrap_or(&source));
                return bytes.is_ok_and(|bytes| poster::from_thumbnail(&bytes, &out).is_ok());
            }
            thumbnail.is_some_and(|bytes| poster::from_thumbnail(&bytes, &out).is_ok())
        })
        .await
        .unwrap_or(false);
        let task = Task::Poster { clip: clip_file, out: still };
        let drawn = given || (!is_picture && parts.helper.moment(task).await.is_ok());
        let path = drawn.then_some(relative.as_str());
        self.persist("a poster", || parts.store.postered(clip.id, path)).await;
        self.tell(clip);
    }
}
