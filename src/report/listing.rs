//! What `--list` and `--validate` tell: the skills that are there, and why any was refused.

use super::palette::Palette;
use super::{Report, Streams, figures, human};
use crate::event::{Event, Failure, LoadedModule, Outcome, RunId, SkillInfo, sanitize_line};
use serde::Serialize;
use std::io;

/// Writes a line for each skill, and a block for each refusal.
pub struct HumanListing {
    streams: Streams,
    skills: Vec<SkillInfo>,
    told: usize,
}

impl HumanListing {
    /// A listing on `streams`' output.
    pub const fn new(streams: Streams) -> Self {
        Self { streams, skills: Vec::new(), told: 0 }
    }

    /// The line of a skill: name, profile or refusal, path; then what it is for.
    fn row(&self, skill: &str, state: &str) -> String {
        let width = self.skills.iter().map(|skill| skill.name.chars().count()).max().unwrap_or(0).min(40);
        let info = self.skills.get(self.told).filter(|info| info.name == skill);
        let path = info.map(|info| info.path.display().to_string()).unwrap_or_default();
        let about = info.and_then(|info| info.description.as_deref()).map(|about| format!("  {about}")).unwrap_or_default();
        let row = format!("{skill:<width$}  {state:<9}  {path}{about}");
        sanitize_line(row.trim_end()).into_owned()
    }
}

impl Report for HumanListing {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Skills { skills } => self.skills.clone_from(skills),
            Event::Loaded(LoadedModule { skill, profile, module_bytes, .. }) => {
                let row = self.row(skill, profile.word());
                self.told += 1;
                self.streams.write_out(format!("{row}  [{}]\n", figures::bytes(*module_bytes)).as_bytes())?;
            }
            Event::Rejected { skill, outcome, failure } => {
                let row = self.row(skill, "refused");
                self.told += 1;
                self.streams.write_out(format!("{row}\n").as_bytes())?;
                let text = human::failure_text(failure, outcome.word(), "", &Palette::PLAIN);
                let indented: String = text.lines().map(|line| format!("    {line}\n")).collect();
                self.streams.write_out(indented.as_bytes())?;
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
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
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
        Self { streams, skills: Vec::new(), rows: Vec::new() }
    }

    fn push(&mut self, skill: &str, loaded: Option<LoadedModule>, outcome: Outcome, error: Option<Failure>) {
        let info = self.skills.get(self.rows.len()).filter(|info| info.name == skill).cloned();
        let skill = if info.is_none() { Some(skill.to_owned()) } else { None };
        self.rows.push(Row { info, skill, loaded, outcome, error });
    }
}

impl Report for JsonListing {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Skills { skills } => self.skills.clone_from(skills),
            Event::Loaded(loaded) => self.push(&loaded.skill, Some(loaded.clone()), Outcome::Ok, None),
            Event::Rejected { skill, outcome, failure } => self.push(skill, None, *outcome, Some(failure.clone())),
            Event::ChecksDone => self.streams.write_out(&super::json::to_json(&self.rows, true)?)?,
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
