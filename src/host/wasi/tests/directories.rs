//! Directories: what is beneath them, what is not, and what a read-only one refuses.

use super::{Guest, Start, errno};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const CREATE: i64 = 1;
const DIRECTORY: i64 = 2;
const EXCLUSIVE: i64 = 4;
const TRUNCATE: i64 = 8;
const READ: i64 = 1 << 1;
const WRITE: i64 = 1 << 6;

/// `outside` beside `inside`, which holds `file` and `sub/deep`.
fn tree() -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    fs::create_dir_all(tree.path().join("inside/sub")).unwrap();
    fs::write(tree.path().join("outside"), "secret").unwrap();
    fs::write(tree.path().join("inside/file"), "hello").unwrap();
    fs::write(tree.path().join("inside/sub/deep"), "deep").unwrap();
    tree
}

fn guest_of(tree: &TempDir, writable: bool) -> Guest {
    Guest::new(Start::directory(&tree.path().join("inside"), writable))
}

impl Guest {
    /// Two paths in memory: their pointers and lengths.
    fn paths(&mut self, first: &str, second: &str) -> [i64; 4] {
        self.put(1000, first.as_bytes());
        self.put(3000, second.as_bytes());
        [1000, i64::try_from(first.len()).unwrap(), 3000, i64::try_from(second.len()).unwrap()]
    }

    /// The errno of each call that would change something beneath descriptor 3.
    fn changes(&mut self) -> Vec<(&'static str, i32)> {
        let [path, length, new, new_length] = self.paths("file", "new");
        vec![
            ("path_create_directory", self.errno("path_create_directory", &[3, new, new_length])),
            ("path_symlink", self.errno("path_symlink", &[path, length, 3, new, new_length])),
            ("path_link", self.errno("path_link", &[3, 0, path, length, 3, new, new_length])),
            ("path_rename", self.errno("path_rename", &[3, path, length, 3, new, new_length])),
            ("path_unlink_file", self.errno("path_unlink_file", &[3, path, length])),
            ("path_remove_directory", self.errno("path_remove_directory", &[3, path, length])),
            ("path_filestat_set_times", self.errno("path_filestat_set_times", &[3, 1, path, length, 0, 0, 1])),
            ("path_filestat_set_times of a link", self.errno("path_filestat_set_times", &[3, 0, path, length, 0, 0, 1])),
            ("fd_filestat_set_times", self.errno("fd_filestat_set_times", &[3, 0, 0, 1])),
        ]
    }
}

fn snapshot(tree: &Path) -> Vec<(String, Option<SystemTime>)> {
    let mut seen: Vec<_> = fs::read_dir(tree)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().modified().ok()))
        .collect();
    seen.sort();
    seen
}

#[test]
fn a_preopened_directory_is_found_by_its_guest_path() {
    let tree = tree();
    let mut guest = guest_of(&tree, false);
    assert_eq!(guest.errno("fd_prestat_get", &[3, 100]), errno::SUCCESS);
    assert_eq!((guest.word(100), guest.word(104)), (0, 5));
    assert_eq!(guest.errno("fd_prestat_dir_name", &[3, 200, 5]), errno::SUCCESS);
    assert_eq!(&guest.get::<5>(200), b"/data");
    assert_eq!(guest.errno("fd_prestat_get", &[4, 100]), errno::BADF);
}

#[test]
fn a_read_only_directory_is_read() {
    let tree = tree();
    let mut guest = guest_of(&tree, false);
    let file = guest.open("file", 0, READ).unwrap();
    assert_eq!(guest.read(file, 100), Ok(b"hello".to_vec()));
    let sub = guest.open("sub", DIRECTORY, READ).unwrap();
    let deep = guest.open_at(sub, 0, "deep", 0, READ).unwrap();
    assert_eq!(guest.read(deep, 2), Ok(b"de".to_vec()));
    assert_eq!(guest.errno("fd_seek", &[i64::from(deep), -1, 2, 96]), errno::SUCCESS);
    assert_eq!(guest.read(deep, 100), Ok(b"p".to_vec()));
    assert_eq!(guest.open("sub/../file", 0, READ).map(drop), Ok(()));
    assert_eq!(guest.open("none", 0, READ), Err(errno::NOENT));
    assert_eq!(guest.open("file", DIRECTORY, READ), Err(errno::NOTDIR));
    assert_eq!(guest.errno("fd_close", &[i64::from(deep)]), errno::SUCCESS);
    assert_eq!(guest.read(deep, 1), Err(errno::BADF));
}

