//! The queue on the disk: entries are put behind and taken from the front.
//!
//! Nothing here waits for anybody but the disk. What was taken stays in the file until
//! all was, or room is needed: after a crash it is written to the store again, which
//! changes nothing there.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::disk::{self, HEADER, Header};
use crate::moderation::Entry;

/// A file of entries, which one process has for itself.
#[derive(Debug)]
pub(super) struct Queue {
    path: PathBuf,
    /// Its most bytes.
    limit: u64,
    /// None before the first entry.
    file: Option<File>,
    /// Where the first entry is that was not taken.
    head: u64,
    end: u64,
    /// How many were not taken.
    entries: u64,
}

/// What is at the front.
#[derive(Debug)]
pub(super) enum Front {
    /// This.
    Entry(Box<Entry>),
    /// Something that can't be read.
    Unreadable,
}

/// What became of entries that were put behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Put {
    /// So many, from the first, are safe on the disk.
    pub(super) safe: usize,
    /// The next is lost: there is no room for it.
    pub(super) full: bool,
}

impl Queue {
    /// Opens what an earlier process left, or nothing.
    ///
    /// # Errors
    /// Where the file can't be read, is another process's, or is no queue.
    pub(super) fn open(path: &Path, limit: u64) -> io::Result<Self> {
        let path = path.to_owned();
        let mut queue = Self { path, limit, file: None, head: 0, end: 0, entries: 0 };
        match OpenOptions::new().read(true).write(true).open(&queue.path) {
            Ok(file) => queue.adopt(file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => (),
            Err(error) => return Err(error),
        }
        Ok(queue)
    }

    /// How many entries wait.
    pub(super) const fn entries(&self) -> u64 {
        self.entries
    }

    /// Their bytes.
    pub(super) const fn bytes(&self) -> u64 {
        self.end - self.head
    }

    /// Takes over a file; what a crash left of the last entry is cut off.
    fn adopt(&mut self, file: File) -> io::Result<()> {
        file.try_lock()?;
        let mut start = [0; 4];
        let read = file.read_at(&mut start, 0)?;
        if !disk::is_queue(&start[..read]) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no queue"));
        }
        let length = file.metadata()?.len();
        while let Some(size) = size_at(&file, self.end, length)? {
            self.end += size;
            self.entries += 1;
        }
        if self.end < length {
            let bytes = length - self.end;
            tracing::warn!(bytes, "the store's queue ends in an entry that is not whole");
            file.set_len(self.end)?;
        }
        self.file = Some(file);
        Ok(())
    }

    /// Puts entries behind; they are safe when this returns.
    ///
    /// # Errors
    /// Where the disk takes none of them.
    pub(super) fn put(&mut self, entries: &[impl AsRef<Entry>]) -> io::Result<Put> {
        let (mut bytes, mut put) = (Vec::new(), Put { safe: 0, full: false });
        for entry in entries {
            let room = self.limit.saturating_sub(self.bytes() + bytes.len() as u64);
            match disk::write(entry.as_ref()) {
                Some(written) if written.len() as u64 <= room => bytes.extend(written),
                _ => {
                    put.full = true;
                    break;
                }
            }
            put.safe += 1;
        }
        if put.safe > 0 {
            self.append(&bytes, put.safe as u64)?;
        }
        Ok(put)
    }

