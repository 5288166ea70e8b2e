//! The readers of a session's events without a screen: human, json, jsonl.