#[test]
fn a_read_only_directory_refuses_every_change() {
    let tree = tree();
    let inside = tree.path().join("inside");
    let before = snapshot(&inside);
    let mut guest = guest_of(&tree, false);
    for (flags, rights) in
        [(0, WRITE), (0, READ | WRITE), (CREATE, READ), (CREATE | EXCLUSIVE, READ), (TRUNCATE, READ), (TRUNCATE, WRITE)]
    {
        assert_eq!(guest.open("file", flags, rights), Err(errno::ROFS), "{flags} {rights}");
        assert_eq!(guest.open("new", flags, rights), Err(errno::ROFS), "{flags} {rights}");
    }
    for (call, seen) in guest.changes() {
        assert_eq!(seen, errno::ROFS, "{call}");
    }
    let file = i64::from(guest.open("file", 0, READ).unwrap());
    assert_eq!(guest.errno("fd_filestat_set_size", &[file, 0]), errno::ROFS);
    assert_eq!(guest.errno("fd_filestat_set_times", &[file, 0, 0, 1]), errno::ROFS);
    guest.put_words(800, &[1000, 4]);
    assert_eq!(guest.errno("fd_write", &[file, 800, 1, 900]), errno::BADF);
    assert_eq!(guest.errno("fd_pwrite", &[file, 800, 1, 0, 900]), errno::BADF);
    assert_eq!(guest.errno("fd_allocate", &[file, 0, 10]), errno::NOTSUP);
    let sub = guest.open("sub", DIRECTORY, READ).unwrap();
    assert_eq!(guest.open_at(sub, 0, "new", CREATE, WRITE), Err(errno::ROFS), "a directory beneath it is read-only too");
    assert_eq!(snapshot(&inside), before);
}

#[test]
fn a_writable_directory_can_be_changed() {
    let tree = tree();
    let inside = tree.path().join("inside");
    let mut guest = guest_of(&tree, true);
    let file = guest.open("made", CREATE | EXCLUSIVE, READ | WRITE).unwrap();
    assert_eq!(guest.write(file, b"0123456789"), Ok(10));
    assert_eq!(guest.errno("fd_filestat_set_size", &[i64::from(file), 4]), errno::SUCCESS);
    assert_eq!(guest.errno("fd_filestat_set_times", &[i64::from(file), 0, 5_000_000_000, 4]), errno::SUCCESS);
    assert_eq!(fs::read(inside.join("made")).unwrap(), b"0123");
    let [path, length, new, new_length] = guest.paths("made", "sub/moved");
    assert_eq!(guest.errno("path_rename", &[3, path, length, 3, new, new_length]), errno::SUCCESS);
    assert_eq!(guest.errno("path_filestat_set_times", &[3, 1, new, new_length, 0, 9_000_000_000, 4]), errno::SUCCESS);
    let modified = fs::metadata(inside.join("sub/moved")).unwrap().modified().unwrap();
    assert_eq!(modified, SystemTime::UNIX_EPOCH + Duration::from_secs(9));
    assert_eq!(guest.errno("path_create_directory", &[3, path, length]), errno::SUCCESS);
    assert_eq!(
        guest.errno("path_filestat_set_times", &[3, 1, path, length, 0, 9_000_000_000, 4]),
        errno::SUCCESS,
        "a directory's"
    );
    assert_eq!(guest.errno("path_remove_directory", &[3, path, length]), errno::SUCCESS);
    assert_eq!(guest.errno("path_unlink_file", &[3, new, new_length]), errno::SUCCESS);
    assert_eq!(fs::read_dir(inside.join("sub")).unwrap().count(), 1);
}

