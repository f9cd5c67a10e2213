//! A zip that is made while it is sent, whatever the number and size of its files. Stored only: clips do
//! not get smaller. Each file is read twice, first for its checksum, so that every header is true and any
//! reader copes, streaming ones too. Refuses links, folders and names that lead out of the folder.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

mod name;
mod record;

pub use name::unique;

use record::Record;

/// The last file of every archive; no entry gets this name.
pub const MANIFEST: &str = "manifest.json";
/// Bytes between the writing task and the reader, and in each of their buffers.
const BUFFER: usize = 64 * 1024;

/// A file of the archive.
#[derive(Debug)]
pub struct Entry {
    /// Made harmless and unique by the archive, as `unique` does.
    pub name: String,
    /// UTC, milliseconds since 1970
    pub modified_ms: i64,
    pub body: Body,
}

/// What is in the file.
#[derive(Debug)]
pub enum Body {
    /// A plain file on disk, whose bytes do not change any more.
    File(PathBuf),
    Bytes(Vec<u8>),
}

/// What became of one entry: its name in the archive, and its bytes or why it is not there.
pub type Outcome = (String, Result<u64, String>);

/// Streams the entries, and at last what `manifest` makes of their outcomes. A file that cannot be read is
/// left out. A file that changes while it is sent, or any other failure after its header, is an `Err`, so that
/// the person does not keep half an archive for a whole one. Dropping the stream ends the one task behind it.
pub fn stream<E, M>(
    tracker: &TaskTracker,
    entries: E,
    manifest: M,
) -> impl Stream<Item = io::Result<Bytes>> + Send + use<E, M>
where
    E: Stream<Item = Entry> + Send + 'static,
    M: FnOnce(&[Outcome]) -> Vec<u8> + Send + 'static,
{
    let (reader, writer) = tokio::io::duplex(BUFFER);
    let stop = CancellationToken::new();
    let guard = stop.clone().drop_guard();
    let task = tracker.spawn(async move {
        let archive = Archive::new(writer, stop.clone());
        // A reader that is gone is no failure: nobody is left to be told.
        stop.run_until_cancelled(archive.write(entries, manifest)).await.unwrap_or(Ok(()))
    });
    stream::unfold(Some(Reading { reader, task, _guard: guard }), |reading| async { reading?.next().await })
}

struct Reading {
    reader: DuplexStream,
    task: JoinHandle<io::Result<()>>,
    /// Tells the task when the stream is dropped, even while it waits for an entry.
    _guard: DropGuard,
}

impl Reading {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Option<Self>)> {
        let mut chunk = BytesMut::with_capacity(BUFFER);
        match self.reader.read_buf(&mut chunk).await {
            Ok(0) => match self.task.await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some((Err(error), None)),
                Err(error) => Some((Err(io::Error::other(error)), None)),
            },
            Ok(_) => Some((Ok(chunk.freeze()), Some(self))),
            Err(error) => Some((Err(error), None)),
        }
    }
}

/// An archive as far as it is written.
struct Archive<W> {
    out: W,
    /// Bytes written.
    at: u64,
    records: Vec<Record>,
    stop: CancellationToken,
}

impl<W: AsyncWrite + Unpin> Archive<W> {
    fn new(out: W, stop: CancellationToken) -> Self {
        Self { out, at: 0, records: Vec::new(), stop }
    }

    async fn write<M>(mut self, entries: impl Stream<Item = Entry>, manifest: M) -> io::Result<()>
    where
        M: FnOnce(&[Outcome]) -> Vec<u8>,
    {
        let mut names = HashSet::from([MANIFEST.to_owned()]);
        let mut outcomes = Vec::new();
        let mut newest_ms = 0;
        let mut entries = std::pin::pin!(entries);
        while let Some(entry) = entries.next().await {
            let name = unique(&mut names, &entry.name);
            newest_ms = newest_ms.max(entry.modified_ms);
            let outcome = match entry.body {
                Body::Bytes(bytes) => Ok(self.bytes(&name, entry.modified_ms, &bytes).await?),
                Body::File(path) => self.file(&name, entry.modified_ms, path).await?,
            };
            outcomes.push((name, outcome));
        }
        let manifest = manifest(&outcomes);
        self.bytes(MANIFEST, newest_ms, &manifest).await?;
        let end = record::directory(&self.records, self.at);
        self.put(&end).await?;
        self.out.shutdown().await
    }

    async fn bytes(&mut self, name: &str, modified_ms: i64, bytes: &[u8]) -> io::Result<u64> {
        let size = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        self.header(Record::new(name, modified_ms, size, crc32fast::hash(bytes), self.at)).await?;
        self.put(bytes).await?;
        Ok(size)
    }

