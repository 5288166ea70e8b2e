//! HTTP requests of a skill, within its grants.

/// Makes requests; cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpClient {}
