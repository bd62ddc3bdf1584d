//! Names that people give: what is allowed, and when two are the same.

use super::user_error::{UserError, UserErrorCode};
use unicode_normalization::UnicodeNormalization;

/// Longest name of a dataset, an annotation set or a label, in characters.
pub const MAX_NAME_CHARS: usize = 255;

/// The name without surrounding blanks.
///
/// # Errors
/// `INVALID` when it is empty, longer than [`MAX_NAME_CHARS`], or has control characters.
pub fn require_name(name: &str, path: &[&str]) -> Result<String, UserError> {
    let name = name.trim();
    let count = name.chars().count();
    if name.is_empty() {
        return Err(UserError::new(UserErrorCode::Invalid, path, "The name is empty: give it at least one character."));
    }
    if count > MAX_NAME_CHARS {
        let message = format!("The name has {count} characters; at most {MAX_NAME_CHARS} are allowed.");
        return Err(UserError::new(UserErrorCode::Invalid, path, message));
    }
    if name.chars().any(char::is_control) {
        let message = "The name has control characters, such as a line break: leave them out.";
        return Err(UserError::new(UserErrorCode::Invalid, path, message));
    }
    Ok(name.to_owned())
}

/// What names are searched, sorted and compared by: without case, in one Unicode form.
pub fn name_key(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect()
}

/// The name for a dataset that was uploaded without one: the file's, without folders and `.zip`.
pub fn name_from_filename(filename: &str) -> String {
    let base = filename.rsplit(['/', '\\']).next().unwrap_or(filename);
    let stem = if base.to_ascii_lowercase().ends_with(".zip") { &base[..base.len() - 4] } else { base };
    let clean: String = stem.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS - 8).collect();
    let clean = clean.trim();
    if clean.is_empty() { "dataset".to_owned() } else { clean.to_owned() }
}

/// `name`, or `name (2)`, `name (3)`, … : the first that `is_taken` does not know.
pub fn first_free(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(name) {
        return name.to_owned();
    }
    (2..).map(|number| format!("{name} ({number})")).find(|name| !is_taken(name)).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_checked() {
        assert_eq!(require_name("  Chest X-ray ", &["input", "name"]), Ok("Chest X-ray".to_owned()));
        for wrong in ["", "   ", "a\nb", &"x".repeat(256)] {
            assert!(require_name(wrong, &["input", "name"]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_file_name_gives_a_dataset_name() {
        let table = [
            ("a.zip", "a"),
            ("dir/B.ZIP", "B"),
            ("C:\\x\\c", "c"),
            (".zip", "dataset"),
            ("é.zip", "é"),
            ("", "dataset"),
        ];
        for (filename, expected) in table {
            assert_eq!(name_from_filename(filename), expected);
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        assert_eq!(first_free("a", |_| false), "a");
        assert_eq!(first_free("a", |name| name == "a" || name == "a (2)"), "a (3)");
    }
}
