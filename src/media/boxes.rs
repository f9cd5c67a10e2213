//! A file seen through an 8 KiB window, and the box headers of MP4 in it.
//! Never allocates by a declared size and never looks at more than 10,000 boxes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::container::Fault;

const WINDOW: u64 = 8 * 1024;
const MOST_BOXES: u32 = 10_000;

/// Random access to a file's bytes in constant memory.
pub(super) struct Bytes<'f> {
    file: &'f File,
    len: u64,
    start: u64,
    held: Vec<u8>,
    boxes_left: u32,
}

/// One box: its name and where its body lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub kind: [u8; 4],
    pub body: u64,
    pub end: u64,
}

impl<'f> Bytes<'f> {
    pub fn new(file: &'f File) -> Result<Self, Fault> {
        let len = file.metadata().map_err(|error| unreadable(&error))?.len();
        Ok(Self { file, len, start: 0, held: Vec::new(), boxes_left: MOST_BOXES })
    }

    /// A second window on the same file, so that tables read in step do not evict each other.
    pub fn again(&self) -> Self {
        Self { file: self.file, len: self.len, start: 0, held: Vec::new(), boxes_left: MOST_BOXES }
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    /// The first 512 bytes, or all of a shorter file.
    pub fn head(&mut self) -> Result<Vec<u8>, Fault> {
        self.fill(0)?;
        Ok(self.held.iter().copied().take(512).collect())
    }

    fn fill(&mut self, at: u64) -> Result<(), Fault> {
        self.held.clear();
        self.start = at;
        self.file.seek(SeekFrom::Start(at)).map_err(|error| unreadable(&error))?;
        let mut part = self.file.take(WINDOW);
        part.read_to_end(&mut self.held).map_err(|error| unreadable(&error))?;
        Ok(())
    }

    /// `N` bytes (16 at most) at an offset.
    pub fn read<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Fault> {
        if let Some(found) = self.peek(at) {
            return Ok(found);
        }
        self.fill(at)?;
        self.peek(at).ok_or(Fault::Truncated { needs: at.saturating_add(N as u64), has: self.len })
    }

    fn peek<const N: usize>(&self, at: u64) -> Option<[u8; N]> {
        let from = usize::try_from(at.checked_sub(self.start)?).ok()?;
        let found = self.held.get(from..from.checked_add(N)?)?;
        found.try_into().ok()
    }

    pub fn u8(&mut self, at: u64) -> Result<u8, Fault> {
        self.read::<1>(at).map(|[byte]| byte)
    }

    pub fn u16(&mut self, at: u64) -> Result<u16, Fault> {
        self.read(at).map(u16::from_be_bytes)
    }

    pub fn u32(&mut self, at: u64) -> Result<u32, Fault> {
        self.read(at).map(u32::from_be_bytes)
    }

    pub fn u64(&mut self, at: u64) -> Result<u64, Fault> {
        self.read(at).map(u64::from_be_bytes)
    }

    /// A whole piece of the file, refused above `most` bytes before anything is allocated.
    pub fn piece(&mut self, at: u64, size: u64, most: u64) -> Result<Vec<u8>, Fault> {
        let end = at.saturating_add(size);
        if end > self.len {
            return Err(Fault::Truncated { needs: end, has: self.len });
        }
        if size > most {
            return Err(Fault::Malformed("a part is far too large"));
        }
        self.file.seek(SeekFrom::Start(at)).map_err(|error| unreadable(&error))?;
        let mut piece = Vec::new();
        let mut part = self.file.take(size);
        part.read_to_end(&mut piece).map_err(|error| unreadable(&error))?;
        Ok(piece)
    }

    /// Reads one box header at `at` inside a parent that ends at `end`.
    pub fn atom(&mut self, at: u64, end: u64) -> Result<Atom, Fault> {
        let is_top = end == self.len;
        self.spend()?;
        let [a, b, c, d, kind @ ..] = self.read::<8>(at)?;
        let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
            0 if is_top && kind == *b"mdat" => (8, end - at),
            0 => return Err(Fault::Malformed("a part has no size")),
            1 => (16, self.u64(at + 8)?),
            size => (8, u64::from(size)),
        };
        let atom = Atom { kind, body: at + header, end: at.saturating_add(size) };
        if size < header {
            return Err(Fault::Malformed("a part is smaller than its own header"));
        }
        if !kind.iter().all(|letter| (0x20..0x7F).contains(letter) || *letter == 0xA9) {
            return Err(Fault::Malformed("a part has no readable name"));
        }
        if atom.end > end {
            return Err(if is_top {
                Fault::Truncated { needs: atom.end, has: self.len }
            } else {
                Fault::Malformed("a part reaches past the one around it")
            });
        }
        Ok(atom)
    }

    /// Counts one box against the limit.
    pub fn spend(&mut self) -> Result<(), Fault> {
        self.boxes_left = self.boxes_left.checked_sub(1).ok_or(Fault::Malformed("it has too many parts"))?;
        Ok(())
    }

    /// Visits the boxes lying between two offsets, in order.
    pub fn each_atom(
        &mut self,
        from: u64,
        end: u64,
        mut visit: impl FnMut(&mut Self, Atom) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut at = from;
        // QuickTime ends some parents with four zero bytes, which are no box; the file itself never does.
        while at < end && (end - at >= 8 || end == self.len) {
            let atom = self.atom(at, end)?;
            visit(self, atom)?;
            at = atom.end;
        }
        Ok(())
    }
}

fn unreadable(error: &std::io::Error) -> Fault {
    Fault::Unreadable(error.kind())
}
