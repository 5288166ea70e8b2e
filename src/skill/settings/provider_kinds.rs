//! The kinds of AI provider that settings may name: one for each protocol and service that the client library speaks.

use std::fmt;

/// A kind of provider, known to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderKind(&'static str);

impl ProviderKind {
    /// The kind of that word.
    pub fn find(word: &str) -> Option<Self> {
        PROVIDER_KINDS.iter().copied().find(|known| *known == word).map(Self)
    }

    /// Its word, as settings spell it.
    pub const fn word(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// All kinds; that the client library speaks just these is checked where it is known.
pub const PROVIDER_KINDS: &[&str] = &[
    "openai",
    "openai_resp",
    "gemini",
    "gemini_ix",
    "anthropic",
    "fireworks",
    "together",
    "groq",
    "aihubmix",
    "kimi",
    "mimo",
    "moonshot",
    "nebius",
    "xai",
    "deepseek",
    "mistral",
    "zai",
    "bigmodel",
    "aliyun",
    "qwen_cloud",
    "baidu",
    "cohere",
    "ollama",
    "ollama_cloud",
    "omlx",
    "vertex",
    "github_copilot",
    "opencode_go",
    "bedrock_api",
    "open_router",
    "atlascloud",
    "requesty",
    "api_route",
    "heabsy",
    "runcrate",
    "cloudgpu",
    "minimax",
];