#[test]
fn no_path_leads_out() {
    let tree = tree();
    let mut guest = guest_of(&tree, true);
    let absolute = tree.path().join("outside");
    let mut escapes = vec!["../outside", "sub/../../outside", "./../outside", "..", absolute.to_str().unwrap(), "/", "sub/../.."];
    if cfg!(unix) {
        std::os::unix::fs::symlink("../outside", tree.path().join("inside/relative")).unwrap();
        std::os::unix::fs::symlink(&absolute, tree.path().join("inside/absolute")).unwrap();
        std::os::unix::fs::symlink("..", tree.path().join("inside/up")).unwrap();
        escapes.extend(["relative", "absolute", "up/outside", "up"]);
    }
    for path in escapes {
        for flags in [0, CREATE] {
            assert_eq!(guest.open(path, flags, READ), Err(errno::PERM), "{path}");
        }
        let [first, length, new, new_length] = guest.paths(path, "stolen");
        assert_eq!(guest.errno("path_filestat_get", &[3, 1, first, length, 96]), errno::PERM, "{path}");
        assert_eq!(guest.errno("path_filestat_set_times", &[3, 1, first, length, 0, 0, 1]), errno::PERM, "{path}");
        if path.contains("outside") {
            assert_eq!(guest.errno("path_link", &[3, 0, first, length, 3, new, new_length]), errno::PERM, "{path}");
            assert_eq!(guest.errno("path_rename", &[3, first, length, 3, new, new_length]), errno::PERM, "{path}");
            assert_eq!(guest.errno("path_rename", &[3, new, new_length, 3, first, length]), errno::PERM, "{path}");
            assert_eq!(guest.errno("path_unlink_file", &[3, first, length]), errno::PERM, "{path}");
        }
    }
    assert_eq!(fs::read(tree.path().join("outside")).unwrap(), b"secret");
}

#[cfg(unix)]
#[test]
fn links_inside_are_followed_where_the_guest_asks_for_it() {
    let tree = tree();
    std::os::unix::fs::symlink("sub/deep", tree.path().join("inside/link")).unwrap();
    std::os::unix::fs::symlink("round", tree.path().join("inside/round")).unwrap();
    let mut guest = guest_of(&tree, false);
    let file = guest.open_at(3, 1, "link", 0, READ).unwrap();
    assert_eq!(guest.read(file, 100), Ok(b"deep".to_vec()));
    assert_eq!(guest.open_at(3, 0, "link", 0, READ), Err(errno::LOOP));
    assert_eq!(guest.open_at(3, 1, "round", 0, READ), Err(errno::LOOP));
    let [path, length, _, _] = guest.paths("link", "");
    assert_eq!(guest.errno("path_readlink", &[3, path, length, 100, 50, 900]), errno::SUCCESS);
    assert_eq!((guest.word(900), &guest.get::<8>(100)), (8, b"sub/deep"));
}

#[cfg(unix)]
#[test]
fn a_pipe_a_device_or_a_socket_is_refused_and_never_waited_for() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let tree = tree();
    let pipe = tree.path().join("inside/pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(tree.path().join("inside/socket")).unwrap();
    std::os::unix::fs::symlink("pipe", tree.path().join("inside/link")).unwrap();
    let mut guest = guest_of(&tree, true);
    for path in ["pipe", "socket", "link"] {
        for (flags, rights) in [(0, READ), (0, WRITE), (0, READ | WRITE), (CREATE, WRITE), (TRUNCATE, WRITE)] {
            assert_eq!(guest.open(path, flags, rights), Err(errno::ACCES), "{path} {flags} {rights}");
        }
        let [first, length, _, _] = guest.paths(path, "");
        assert_eq!(guest.errno("path_filestat_set_times", &[3, 1, first, length, 0, 0, 1]), errno::ACCES, "{path}");
        assert_eq!(guest.errno("path_filestat_get", &[3, 1, first, length, 96]), errno::SUCCESS, "{path}");
    }
    let mut guest = Guest::new(Start::directory(Path::new("/dev"), true));
    assert_eq!(guest.open("null", 0, READ), Err(errno::ACCES));
}

