//! Pictures that documents carry inside: they join the images, unless the file itself is there.

use super::Import;
use super::images::{ReadImages, read_embedded};
use crate::domain::findings::{Finding, FindingLog};
use crate::domain::path_match::beside;
use crate::jobs::failure::JobResult;
use std::collections::{HashMap, HashSet};

/// Which paths are images already, and which pictures were seen.
pub struct EmbeddedImages {
    index_of: HashMap<String, usize>,
    /// Several types read the same document, and each brings the picture: once is enough.
    seen: HashSet<(String, String)>,
}

impl EmbeddedImages {
    pub fn new(read: &ReadImages) -> Self {
        let paths = read.images.iter().enumerate().map(|(index, image)| (image.new.path.clone(), index));
        Self { index_of: paths.collect(), seen: HashSet::new() }
    }

    /// The pictures of one document: paths as it writes them, and bytes.
    pub async fn add(
        &mut self,
        import: &Import,
        document: &str,
        pictures: Vec<(String, Vec<u8>)>,
        read: &mut ReadImages,
        log: &mut FindingLog,
    ) -> JobResult<()> {
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (written, bytes) in pictures {
            let path = beside(folder, &written);
            if !self.seen.insert((document.to_owned(), written)) {
                continue;
            }
            let known = self.index_of.get(&path).copied();
            match (read_embedded(import, &path, bytes).await?, known) {
                (Err(message), None) => {
                    log.push(Finding::error("IMAGE_UNREADABLE", message).in_file(document));
                }
                (Ok(decoded), None) => {
                    let (image, findings) = decoded.keep(import)?;
                    log.extend(findings.into_iter().map(|finding| finding.in_file(&path)));
                    self.index_of.insert(path, read.images.len());
                    read.images.push(image);
                }
                (Ok(decoded), Some(index)) => {
                    if read.images[index].new.pixel_digest != decoded.image.new.pixel_digest {
                        let message = format!("the picture inside differs from the file {path}; the file wins");
                        log.push(Finding::warning("LABELME_IMAGE_DIFFERS", message).in_file(document));
                    }
                    decoded.discard(import);
                }
                (Err(_), Some(_)) => {}
            }
        }
        Ok(())
    }
}
