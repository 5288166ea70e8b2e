//! Cases are read with each fault in its place.
