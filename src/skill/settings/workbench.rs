//! The table `[workbench]` of the settings: what the screen begins with. It knows no screen; names of panels are words here.

use super::super::size::parse_bytes;
use super::super::table_reader::Item;
use super::super::toml_source::Reported;
use crate::event::OnSave;
use crate::skill::nearest_name::nearest_name;

/// The panels by their words, in the order of their tabs.
pub const PANELS: [&str; 8] = ["trace", "ai", "output", "logs", "input", "module", "history", "limits"];
/// How many entries of a trace the screen keeps, where nothing else is said.
pub const DEFAULT_TRACE_ENTRIES: usize = 50_000;
/// How many bytes of requests and responses it keeps, where nothing else is said.
pub const DEFAULT_TRACE_BYTES: usize = 96 << 20;
/// The fewest and the most entries that can be asked for.
pub const TRACE_ENTRIES: std::ops::RangeInclusive<usize> = 100..=1_000_000;
/// The fewest and the most bytes.
const TRACE_BYTES: std::ops::RangeInclusive<usize> = (1 << 20)..=(4 << 30);

/// What the workbench begins with; flags win over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkbenchSettings {
    /// Whether a skill is run again when it is saved.
    pub auto_run: bool,
    /// What becomes of a run that goes on when its skill is saved.
    pub on_save: OnSave,
    /// `dark`, `light` or `none`; `None` where the terminal decides.
    pub theme: Option<String>,
    /// Whether only ASCII is used for lines and symbols.
    pub ascii: bool,
    /// The panel that is shown first; one of [`PANELS`].
    pub panel: Option<String>,
    /// How many entries of a trace the screen keeps; all of them are on disk.
    pub trace_entries: usize,
    /// How many bytes of requests and responses it keeps of a run.
    pub trace_bytes: usize,
}

impl Default for WorkbenchSettings {
    fn default() -> Self {
        Self {
            auto_run: true,
            on_save: OnSave::default(),
            theme: None,
            ascii: false,
            panel: None,
            trace_entries: DEFAULT_TRACE_ENTRIES,
            trace_bytes: DEFAULT_TRACE_BYTES,
        }
    }
}

/// Reads the table.
pub(super) fn workbench(item: &Item<'_>) -> Result<WorkbenchSettings, Reported> {
    let mut table = item.table()?;
    let auto_run = table.optional("auto_run", Item::boolean);
    let on_save = table.optional("on_save", on_save);
    let theme = table.optional("theme", |item| one_of(item, &["auto", "dark", "light", "none"]));
    let ascii = table.optional("ascii", Item::boolean);
    let panel = table.optional("panel", |item| one_of(item, &PANELS));
    let trace_entries = table.optional("trace_entries", trace_entries);
    let trace_bytes = table.optional("trace_bytes", trace_bytes);
    table.finish();
    let usual = WorkbenchSettings::default();
    Ok(WorkbenchSettings {
        auto_run: auto_run?.unwrap_or(usual.auto_run),
        on_save: on_save?.unwrap_or(usual.on_save),
        theme: theme?.filter(|word| word != "auto"),
        ascii: ascii?.unwrap_or(usual.ascii),
        panel: panel?,
        trace_entries: trace_entries?.unwrap_or(usual.trace_entries),
        trace_bytes: trace_bytes?.unwrap_or(usual.trace_bytes),
    })
}

fn on_save(item: &Item<'_>) -> Result<OnSave, Reported> {
    let word = one_of(item, &OnSave::ALL.map(OnSave::word))?;
    Ok(OnSave::ALL.into_iter().find(|known| known.word() == word).unwrap_or_default())
}

fn one_of(item: &Item<'_>, words: &[&str]) -> Result<String, Reported> {
    let word = item.string()?;
    if words.contains(&word) {
        return Ok(word.to_owned());
    }
    let hint = match nearest_name(word, words.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("known here: {}", words.join(", ")),
    };
    Err(item.bad_value(format_args!("there is no {word:?} here"), Some(hint)))
}

fn trace_entries(item: &Item<'_>) -> Result<usize, Reported> {
    let entries = item.quantity(|text| text.trim().replace('_', "").parse::<usize>())?;
    if TRACE_ENTRIES.contains(&entries) {
        return Ok(entries);
    }
    Err(item.bad_value(format_args!("the screen keeps {} to {} entries", TRACE_ENTRIES.start(), TRACE_ENTRIES.end()), None))
}

fn trace_bytes(item: &Item<'_>) -> Result<usize, Reported> {
    let bytes = item.quantity(parse_bytes)?;
    usize::try_from(bytes)
        .ok()
        .filter(|bytes| TRACE_BYTES.contains(bytes))
        .ok_or_else(|| item.bad_value("the screen keeps 1MiB to 4GiB", Some("write it for example so: 96MiB".to_owned())))
}
