//! The actor that owns the catalog, the runs, the watcher and the settings: commands go down to it, events come up.
