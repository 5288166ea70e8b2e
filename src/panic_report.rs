//! What a panic of ours says: one line for the user, and none where the thread's owner tells of it itself.

use skillscope::event::sanitize_line;
use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::PathBuf;

/// From now on a panic is told in one line on stderr. A compiler that gives up inside is told by the run that needed it.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        if std::thread::current().name() != Some("skillscope-compile") {
            // Where stderr is closed there is nobody to tell.
            let _ = std::io::stderr().write_all(line(info).as_bytes());
        }
    }));
}

/// The same for when a screen has the terminal: into a file, where somebody may read it later.
pub fn to_file(path: PathBuf) -> impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static {
    move |info| {
        if std::thread::current().name() != Some("skillscope-compile")
            && let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(&path)
        {
            // A log that cannot be written is no reason for another panic.
            let _ = file.write_all(line(info).as_bytes());
        }
    }
}

fn line(info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    format!("fault of skillscope: {}{place}; please report it\n", sanitize_line(message))
}
