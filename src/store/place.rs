//! Where a SQLite file lies: its neighbours, its locks, its owner, its disk.
//!
//! Absent: what stands in it.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fault::{Fault, Holder, Refusal};
use super::{StoreError, mark};
use crate::model::Timestamp;

/// How long to wait before looking again whether another process has finished its migrations.
const LOCK_RETRY: Duration = Duration::from_millis(20);
/// The first bytes of every SQLite file (its file format, section 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Network file systems, by their name in `mountinfo`: SQLite's locks and shared memory do not hold
/// between machines there.
const NETWORK: [&str; 17] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "afs",
    "ceph",
    "9p",
    "lustre",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.ceph",
    "fuse.s3fs",
    "fuse.rclone",
    "beegfs",
    "davfs",
];

/// The lock file of the one service.
pub(super) fn lock_path(path: &Path) -> PathBuf {
    beside(path, ".lock")
}

/// The lock file of those who may have to bring the file up to date.
pub(super) fn migration_lock_path(path: &Path) -> PathBuf {
    beside(path, ".migrate.lock")
}

/// The high-water mark: see [`mark`].
pub(super) fn mark_path(path: &Path) -> PathBuf {
    beside(path, ".mark")
}

pub(super) fn wal_path(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

pub(super) fn shm_path(path: &Path) -> PathBuf {
    beside(path, "-shm")
}

/// Whether this is the database itself or one of its neighbours, by whatever name or link.
pub(super) fn is_of(path: &Path, target: &Path) -> bool {
    let own = [
        path.to_owned(),
        wal_path(path),
        shm_path(path),
        lock_path(path),
        migration_lock_path(path),
        mark_path(path),
    ];
    let id = |path: &Path| std::fs::metadata(path).ok().map(|of| (of.dev(), of.ino()));
    let place = |path: &Path| {
        let folder = folder(path).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    own.iter().any(|own| {
        (id(own).is_some() && id(own) == id(target))
            || (place(own).is_some() && place(own) == place(target))
    })
}

/// The file's path with something at its end.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The folder of a file, also of one that is named without any.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Looks at a place before anything is made or opened there.
///
/// # Errors
/// What would be wrong with a database here, as far as its place tells.
pub(super) fn look(path: &Path) -> Result<(), StoreError> {
    look_below(path)?;
    let refuse = |fault| Err(refused(path, fault));
    match first_bytes(path) {
        Ok(head) if head.is_empty() && mark::is_there(path) => refuse(Fault::Vanished),
        Ok(head) if !head.is_empty() && !head.starts_with(MAGIC) => refuse(Fault::NotSqlite),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A log without its database is somebody's last hours.
            let has_log = std::fs::metadata(wal_path(path)).is_ok_and(|log| log.len() > 0);
            if mark::is_there(path) || has_log {
                return refuse(Fault::Vanished);
            }
            Ok(())
        }
        Err(error) => Err(opening(path, error)),
        Ok(_) => Ok(()),
    }
}

/// Looks at the folder and the disk alone.
pub(super) fn look_below(path: &Path) -> Result<(), StoreError> {
    if !folder(path).is_dir() {
        return Err(refused(path, Fault::FolderMissing));
    }
    match network(path) {
        Some(kind) => Err(refused(path, Fault::Network { kind })),
        None => Ok(()),
    }
}

/// The first hundred bytes, SQLite's header, as far as there are any.
pub(super) fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut head)?;
    Ok(head)
}

/// What customers wrote and who they are is for the service alone.
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true).mode(0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(opening(path, error)),
    }
}

/// The lock of the one service on this file; whoever has it writes down who he is.
pub(super) fn take_lock(path: &Path) -> Result<File, StoreError> {
    let mut file = lock_file(&lock_path(path), path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(refused(path, Fault::InUse(written_by(&mut file))));
        }
        Err(TryLockError::Error(source)) => return Err(opening(path, source)),
    }
    let since = crate::clock::now();
    let signed = format!("{}\n{since}\n", std::process::id());
    // On a full disk nobody can sign; the lock holds all the same.
    let _ = file
        .set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| file.write_all(signed.as_bytes()));
    Ok(file)
}

/// The service that works on this file now, if any does.
pub(super) fn holder(path: &Path) -> Option<Holder> {
    let mut file = File::open(lock_path(path)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(written_by(&mut file)),
        _ => None,
    }
}

fn written_by(file: &mut File) -> Holder {
    let mut text = String::new();
    let _ = file.seek(SeekFrom::Start(0));
    let _ = file.take(200).read_to_string(&mut text);
    let mut lines = text.lines().map(str::to_owned);
    Holder {
        pid: lines
            .next()
            .filter(|pid| pid.bytes().all(|b| b.is_ascii_digit())),
        since: lines.next(),
    }
}

