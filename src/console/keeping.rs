//! `rushes backup`, `restore`, `doctor` and `import`.

use std::fmt::Write as _;

use serde_json::json;

use super::Answer;
use crate::clock::Clock;
use crate::config::{BackupArgs, DoctorArgs, ImportArgs, RestoreArgs, Where};
use crate::domain::Visibility;
use crate::keep::{backup, bytes, doctor, import, restore};

pub(super) async fn put_away(args: BackupArgs, clock: &Clock) -> anyhow::Result<(Where, Answer)> {
    let is_folder = args.to.is_dir() || args.to.as_os_str().to_string_lossy().ends_with('/');
    let done = if is_folder && !args.database_only {
        backup::to_folder(&args.at.data, &args.to, clock).await?
    } else {
        backup::to_file(&args.at.data, &args.to, Some(&args.config), args.database_only, clock).await?
    };
    let manifest = &done.manifest;
    let mut text = format!(
        "{}: the database and {} files, {}; {} were copied now.\n",
        args.to.display(),
        manifest.files,
        bytes(manifest.bytes),
        done.copied
    );
    for remark in &done.remarks {
        text.push_str(remark);
        text.push('\n');
    }
    let json = json!({ "manifest": manifest, "copied": done.copied, "remarks": done.remarks });
    if args.to.as_os_str() == "-" {
        // The archive itself is on standard output.
        eprint!("{text}");
        return Ok((Where { json: false, ..args.at }, Answer { text: String::new(), json }));
    }
    Ok((args.at, Answer { text, json }))
}

pub(super) async fn bring_back(args: RestoreArgs, clock: &Clock) -> anyhow::Result<(Where, Answer)> {
    let wishes = restore::Wishes { force: args.force, verify: args.verify };
    let done = restore::restore(&args.from, &args.at.data, wishes, clock).await?;
    let mut text = format!(
        "{} is as it was at {}: {} files. Everybody signs in anew.\n",
        args.at.data.display(),
        done.made_at,
        done.files
    );
    if done.held > 0 {
        let _ = writeln!(
            text,
            "{} clips that waited in line are canceled, since they may have been made after the backup: queue them \
             again one by one.",
            done.held
        );
    }
    for path in done.lacking.iter().take(20) {
        let _ = writeln!(text, "{path} is not in the backup, or not whole.");
    }
    if done.lacking.len() > 20 {
        let _ = writeln!(text, "And {} more; see rushes doctor.", done.lacking.len() - 20);
    }
    if let Some(aside) = &done.aside {
        let _ = writeln!(text, "What was there before is in {}.", aside.display());
    }
    let json = json!({
        "made_at": done.made_at, "files": done.files, "held": done.held, "lacking": done.lacking, "aside": done.aside,
    });
    Ok((args.at, Answer { text, json }))
}

/// The look, and whether something is left to do.
pub(super) async fn examine(args: DoctorArgs, clock: &Clock) -> anyhow::Result<(Where, Answer, bool)> {
    let findings = doctor::look(&args.at.data, doctor::Wishes { repair: args.repair, full: args.full }, clock).await?;
    let mut text = String::new();
    for finding in &findings {
        let sign = if finding.mended { "mended" } else { "found" };
        let _ = writeln!(text, "{sign} {}: {}", finding.code, finding.words);
    }
    let left = findings.iter().filter(|finding| !finding.mended).count();
    let _ = match (findings.len(), left) {
        (0, _) => writeln!(text, "Files, rows and money agree."),
        (all, 0) => writeln!(text, "All of {all} findings are mended."),
        (all, left) => writeln!(text, "{all} findings, {left} of them left."),
    };
    let json = json!({ "findings": findings, "left": left });
    Ok((args.at, Answer { text, json }, left > 0))
}

pub(super) async fn take_in(args: ImportArgs, clock: &Clock) -> anyhow::Result<(Where, Answer)> {
    let visibility = if args.private { Visibility::Private } else { Visibility::Team };
    let wishes = import::Wishes { dry_run: args.dry_run, user: args.user.as_deref(), visibility };
    let done = import::import(&args.at.data, &args.from, wishes, clock).await?;
    let verb = if args.dry_run { "would be taken in" } else { "are taken in" };
    let mut text = format!("{} clips {verb}; {} were here already.\n", done.imported, done.known);
    if !done.folders.is_empty() {
        let _ = writeln!(text, "Folders: {}", done.folders.join(", "));
    }
    for one in &done.refused {
        let _ = writeln!(text, "Not taken: {}: {}", one.file, one.why);
    }
    Ok((args.at, Answer { text, json: json!(done) }))
}
