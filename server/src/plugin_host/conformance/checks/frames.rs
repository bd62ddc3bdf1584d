//! Every frame that the metadata promises can be decoded, in every mode, at the size that it promises.

use crate::plugin_host::answers::read_metadata;
use crate::plugin_host::conformance::bench::{Bench, Outcome};
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::exercises::verb;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::samples::Sample;
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::conformance::tally::Tally;
use crate::plugin_host::task::Task;
use std::time::Duration;

const TIME: Duration = Duration::from_secs(60);
/// Frames of one file that are also converted; the inspection decodes all of them.
const FRAMES: u32 = 32;

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    let Capability::Image(descriptor) = capability else { return None };
    if let Some(hindrance) = super::find_hindrance(subject, capability) {
        return Some(hindrance);
    }
    Some(super::with_bench(subject, |bench| {
        let mut tally = Tally::new(TIME);
        let mut frames = 0;
        for sample in &subject.samples_of(capability).samples {
            frames += decode(bench, &descriptor.id, sample, &mut tally);
            if tally.is_over() {
                break;
            }
        }
        let sentence =
            || format!("{frames} frames decode as stored, for the screen and at 16 bits, as large as promised");
        tally.verdict(sentence).figure("frames", frames)
    }))
}

/// Gives the number of frames.
fn decode(bench: &Bench, format: &str, sample: &Sample, tally: &mut Tally) -> u32 {
    let inspect = Task::Inspect { format: format.to_owned(), thumbnail_size: 64 };
    let outcome = bench.ask(&inspect, &sample.input);
    tally.note(&sample.name, &outcome);
    let Outcome::Answered(answer) = outcome else { return 0 };
    let Ok(metadata) = read_metadata(answer.parts.get(1).map_or(&[][..], |part| part)) else { return 0 };
    for frame in 0..metadata.frame_count.min(FRAMES) {
        for bits in [8, 16] {
            let task = Task::Convert { format: format.to_owned(), frame, bits };
            let what = format!("{} of frame {frame} of {}", verb(&task), sample.name);
            let outcome = bench.ask(&task, &sample.input);
            tally.note(&what, &outcome);
            match outcome {
                Outcome::Answered(answer) => {
                    let size = answer.parts.first().and_then(|png| png_size(png));
                    if size != Some((metadata.width, metadata.height)) {
                        tally.blame(&what, &format!("{size:?}, {} × {} promised", metadata.width, metadata.height));
                    }
                }
                Outcome::Refused(error) => tally.blame(&what, &error.message),
                Outcome::Broke(_) => {}
            }
        }
        if tally.is_over() {
            break;
        }
    }
    metadata.frame_count
}

/// Width and height (PNG specification, 11.2.1).
fn png_size(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| png.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    Some((number(16)?, number(20)?))
}
