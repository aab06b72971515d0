//! Scenario → a folder with containers that run.

use crate::files::{print, read_checked};
use loadstone::stack;
use std::fs;
use std::path::Path;

/// Writes the stack of a file without errors into a folder, and says how it differs.
pub fn stack(file: &str, folder: &Path) -> Result<(), String> {
    let stack = stack::export(&read_checked(file)?)?;
    let shown = folder.display();
    match fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(true) => return Err(format!("{shown} is not empty; name a folder that is not there yet")),
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(format!("{shown} cannot be used: {e}")),
        _ => {}
    }
    for file in &stack.files {
        let path = folder.join(&file.path);
        let folder = path.parent().unwrap_or(folder);
        fs::create_dir_all(folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
        fs::write(&path, &file.text).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    }
    let mut told = format!("{shown} has {} files; README.md among them says how to start them.\n", stack.files.len());
    if !stack.differs.is_empty() {
        told += "\nWhat is not the same as in the simulation:\n";
        for sentence in &stack.differs {
            told += &format!("- {sentence}\n");
        }
    }
    print(&told)
}