    /// The inner error is for the manifest: nothing of the file was written.
    async fn file(&mut self, name: &str, modified_ms: i64, path: PathBuf) -> io::Result<Result<u64, String>> {
        let stop = self.stop.clone();
        let measured = tokio::task::spawn_blocking(move || measure(&path, &stop)).await.map_err(io::Error::other)?;
        let (file, size, checksum) = match measured {
            Ok(measured) => measured,
            Err(error) => return Ok(Err(reason(&error))),
        };
        self.header(Record::new(name, modified_ms, size, checksum, self.at)).await?;
        let mut file = tokio::fs::File::from_std(file).take(size);
        let mut chunk = vec![0; BUFFER];
        let mut hasher = crc32fast::Hasher::new();
        let start = self.at;
        loop {
            let read = file.read(&mut chunk).await?;
            if read == 0 {
                break;
            }
            hasher.update(&chunk[..read]);
            self.put(&chunk[..read]).await?;
        }
        if self.at - start == size && hasher.finalize() == checksum {
            Ok(Ok(size))
        } else {
            Err(io::Error::other("a file changed while it was being archived"))
        }
    }

    async fn header(&mut self, record: Record) -> io::Result<()> {
        self.put(&record.local()).await?;
        self.records.push(record);
        Ok(())
    }

    async fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes).await?;
        self.at += u64::try_from(bytes.len()).map_err(io::Error::other)?;
        Ok(())
    }
}

/// Opens a file and reads it through, for its size and CRC-32; leaves it at its start.
fn measure(path: &Path, stop: &CancellationToken) -> io::Result<(File, u64, u32)> {
    // Looked at before it is opened: opening a pipe would wait for somebody to write.
    if !path.symlink_metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut file = File::open(path)?;
    let mut chunk = vec![0; BUFFER];
    let mut hasher = crc32fast::Hasher::new();
    let mut size = 0;
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 || stop.is_cancelled() {
            break;
        }
        hasher.update(&chunk[..read]);
        size += u64::try_from(read).map_err(io::Error::other)?;
    }
    file.rewind()?;
    Ok((file, size, hasher.finalize()))
}

