//! The annotations of each image of a batch, in their order.

use lightbox_sdk::Batch;

pub(crate) struct ByImage {
    /// Where the rows of each image begin in `rows`, and one entry more for the end.
    starts: Vec<usize>,
    rows: Vec<usize>,
}

impl ByImage {
    pub(crate) fn of(batch: &Batch) -> Self {
        let mut starts = vec![0usize; batch.images.len() + 1];
        for image in &batch.image {
            if let Some(count) = starts.get_mut(*image as usize + 1) {
                *count += 1;
            }
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let (mut next, mut rows) = (starts.clone(), vec![0; batch.image.len()]);
        for (row, image) in batch.image.iter().enumerate() {
            if let Some(place) = next.get_mut(*image as usize) {
                rows[*place] = row;
                *place += 1;
            }
        }
        Self { starts, rows }
    }

    /// Numbers of the annotations of one image.
    pub(crate) fn rows(&self, image: usize) -> &[usize] {
        let bound = |at: usize| self.starts.get(at).copied().unwrap_or(self.rows.len());
        self.rows.get(bound(image)..bound(image + 1)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_sdk::ImageRef;

    #[test]
    fn every_image_has_its_rows_in_their_order() {
        let batch = Batch { images: vec![ImageRef::default(); 4], image: vec![2, 0, 2, 3, 0], ..Batch::default() };
        let by_image = ByImage::of(&batch);
        let rows: Vec<&[usize]> = (0..5).map(|image| by_image.rows(image)).collect();
        assert_eq!(rows, [&[1, 4][..], &[], &[0, 2], &[3], &[]]);
    }
}