/// Held while one process brings the file up to date; the others wait for it, without keeping a thread.
pub(super) async fn migration_lock(path: &Path) -> Result<File, StoreError> {
    let file = lock_file(&migration_lock_path(path), path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_RETRY).await,
            Err(TryLockError::Error(source)) => return Err(opening(path, source)),
        }
    }
}

fn lock_file(lock: &Path, path: &Path) -> Result<File, StoreError> {
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(lock)
        .map_err(|source| opening(path, source))
}

pub(super) fn refused(path: &Path, fault: Fault) -> StoreError {
    StoreError::Refused(Box::new(Refusal {
        place: path.to_owned(),
        fault,
    }))
}

/// What it means that a file here could not be opened.
pub(super) fn opening(path: &Path, source: io::Error) -> StoreError {
    match source.kind() {
        io::ErrorKind::ReadOnlyFilesystem => refused(path, Fault::ReadOnly),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => refused(
            path,
            Fault::Full {
                free: free_bytes(path).unwrap_or(0),
            },
        ),
        io::ErrorKind::PermissionDenied => refused(path, denied(path)),
        _ => StoreError::File {
            path: path.display().to_string(),
            source,
        },
    }
}

/// Whose the file is, or where there is none, whose its folder is.
pub(super) fn denied(path: &Path) -> Fault {
    let is_file = rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() && path.exists();
    let known = std::fs::metadata(if is_file { path } else { folder(path) });
    Fault::Denied {
        owner: known.map_or(u32::MAX, |known| known.uid()),
        we: rustix::process::geteuid().as_raw(),
    }
}

/// Why a file that is there could not be opened for writing.
pub(super) fn closed(path: &Path) -> Fault {
    match File::options().append(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly,
        _ if is_read_only(folder(path)) => Fault::ReadOnly,
        _ => denied(path),
    }
}

/// What would keep us from writing a file that is there, or its neighbours.
pub(super) fn unwritable(path: &Path) -> Option<Fault> {
    let may_write = |path: &Path| rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok();
    if may_write(path) && may_write(folder(path)) {
        return None;
    }
    Some(closed(path))
}

fn is_read_only(folder: &Path) -> bool {
    let flags = rustix::fs::statvfs(folder).map(|disk| disk.f_flag);
    flags.is_ok_and(|flags| flags.contains(rustix::fs::StatVfsMountFlags::RDONLY))
}

/// The permissions of a file that others than its owner may read.
pub(super) fn exposed(path: &Path) -> Option<Fault> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(Fault::Exposed { mode })
}

/// What an unprivileged writer may still take of the disk on which this file lies.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder(path)).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

pub(super) fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Makes what was renamed or made in a folder outlive a power cut.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// A name for what is moved aside: it sorts by time and stands in no other's way.
pub(super) fn stamp(now: Timestamp) -> String {
    let at = now.to_string();
    at.chars().filter(char::is_ascii_digit).take(14).collect()
}

fn network(path: &Path) -> Option<String> {
    let path = folder(path).canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let kind = kind_of(&mounts, &path)?;
    NETWORK.contains(&kind).then(|| kind.to_owned())
}

/// The kind of the file system on which a folder lies: that of the longest mount point above it, the
/// last one mounted there (proc(5), `mountinfo`).
fn kind_of<'a>(mounts: &'a str, folder: &Path) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let (place, rest) = line.split_once(" - ")?;
        let point = unescaped(place.split(' ').nth(4)?);
        let kind = rest.split(' ').next()?;
        if folder.starts_with(&point) && best.is_none_or(|(length, _)| point.len() >= length) {
            best = Some((point.len(), kind));
        }
    }
    best.map(|(_, kind)| kind)
}

/// `mountinfo` writes blanks and backslashes in octal.
fn unescaped(point: &str) -> String {
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .iter()
    .fold(point.to_owned(), |text, (code, char)| {
        text.replace(code, char)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "22 27 0:21 / /proc rw - proc proc rw\n\
         27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
         30 27 0:31 / /srv/equipo\\040dos rw,relatime shared:5 - nfs4 server:/x rw,vers=4.2\n\
         31 27 0:32 / /mnt rw - cifs //server/x rw\n\
         32 31 0:33 / /mnt rw - tmpfs tmpfs rw\n";

    #[track_caller]
    fn check(folder: &str, expected: &str) {
        assert_eq!(
            kind_of(MOUNTS, Path::new(folder)),
            Some(expected),
            "{folder}"
        );
    }

    #[test]
    fn the_kind_of_a_disk_is_that_of_the_nearest_mount() {
        check("/var/lib/escucha", "ext4");
        check("/srv/equipo dos/escucha", "nfs4");
        check("/srv/equipo", "ext4");
        // What was mounted last at a place covers what was there.
        check("/mnt/datos", "tmpfs");
    }

    #[test]
    fn what_is_moved_aside_gets_a_name_that_sorts_by_time() {
        assert_eq!(stamp(Timestamp(1_800_000_000_000)), "20270115080000");
    }
}