/// For a person, and without the path on this machine.
fn reason(error: &io::Error) -> String {
    let kind = error.kind();
    let reason = if kind == io::ErrorKind::NotFound {
        "The file is missing."
    } else if kind == io::ErrorKind::PermissionDenied {
        "The server may not read the file."
    } else if kind == io::ErrorKind::InvalidInput {
        "This is not a plain file."
    } else {
        "The file could not be read."
    };
    reason.to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    fn entry(name: &str, body: Body) -> Entry {
        Entry { name: name.to_owned(), modified_ms: 1_793_708_245_678, body }
    }

    fn list(outcomes: &[Outcome]) -> Vec<u8> {
        outcomes.iter().flat_map(|(name, outcome)| format!("{name}: {outcome:?}\n").into_bytes()).collect()
    }

    fn number(zip: &[u8], at: usize, bytes: usize) -> usize {
        zip[at..at + bytes].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    /// Names and bytes as a reader finds them through the directory, each checked against its own header.
    fn unzip(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
        let end = zip.len() - 22;
        let mut at = number(zip, end + 16, 4);
        let mut next = 0;
        let mut files = Vec::new();
        while number(zip, at, 4) == 0x0201_4B50 {
            let (size, name_length, extra) =
                (number(zip, at + 24, 4), number(zip, at + 28, 2), number(zip, at + 30, 2));
            let header = number(zip, at + 42, 4);
            let data = header + 30 + name_length + number(zip, header + 28, 2);
            assert_eq!((header, number(zip, header, 4)), (next, 0x0403_4B50));
            // From the version to the length of the name, and the name.
            assert_eq!(zip[header + 4..header + 28], zip[at + 6..at + 30]);
            assert_eq!(zip[header + 30..header + 30 + name_length], zip[at + 46..at + 46 + name_length]);
            let bytes = zip[data..data + size].to_vec();
            assert_eq!(number(zip, at + 16, 4), usize::try_from(crc32fast::hash(&bytes)).unwrap());
            files.push((String::from_utf8(zip[at + 46..at + 46 + name_length].to_vec()).unwrap(), bytes));
            next = data + size;
            at += 46 + name_length + extra;
        }
        assert_eq!((at, number(zip, end, 4), number(zip, end + 10, 2)), (end, 0x0605_4B50, files.len()));
        files
    }

    async fn all(stream: impl Stream<Item = io::Result<Bytes>>) -> io::Result<Vec<u8>> {
        let chunks: Vec<io::Result<Bytes>> = stream.collect().await;
        Ok(chunks.into_iter().collect::<io::Result<Vec<Bytes>>>()?.concat())
    }

    async fn ends(tracker: &TaskTracker) {
        tracker.close();
        tokio::time::timeout(Duration::from_secs(20), tracker.wait()).await.expect("the task ends by itself");
    }

    #[tokio::test]
    async fn what_goes_in_comes_out_and_the_manifest_tells_what_did_not() {
        let folder = tempfile::tempdir().unwrap();
        let clip: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        fs::write(folder.path().join("clip"), &clip).unwrap();
        let file = |name: &str| Body::File(folder.path().join(name));
        let entries = [
            entry("Été.mp4", file("clip")),
            entry("gone.mp4", file("nothing")),
            entry("été.mp4", Body::Bytes(Vec::new())),
            entry("../folder", file(".")),
            entry("manifest.json", Body::Bytes(b"mine".to_vec())),
        ];

        let tracker = TaskTracker::new();
        let zip = all(stream(&tracker, stream::iter(entries), list)).await.unwrap();

        let manifest = "Été.mp4: Ok(1200000)\ngone.mp4: Err(\"The file is missing.\")\nété-2.mp4: Ok(0)\n\
            folder: Err(\"This is not a plain file.\")\nmanifest-2.json: Ok(4)\n";
        let expected = [
            ("Été.mp4", clip.as_slice()),
            ("été-2.mp4", b""),
            ("manifest-2.json", b"mine"),
            (MANIFEST, manifest.as_bytes()),
        ];
        assert!(unzip(&zip) == expected.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())));
        ends(&tracker).await;
    }

    #[tokio::test]
    async fn a_person_who_goes_away_ends_the_task_while_it_writes() {
        let tracker = TaskTracker::new();
        let endless = stream::repeat_with(|| entry("clip.mp4", Body::Bytes(vec![7; 1024 * 1024])));
        let mut reading = Box::pin(stream(&tracker, endless, list));

        assert!(reading.next().await.unwrap().is_ok());
        assert_eq!(tracker.len(), 1);
        drop(reading);

        ends(&tracker).await;
    }

    #[tokio::test]
    async fn a_person_who_goes_away_ends_the_task_while_it_waits_for_an_entry() {
        let tracker = TaskTracker::new();
        let reading = Box::pin(stream(&tracker, stream::pending(), list));

        drop(reading);

        ends(&tracker).await;
    }

    #[tokio::test]
    async fn a_file_that_changes_while_it_is_sent_breaks_the_download() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clip");
        fs::write(&path, vec![7; 4 * 1024 * 1024]).unwrap();
        let entries = stream::iter([entry("clip.mp4", Body::File(path.clone()))]);
        let mut reading = Box::pin(stream(&TaskTracker::new(), entries, list));

        assert!(reading.next().await.unwrap().is_ok());
        fs::write(&path, b"short").unwrap();

        assert!(all(reading).await.unwrap_err().to_string().contains("changed"));
    }

    #[tokio::test]
    async fn a_manifest_that_cannot_be_made_breaks_the_download() {
        let tracker = TaskTracker::new();

        let broken = all(stream(&tracker, stream::empty(), |_: &[Outcome]| panic!("no manifest"))).await;

        assert!(broken.is_err());
    }

    #[tokio::test]
    #[ignore = "reads a sparse file of 4.5 GiB twice"]
    async fn more_than_four_gigabytes_are_zip64() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        let size = 4_831_838_208;
        File::create(&path).unwrap().set_len(size).unwrap();
        let entries = stream::iter([entry("long.mp4", Body::File(path))]);

        let mut reading = Box::pin(stream(&TaskTracker::new(), entries, list));
        let (mut length, mut tail) = (0, Vec::new());
        while let Some(chunk) = reading.next().await {
            let chunk = chunk.unwrap();
            length += u64::try_from(chunk.len()).unwrap();
            tail.extend_from_slice(&chunk);
            tail.drain(..tail.len().saturating_sub(1024));
        }

        let end = tail.len() - 98;
        assert_eq!([number(&tail, end, 4), number(&tail, end + 56, 4)], [0x0606_4B50, 0x0706_4B50]);
        assert_eq!(number(&tail, end + 32, 8), 2);
        let directory = u64::try_from(number(&tail, end + 48, 8)).unwrap();
        assert!(directory > size && directory + u64::try_from(number(&tail, end + 40, 8) + 98).unwrap() == length);
    }
}
