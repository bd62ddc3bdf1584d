//! A format that says that it writes, writes what it reads.

use crate::plugin_host::answers::read_metadata;
use crate::plugin_host::conformance::bench::{Bench, Outcome};
use crate::plugin_host::conformance::capability::Capability;
use crate::plugin_host::conformance::report::Verdict;
use crate::plugin_host::conformance::samples::{encoding, first_part, slope};
use crate::plugin_host::conformance::subject::Subject;
use crate::plugin_host::task::{Parcel, Task};
use std::sync::Arc;

const SIZES: [(u32, u32); 6] = [(1, 1), (1, 97), (97, 1), (16, 16), (67, 45), (640, 480)];

pub fn check(subject: &Subject, capability: &Capability) -> Option<Verdict> {
    let Capability::Image(descriptor) = capability else { return None };
    if !descriptor.encodes {
        return None;
    }
    Some(super::with_bench(subject, |bench| {
        let tried = SIZES.iter().try_for_each(|size| go_and_come(subject, bench, &descriptor.id, *size));
        match tried {
            Ok(()) if !subject.can_write_pictures => {
                Verdict::warn("it writes; that it reads it again cannot be seen without the built-in raster plugin")
            }
            Ok(()) => {
                Verdict::pass(format!("pictures of {} sizes are written, and read with the same size", SIZES.len()))
                    .figure("sizes", SIZES.len())
            }
            Err(reason) => Verdict::fail(reason),
        }
    }))
}

fn go_and_come(subject: &Subject, bench: &Bench, format: &str, (width, height): (u32, u32)) -> Result<(), String> {
    let what = format!("a picture of {width} × {height} grey pixels");
    let written = require(bench.ask(&encoding(format, width, height), &slope(width, height)), &what)?;
    let written = first_part(written).unwrap_or_default();
    let head = written.slice(..written.len().min(lightbox_abi::LBX_PROBE_LEN));
    let probe = Task::Probe { name: String::new(), total_bytes: written.len() as u64 };
    let sure = require(bench.ask(&probe, &Arc::new(Parcel::new(head))), &what)?;
    let sure = first_part(sure).unwrap_or_default();
    let place = subject.probed.iter().position(|probed| probed == format);
    if place.and_then(|place| sure.get(place)).is_none_or(|sure| *sure == 0) {
        return Err(format!("its probe does not know {what} that it wrote itself"));
    }
    if !subject.can_write_pictures {
        return Ok(());
    }
    let inspect = Task::Inspect { format: format.to_owned(), thumbnail_size: 64 };
    let answer = require(bench.ask(&inspect, &Arc::new(Parcel::new(written))), &what)?;
    let metadata = read_metadata(answer.parts.get(1).map_or(&[][..], |part| part))?;
    if (metadata.width, metadata.height) != (width, height) {
        return Err(format!("{what} is written, and read as {} × {}", metadata.width, metadata.height));
    }
    Ok(())
}

fn require(outcome: Outcome, what: &str) -> Result<crate::plugin_host::task::Answer, String> {
    match outcome {
        Outcome::Answered(answer) => Ok(answer),
        Outcome::Refused(error) => Err(format!("{what}: {}", error.message)),
        Outcome::Broke(reason) => Err(format!("{what}: {reason}")),
    }
}
