//! File extensions that formats are known by, of which some have a dot inside: `nii.gz`.

/// What stands before the longest of these extensions that the path ends in, and its dot; `None` when it ends in none.
/// `known`: without the dot before them; case does not matter.
pub fn find_stem<E: AsRef<str>>(path: &str, known: impl IntoIterator<Item = E>) -> Option<&str> {
    let stems = known.into_iter().filter_map(|extension| stem_before(path, extension.as_ref()));
    stems.min_by_key(|stem| stem.len())
}

fn stem_before<'p>(path: &'p str, extension: &str) -> Option<&'p str> {
    let at = path.len().checked_sub(extension.len())?;
    let (before, end) = path.split_at_checked(at)?;
    if end.eq_ignore_ascii_case(extension) { before.strip_suffix('.') } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_before_the_longest_extension_that_is_known() {
        let table = [
            ("a/b.png", Some("a/b")),
            ("a/b.PNG", Some("a/b")),
            ("a/b.nii", Some("a/b")),
            ("a/b.Nii.gz", Some("a/b")),
            ("a/b.c.nii.gz", Some("a/b.c")),
            ("a/b.gz", None),
            ("a/bpng", None),
            ("png", None),
            ("1.2.840", None),
            ("a/b.öng", None),
            ("ö.png", Some("ö")),
            (".png", Some("")),
            ("", None),
        ];
        for (path, expected) in table {
            assert_eq!(find_stem(path, ["png", "nii", "nii.gz"]), expected, "{path}");
            assert_eq!(find_stem(path, ["nii.gz", "nii", "png"]), expected, "{path}");
        }
    }
}
