//! Paths without their extension, by which files that belong together are paired.

/// Longest extension without its dot.
const MAX_EXTENSION: usize = 5;

/// `path` without the extension of its last part. What holds no letter is none: `1.2.840` has none.
pub(crate) fn without_extension(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) && !stem.is_empty() && !stem.ends_with('/') => stem,
        _ => path,
    }
}

/// The extension, in lower case; empty when there is none.
pub(crate) fn extension(path: &str) -> String {
    let stem = without_extension(path);
    path.get(stem.len() + 1..).unwrap_or_default().to_ascii_lowercase()
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder of a path; empty at the top.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_extension(text: &str) -> bool {
    (1..=MAX_EXTENSION).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_extension_is_taken_off() {
        let table = [
            ("a/b.png", "a/b"),
            ("a.b/c", "a.b/c"),
            ("1.2.840.113", "1.2.840.113"),
            ("1.2.840.dcm", "1.2.840"),
            ("a/.png", "a/.png"),
            (".txt", ".txt"),
            ("a.", "a."),
            ("a.nii.gz", "a.nii"),
            ("a.b c", "a.b c"),
        ];
        for (path, stem) in table {
            assert_eq!(without_extension(path), stem);
        }
        assert_eq!([extension("a/b.PNG"), extension("1.2.84")], ["png", ""]);
        assert_eq!((folder("a/b/c"), folder("c"), file_name("a/b"), file_name("b")), ("a/b", "", "b", "b"));
    }
}