#[test]
fn a_second_name_or_a_move_opens_no_way_to_write_a_read_only_file() {
    let tree = tree();
    let mut start = Start::directory(&tree.path().join("inside"), false);
    let writable = tree.path().join("writable");
    fs::create_dir(&writable).unwrap();
    start.setup.directories.push(super::Preopen { host: writable.clone(), guest: "/out".into(), writable: true });
    let mut guest = Guest::new(start);
    let [path, length, new, new_length] = guest.paths("file", "new");
    assert_eq!(guest.errno("path_link", &[3, 0, path, length, 4, new, new_length]), errno::ROFS);
    assert_eq!(guest.errno("path_rename", &[3, path, length, 4, new, new_length]), errno::ROFS);
    assert_eq!(guest.errno("path_rename", &[4, path, length, 3, new, new_length]), errno::ROFS);
    assert_eq!(fs::read_dir(writable).unwrap().count(), 0);
}

#[test]
fn a_directory_is_listed_in_order_in_parts_and_anew() {
    let tree = tree();
    let mut guest = guest_of(&tree, false);
    let names = |guest: &mut Guest| {
        let mut names = Vec::new();
        let mut cookie = 0;
        loop {
            // Room for one or two entries at a time.
            assert_eq!(guest.errno("fd_readdir", &[3, 40_000, 60, cookie, 900]), errno::SUCCESS);
            let used = guest.word(900);
            let length = guest.word(40_016);
            if used < 24 + length {
                return names;
            }
            let bytes: [u8; 36] = guest.get(40_024);
            names.push(String::from_utf8(bytes[..usize::try_from(length).unwrap()].to_vec()).unwrap());
            cookie = i64::try_from(guest.long(40_000)).unwrap();
        }
    };
    assert_eq!(names(&mut guest), [".", "..", "file", "sub"]);
    fs::write(tree.path().join("inside/another"), "").unwrap();
    assert_eq!(names(&mut guest), [".", "..", "another", "file", "sub"]);
    for cookie in [5, 100, -1] {
        assert_eq!(guest.errno("fd_readdir", &[3, 40_000, 60, cookie, 900]), errno::SUCCESS);
        assert_eq!(guest.word(900), 0);
    }
}

#[test]
fn a_file_from_before_1970_has_a_stat() {
    let tree = tree();
    let file = fs::File::options().write(true).open(tree.path().join("inside/file")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH - Duration::from_secs(1000)).unwrap();
    let mut guest = guest_of(&tree, false);
    let [path, length, _, _] = guest.paths("file", "");
    assert_eq!(guest.errno("path_filestat_get", &[3, 1, path, length, 96]), errno::SUCCESS);
    assert_eq!((guest.long(128), guest.long(144)), (5, 0), "size, and time of change");
    let fd = guest.open("file", 0, READ).unwrap();
    assert_eq!(guest.errno("fd_filestat_get", &[i64::from(fd), 96]), errno::SUCCESS);
}

#[test]
fn open_files_and_long_paths_have_a_limit() {
    let tree = tree();
    let mut guest = guest_of(&tree, false);
    let refused = (0..1000).find_map(|_| guest.open("file", 0, READ).err());
    assert_eq!(refused, Some(errno::MFILE));
    assert_eq!(guest.errno("fd_close", &[4]), errno::SUCCESS);
    assert!(guest.open("file", 0, READ).is_ok());
    let mut guest = guest_of(&tree, false);
    assert_eq!(guest.open(&"a/".repeat(3000), 0, READ), Err(errno::NAMETOOLONG));
    assert_eq!(guest.open("a\0b", 0, READ), Err(errno::INVAL));
    assert_eq!(guest.open("", 0, READ), Err(errno::NOENT));
}