    fn append(&mut self, bytes: &[u8], entries: u64) -> io::Result<()> {
        if self.end + bytes.len() as u64 > self.limit {
            self.compact()?;
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(make(&self.path)?),
        };
        let written = file.write_all_at(bytes, self.end).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // Else half an entry would stand before the next one.
            file.set_len(self.end)?;
            return Err(error);
        }
        self.end += bytes.len() as u64;
        self.entries += entries;
        Ok(())
    }

    /// Moves what was not taken to a new file.
    fn compact(&mut self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut rest = vec![0; usize::try_from(self.bytes()).map_err(io::Error::other)?];
        file.read_exact_at(&mut rest, self.head)?;
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let _ = std::fs::remove_file(&beside);
        let new = make(Path::new(&beside))?;
        new.write_all_at(&rest, 0)?;
        new.sync_data()?;
        std::fs::rename(&beside, &self.path)?;
        (self.end, self.head) = (self.bytes(), 0);
        self.file = Some(new);
        Ok(())
    }

    /// What is at the front; `None` where nothing waits.
    pub(super) fn front(&self) -> io::Result<Option<Front>> {
        let Some(file) = self.file.as_ref().filter(|_| self.entries > 0) else { return Ok(None) };
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, self.head)?;
        let Some(header) = Header::read(&header) else { return Ok(Some(Front::Unreadable)) };
        let mut body = vec![0; header.length];
        file.read_exact_at(&mut body, self.head + HEADER as u64)?;
        let entry = header.entry(&body).map(Box::new);
        Ok(Some(entry.map_or(Front::Unreadable, Front::Entry)))
    }

    /// Takes what is at the front.
    pub(super) fn take(&mut self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        match size_at(file, self.head, self.end)? {
            Some(size) if self.entries > 1 => {
                self.head += size;
                self.entries -= 1;
            }
            // It was the last, or what stood here was changed by somebody else.
            _ => {
                file.set_len(0)?;
                (self.head, self.end, self.entries) = (0, 0, 0);
            }
        }
        Ok(())
    }
}

/// The bytes of the entry at `at` of a file so long; `None` where there is none, or
/// not all of one.
fn size_at(file: &File, at: u64, length: u64) -> io::Result<Option<u64>> {
    let mut header = [0; HEADER];
    if at + HEADER as u64 > length {
        return Ok(None);
    }
    file.read_exact_at(&mut header, at)?;
    let size = Header::read(&header).map(|header| (HEADER + header.length) as u64);
    Ok(size.filter(|size| at + size <= length))
}

/// A new file, for its owner and this process alone, that is there after a crash.
fn make(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(0o600).open(path)?;
    file.try_lock()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::clock::UnixMillis;
    use crate::identity::DeviceHash;

    #[derive(Clone, Debug)]
    enum Act {
        Put(usize),
        Take,
        Reopen,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            4 => (1..5usize).prop_map(Act::Put),
            8 => Just(Act::Take),
            1 => Just(Act::Reopen),
        ];
        proptest::collection::vec(act, 0..120)
    }

    fn entry(number: u64) -> Arc<Entry> {
        Arc::new(Entry::Erase { device: DeviceHash::from_bytes([7; 16]), at: UnixMillis(number) })
    }

    fn front(queue: &Queue) -> Option<Entry> {
        match queue.front().unwrap()? {
            Front::Entry(entry) => Some(*entry),
            Front::Unreadable => panic!("it was just written"),
        }
    }

    /// Takes what it would give up to `wanted`: after a crash, what was taken already
    /// may come again, in its order.
    fn take_again(queue: &mut Queue, wanted: Option<&Arc<Entry>>) {
        let Some(wanted) = wanted else {
            while front(queue).is_some() {
                queue.take().unwrap();
            }
            return;
        };
        while front(queue).expect("nothing is lost") != **wanted {
            queue.take().unwrap();
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn entries_leave_in_the_order_in_which_they_came(acts in acts()) {
            const LIMIT: u64 = 800;
            let name = format!("passerby-queue-{:016x}", rand::random::<u64>());
            let path = std::env::temp_dir().join(name);
            let mut queue = Queue::open(&path, LIMIT).unwrap();
            let (mut model, mut number) = (VecDeque::new(), 0);
            for act in acts {
                match act {
                    Act::Put(count) => {
                        let new = (number..).take(count).map(entry).collect::<Vec<_>>();
                        number += count as u64;
                        let put = queue.put(&new).unwrap();
                        prop_assert_eq!(put.full, put.safe < count);
                        model.extend(new.into_iter().take(put.safe));
                    }
                    Act::Take => {
                        queue.take().unwrap();
                        model.pop_front();
                    }
                    Act::Reopen => {
                        drop(queue);
                        queue = Queue::open(&path, LIMIT).unwrap();
                        take_again(&mut queue, model.front());
                    }
                }
                prop_assert_eq!(front(&queue), model.front().map(|entry| (**entry).clone()));
                prop_assert_eq!(queue.entries(), model.len() as u64);
                let length = path.metadata().map_or(0, |file| file.len());
                prop_assert!(length <= LIMIT && queue.bytes() <= length);
            }
            drop(queue);
            let _ = std::fs::remove_file(path);
        }
    }
}
