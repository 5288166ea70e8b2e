//! The flags under "Permissions (added to the manifest's)".

use clap::Args;
use skillscope::skill::parse_http_grant;
use skillscope::skill::parse_key_pattern;

/// Permissions of the command line.
#[derive(Debug, Args)]
#[command(next_help_heading = "Permissions (added to the manifest's)")]
pub struct PermissionFlags {
    /// Allow AI calls
    #[arg(long)]
    pub allow_ai: bool,

    /// Allow requests to a host, exactly: example.com, or 127.0.0.1:8080 with a port
    #[arg(long, value_name = "HOST", value_parser = parse_http_grant)]
    pub allow_http: Vec<String>,

    /// Allow reading and writing the keys that match; * stands for any characters
    #[arg(long, value_name = "PATTERN", value_parser = parse_key_pattern)]
    pub allow_memory: Vec<String>,
}
