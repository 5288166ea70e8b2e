//! What `--list` and `--validate` tell: the skills that are there, and why any was refused.

use super::columns::{Columns, Row};
use super::palette::Palette;
use super::{Report, Streams, human};
use crate::event::{Event, Failure, LoadedModule, Outcome, RunId, SkillInfo, sanitize_line};
use serde::Serialize;
use std::io;

/// Below this width there is no use in breaking lines between words.
const LEAST_WRAPPED: usize = 30;

/// Writes a line for each skill, and a block for each refusal.
pub struct HumanListing {
    streams: Streams,
    skills: Vec<SkillInfo>,
    columns: Columns,
    told: usize,
}

impl HumanListing {
    /// A listing on `streams`' output.
    pub fn new(streams: Streams) -> Self {
        let columns = Columns::of(&[], streams.out_width);
        Self { streams, skills: Vec::new(), columns, told: 0 }
    }

    /// The line of a skill.
    fn row(&mut self, name: &str, state: &str, size: Option<u64>) -> io::Result<()> {
        let info = self.skills.get(self.told).filter(|info| info.name == name);
        let row = self.columns.row(&Row { name, state, size, info });
        self.told += 1;
        self.streams.write_out(format!("{row}\n").as_bytes())
    }

    /// The block below a skill's line that says why it is refused; on a terminal broken between words.
    fn refusal(&mut self, outcome: Outcome, failure: &Failure) -> io::Result<()> {
        let text = human::failure_text(failure, outcome.word(), "", &Palette::PLAIN);
        let block: String = text.lines().map(|line| self.indented(line)).collect();
        self.streams.write_out(block.as_bytes())
    }

    fn indented(&self, line: &str) -> String {
        let own: String = line.chars().take_while(|c| *c == ' ').collect();
        let (first, more) = (format!("    {own}"), format!("    {own}  "));
        let Some(width) = self.streams.out_width.filter(|width| *width >= LEAST_WRAPPED) else {
            return format!("{first}{}\n", line.trim_start());
        };
        // A command that a hint shows is not broken at a hyphen.
        let options = textwrap::Options::new(width).word_splitter(textwrap::WordSplitter::NoHyphenation);
        let options = options.initial_indent(&first).subsequent_indent(&more);
        textwrap::wrap(line.trim_start_matches(' '), options).into_iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

impl Report for HumanListing {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Skills { skills } => {
                self.skills.clone_from(skills);
                self.columns = Columns::of(skills, self.streams.out_width);
            }
            Event::Loaded(LoadedModule { skill, profile, module_bytes, .. }) => {
                self.row(skill, profile.word(), Some(*module_bytes))?;
            }
            Event::Rejected { skill, outcome, failure } => {
                self.row(skill, "refused", None)?;
                self.refusal(*outcome, failure)?;
            }
            Event::Notice { message } => self.streams.write_err(&format!("note: {}\n", sanitize_line(message)))?,
            Event::ChecksDone if self.told == 0 => {
                self.streams.write_err("no skills found: a skill is a directory with a skill.toml, or a .wasm or .wat file\n")?
            }
            _ => {}
        }
        Ok(())
    }

    fn run_done(&mut self, _run: RunId) -> io::Result<()> {
        Ok(())
    }

    fn has_lost_its_reader(&self) -> bool {
        self.streams.out_is_closed
    }
}

/// Writes one JSON array, an object for each skill.
pub struct JsonListing {
    streams: Streams,
    skills: Vec<SkillInfo>,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    info: Option<SkillInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skill: Option<String>,
    loaded: Option<LoadedModule>,
    outcome: Outcome,
    error: Option<Failure>,
}

impl JsonListing {
    /// A listing on `streams`' output.
    pub const fn new(streams: Streams) -> Self {
        Self { streams, skills: Vec::new(), entries: Vec::new() }
    }

    fn push(&mut self, skill: &str, loaded: Option<LoadedModule>, outcome: Outcome, error: Option<Failure>) {
        let info = self.skills.get(self.entries.len()).filter(|info| info.name == skill).cloned();
        let skill = if info.is_none() { Some(skill.to_owned()) } else { None };
        self.entries.push(Entry { info, skill, loaded, outcome, error });
    }
}

impl Report for JsonListing {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Skills { skills } => self.skills.clone_from(skills),
            Event::Loaded(loaded) => self.push(&loaded.skill, Some(loaded.clone()), Outcome::Ok, None),
            Event::Rejected { skill, outcome, failure } => self.push(skill, None, *outcome, Some(failure.clone())),
            Event::Notice { message } => self.streams.write_err(&format!("note: {}\n", sanitize_line(message)))?,
            Event::ChecksDone => self.streams.write_json(&self.entries, true)?,
            _ => {}
        }
        Ok(())
    }

    fn run_done(&mut self, _run: RunId) -> io::Result<()> {
        Ok(())
    }

    fn has_lost_its_reader(&self) -> bool {
        self.streams.out_is_closed
    }
}
