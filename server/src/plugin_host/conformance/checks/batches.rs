//! Batches that break the contract are refused; odd ones that keep it lead to an answer that keeps it too.

use crate::plugin_host::conformance::bench::Bench;
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::conformance::tally::Tally;
use crate::plugin_host::conformance::{exercises, junk};
use crate::plugin_host::task::Parcel;
use bytes::Bytes;
use lightbox_sdk::{AnnotationTypeDescriptor, Batch};
use std::sync::Arc;
use std::time::Duration;

const TIME: Duration = Duration::from_secs(60);

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    let Capability::Annotations(descriptor) = capability else { return None };
    Some(super::with_bench(subject, |bench| ask_all(bench, descriptor)))
}

fn ask_all(bench: &Bench, descriptor: &AnnotationTypeDescriptor) -> Verdict {
    let mut tally = Tally::new(TIME);
    let sound = exercises::batch(descriptor, 3, 4);
    let odd = odd(&sound).into_iter().map(|(what, batch)| (what.to_owned(), Bytes::from(batch.encode())));
    // An answer to a broken batch is a fault by itself, as `contract` says.
    for (what, bytes) in junk::broken_batches(&sound).into_iter().chain(odd) {
        let input = Arc::new(Parcel::new(bytes));
        for task in exercises::tasks_on_batches(descriptor) {
            let outcome = bench.ask(&task, &input);
            tally.note(&format!("{} of {what}", exercises::verb(&task)), &outcome);
        }
        if tally.is_over() {
            break;
        }
    }
    tally.verdict(|| {
        format!("{} calls with broken and odd batches, {} refused: nothing broke", tally.calls, tally.refused)
    })
}

/// Consistent batches with values that no document should have.
fn odd(sound: &Batch) -> Vec<(&'static str, Batch)> {
    let changed = |change: &dyn Fn(&mut Batch)| {
        let mut batch = sound.clone();
        change(&mut batch);
        batch
    };
    vec![
        ("a batch of nothing", Batch::default()),
        ("a batch of images without annotations", sound.without_annotations()),
        ("a batch of images of 0 pixels", changed(&|batch| batch.images.iter_mut().for_each(|image| image.width = 0))),
        (
            "a batch of images of 4,294,967,295 pixels a side",
            changed(&|batch| {
                for image in &mut batch.images {
                    (image.width, image.height) = (u32::MAX, u32::MAX);
                }
            }),
        ),
        ("a batch of values from 0 to 255", changed(&|batch| batch.value.fill(255))),
        ("a batch whose labels are empty", changed(&|batch| batch.labels.fill(String::new()))),
        ("a batch whose boxes are no numbers", changed(&|batch| batch.boxes = vec![[f64::NAN; 4]; batch.len()])),
        ("a batch whose boxes are infinite", changed(&|batch| batch.boxes = vec![[f64::INFINITY; 4]; batch.len()])),
        (
            "a batch whose boxes are huge",
            changed(&|batch| batch.boxes = vec![[-1e308, -1e308, 1e308, 1e308]; batch.len()]),
        ),
        (
            "a batch without boxes and payloads",
            changed(&|batch| {
                batch.boxes.clear();
                batch.payload_ends.clear();
                batch.payload_bytes.clear();
            }),
        ),
        (
            "a batch whose payloads mean nothing",
            changed(&|batch| {
                batch.payload_ends.clear();
                batch.payload_bytes.clear();
                (0..batch.len()).for_each(|_| batch.push_payload(b"\xff{\"points\":[[["));
            }),
        ),
    ]
}
