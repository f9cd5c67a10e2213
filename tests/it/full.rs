//! A disk without room: nothing is half done, and everything goes on once there is room again.

use std::io::Write;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::process::Command;

use crate::app::Program;

/// Rushes on a disk of its own of 8 MB, and where that disk is seen from here.
async fn on_a_small_disk(home: &TempDir) -> (Program, PathBuf) {
    let disk = home.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let script = "mount -t tmpfs -o size=8m tmpfs \"$0\" && exec \"$1\" --listen 127.0.0.1:0 --data \"$0/data\"";
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script]).arg(&disk).arg(env!("CARGO_BIN_EXE_rushes")).current_dir(home.path());
    let program = Program::run(command, home.path()).await;
    let seen = PathBuf::from(format!("/proc/{}/root{}", program.child.id().unwrap(), disk.display()));
    (program, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_every_time_and_forgotten_once_there_is_room() {
    let home = TempDir::new().unwrap();
    let (program, disk) = on_a_small_disk(&home).await;
    let browser = &program.browser;
    // So little room is too little for a clip: it waits, and says why.
    let task = browser.created(&[("prompt", "A boat")]).await;
    assert!(browser.page(&task).await.text().contains("nothing is sent until there is room"));

    let mut fill = std::fs::File::create(disk.join("fill")).unwrap();
    while fill.write_all(&[0; 512]).is_ok() {}
    for prompt in ["A train", "A kite", "A fox"] {
        let answer = browser.create(&[("prompt", prompt)]).await;
        assert_eq!(answer.status(), 507, "{prompt}");
        assert!(answer.text().await.unwrap().contains("Make room"));
    }
    assert_eq!(browser.page("/").await.generations().len(), 1);

    std::fs::remove_file(disk.join("fill")).unwrap();
    drop(fill);
    browser.created(&[("prompt", "A whale")]).await;
    assert_eq!(browser.page("/").await.generations().len(), 2);
}
