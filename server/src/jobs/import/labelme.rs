//! Pictures that documents carry inside: they join the images, unless the file itself is there.

use super::Import;
use super::documents::ReadDocument;
use super::images::{ReadImages, read_embedded};
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::path_match::plain_path;
use crate::jobs::failure::JobResult;
use std::collections::{HashMap, HashSet};

pub async fn add_embedded_images(
    import: &Import,
    documents: &[ReadDocument],
    read: &mut ReadImages,
    log: &mut FindingLog,
) -> JobResult<()> {
    let mut index_of: HashMap<String, usize> =
        read.images.iter().enumerate().map(|(index, image)| (image.new.path.clone(), index)).collect();
    // Several types read the same document, and each brings the picture: once is enough.
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    for document in documents {
        let folder = document.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (written, bytes) in &document.imported.embedded_images {
            import.run.check()?;
            if !seen.insert((&document.path, written)) {
                continue;
            }
            let path = beside(folder, written);
            let (image, findings) = match read_embedded(import, &path, bytes.clone()).await? {
                Ok(read) => read,
                Err(message) => {
                    if !index_of.contains_key(&path) {
                        log.push(Finding::error("IMAGE_UNREADABLE", message).in_file(&document.path));
                    }
                    continue;
                }
            };
            match index_of.get(&path) {
                Some(index) if read.images[*index].new.pixel_digest == image.new.pixel_digest => {}
                Some(_) => {
                    let message = format!("the picture inside differs from the file {path}; the file wins");
                    log.push(Finding::warning("LABELME_IMAGE_DIFFERS", message).in_file(&document.path));
                }
                None => {
                    log.extend(findings.into_iter().map(|finding| finding.in_file(&path)));
                    index_of.insert(path, read.images.len());
                    read.images.push(image);
                }
            }
        }
    }
    Ok(())
}

/// `written` as seen from the document's folder; `..` steps out of it, but never out of the archive.
fn beside(folder: &str, written: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let plain = plain_path(written);
    for part in plain.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn a_written_path_is_seen_from_the_documents_folder() {
        let table = [
            ("", "a.jpg", "a.jpg"),
            ("x/y", "../a.jpg", "x/a.jpg"),
            ("", "../../a.jpg", "a.jpg"),
            ("x", ".\\a.jpg", "x/a.jpg"),
        ];
        for (folder, written, expected) in table {
            assert_eq!(beside(folder, written), expected);
        }
    }
}
