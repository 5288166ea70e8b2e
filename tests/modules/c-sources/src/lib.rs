//! Empty: the crate is here for its dependencies.
