//! Files of a bundle that belong to none of its images. Where the images are elsewhere every file is one, so that thousands
//! would say the same: these are told as one, and of others not all are named.

use crate::code;
use lightbox_sdk::Finding;

/// Files that are named one by one.
const MAX_NAMED: usize = 100;
/// So many, and no file that has an image, are of one cause.
const ONE_CAUSE: usize = 3;

#[derive(Default)]
pub(crate) struct Unpaired<'b> {
    /// In their order.
    paths: Vec<&'b str>,
    has_paired: bool,
}

impl<'b> Unpaired<'b> {
    pub(crate) fn add(&mut self, path: &'b str) {
        self.paths.push(path);
    }

    /// That a file has its image.
    pub(crate) fn add_paired(&mut self) {
        self.has_paired = true;
    }

    /// ERRORs. `kind`: what one of the files is called; `place`: where an image would be found.
    pub(crate) fn findings(&self, kind: &str, place: &str) -> Vec<Finding> {
        let count = self.paths.len();
        if count >= ONE_CAUSE && !self.has_paired {
            let first = self.paths.first().copied().unwrap_or_default();
            let message = format!(
                "no image belongs to any {kind}, {place}: there are {count}, {first} among them; upload them together \
                 with their images"
            );
            return vec![Finding::error(code::MISSING_IMAGE, message)];
        }
        let message = format!("no image belongs to this {kind}, {place}");
        let named = self.paths.iter().take(MAX_NAMED);
        let named = named.map(|path| Finding::error(code::MISSING_IMAGE, &message).in_file(*path));
        let rest = (count > MAX_NAMED).then(|| {
            let message = format!("no image belongs to {} files more, each a {kind}, {place}", count - MAX_NAMED);
            Finding::error(code::MISSING_IMAGE, message)
        });
        named.chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(paths: &[&'static str], has_paired: bool) -> Vec<Finding> {
        Unpaired { paths: paths.to_vec(), has_paired }.findings("mask", "by its name")
    }

    #[test]
    fn a_few_are_named_and_all_of_a_bundle_are_told_as_one() {
        let paths =
            |paths, has_paired| findings(paths, has_paired).into_iter().map(|finding| finding.path).collect::<Vec<_>>();
        let named = |path: &str| Some(path.to_owned());
        assert!(paths(&[], false).is_empty());
        assert_eq!(paths(&["a", "b"], false), [named("a"), named("b")]);
        assert_eq!(paths(&["a", "b", "c"], true), [named("a"), named("b"), named("c")]);
        assert_eq!(paths(&["a", "b", "c"], false), [None]);
        assert!(findings(&["a", "b", "c"], false)[0].message.contains("there are 3, a among them"));
    }

    #[test]
    fn of_very_many_the_rest_is_counted() {
        let found = findings(&["a"; MAX_NAMED + 7], true);
        assert_eq!(found.len(), MAX_NAMED + 1);
        assert!(found[MAX_NAMED].message.starts_with("no image belongs to 7 files more"));
    }
}
