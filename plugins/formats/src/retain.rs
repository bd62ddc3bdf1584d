//! Takes annotations out of a batch, in place.

use lightbox_sdk::Batch;

/// Keeps the annotations whose entry in `keep` is true, in their order. Labels and images stay as they are.
pub fn retain(batch: &mut Batch, keep: &[bool]) {
    if keep.iter().all(|each| *each) {
        return;
    }
    retain_payloads(batch, keep);
    retain_column(&mut batch.image, keep);
    retain_column(&mut batch.label, keep);
    retain_column(&mut batch.line, keep);
    retain_column(&mut batch.value, keep);
    retain_column(&mut batch.boxes, keep);
}

fn retain_column<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut flags = keep.iter();
    column.retain(|_| flags.next().copied().unwrap_or(false));
}

fn retain_payloads(batch: &mut Batch, keep: &[bool]) {
    let (mut start, mut written) = (0usize, 0usize);
    let ends = std::mem::take(&mut batch.payload_ends);
    for (end, kept) in ends.iter().zip(keep) {
        let end = *end as usize;
        if *kept {
            batch.payload_bytes.copy_within(start..end, written);
            written += end - start;
            batch.payload_ends.push(written as u64);
        }
        start = end;
    }
    batch.payload_bytes.truncate(written);
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightbox_sdk::ImageRef;

    fn batch() -> Batch {
        let mut batch = Batch {
            labels: vec!["a".into()],
            images: vec![ImageRef::default()],
            image: vec![0; 4],
            label: vec![0; 4],
            line: vec![1, 2, 3, 4],
            value: vec![1; 4],
            boxes: (0..4).map(|each| [f64::from(each); 4]).collect(),
            ..Batch::default()
        };
        for payload in ["one", "", "three", "four"] {
            batch.push_payload(payload.as_bytes());
        }
        batch
    }

    #[test]
    fn what_is_kept_keeps_its_order_its_box_and_its_payload() {
        let mut batch = batch();
        retain(&mut batch, &[false, true, false, true]);
        assert!(batch.check().is_ok());
        assert_eq!(batch.line, [2, 4]);
        assert_eq!(batch.boxes, [[1.0; 4], [3.0; 4]]);
        assert_eq!((batch.payload(0), batch.payload(1)), (&b""[..], &b"four"[..]));
    }

    #[test]
    fn a_batch_without_boxes_and_payloads_stays_without() {
        let mut batch = Batch { boxes: vec![], payload_ends: vec![], payload_bytes: vec![], ..batch() };
        retain(&mut batch, &[true, false, false, false]);
        assert!(batch.check().is_ok());
        assert_eq!((batch.len(), batch.boxes.len(), batch.payload_ends.len()), (1, 0, 0));
    }
}
