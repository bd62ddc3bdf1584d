//! What a million boxes cost on their way over the plugin boundary, beside all that importing them takes.

use crate::clock;
use crate::lightbox::host;
use crate::support::{Server, archives};
use lightbox::plugin_host::Isolation;
use lightbox_sdk::wire::{read_imported, read_validated, write_imported, write_validated};
use lightbox_sdk::{Batch, Imported, Validated};
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

pub const NAME: &str = "batches";

const BOXES: u32 = 1_000_000;
const IMAGES: u32 = 1_000;
const SIDE: u32 = 100;

pub fn measure() -> Value {
    let document = document();
    let crossing = crossing(&document);
    let (wall, cpu) = import(&document);
    let share = cpu.map(|cpu| crossing.as_secs_f64() / cpu.as_secs_f64() * 100.0);
    println!(
        "\nImport of {BOXES} boxes on {IMAGES} images of {SIDE} × {SIDE}: {:.0} ms, CPU of server and workers {}. Their columns \
         written and read on each side of the boundary, both calls: {:.0} ms{}.",
        ms(wall),
        cpu.map_or_else(|| "SKIPPED: no clock of another process here".to_owned(), |cpu| format!("{:.0} ms", ms(cpu))),
        ms(crossing),
        share.map_or_else(String::new, |share| format!(", {share:.0} % of that")),
    );
    json!({ "boxes": BOXES, "images": IMAGES, "wall_ms": ms(wall), "cpu_ms": cpu.map(ms), "crossing_cpu_ms": ms(crossing) })
}

fn document() -> String {
    let mut rows = String::new();
    for row in 0..BOXES {
        let (image, x, y) = (row % IMAGES, row / IMAGES % 90, row / 7 % 90);
        writeln!(rows, "images/{image:05}.png,class {},{x},{y},{},{}", row % 20, 1 + row % 9, 1 + row % 8).unwrap();
    }
    rows
}

/// CPU time of encoding and decoding what crosses: the document's outcome, then the batch to be checked and its outcome.
fn crossing(document: &str) -> Duration {
    let plugins = host(Isolation::Workers);
    let runtime = Runtime::new().unwrap();
    let bytes = bytes::Bytes::copy_from_slice(document.as_bytes());
    let recognised = runtime.block_on(plugins.recognise_document("label.csv", "", bytes.clone().into()));
    let (annotation_type, recognition) = &recognised.surest_first[0];
    let imported = plugins.import_document(annotation_type, "label.csv", &recognition.format, bytes.into());
    let imported = runtime.block_on(imported).unwrap();
    assert_eq!(imported.batch.len(), BOXES as usize, "{:?}", imported.findings.first());
    let before = clock::of_this_process();
    let outcome = written(|write| write_imported(&imported, write));
    let Imported { batch, .. } = read_imported(&outcome).unwrap();
    let sent = batch.encode();
    let batch = Batch::decode(&sent).unwrap();
    let outcome = written(|write| write_validated(&Validated { batch, findings: Vec::new() }, write));
    let back = read_validated(&outcome).unwrap();
    let spent = clock::of_this_process() - before;
    assert_eq!(back.batch.len(), BOXES as usize);
    spent
}

type Pieces<'a> = &'a mut dyn FnMut(&[u8]) -> lightbox_sdk::Result<()>;

fn written(write: impl FnOnce(Pieces<'_>) -> lightbox_sdk::Result<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })
    .unwrap();
    bytes
}

/// Time on the wall, and CPU time of the server and its workers, of the whole import through the API.
fn import(document: &str) -> (Duration, Option<Duration>) {
    let mut entries: Vec<_> =
        (0..IMAGES).map(|image| (format!("images/{image:05}.png"), archives::png(SIDE, SIDE, image))).collect();
    entries.push(("label.csv".to_owned(), document.as_bytes().to_vec()));
    let archive = archives::zip(&entries);
    let server = Server::start();
    let client = server.admin();
    let (start, before) = (Instant::now(), clock::of_process_and_its_children(server.process_id()));
    let dataset = client.dataset("A million boxes", &archive);
    let wall = start.elapsed();
    let cpu = clock::of_process_and_its_children(server.process_id()).zip(before).map(|(after, before)| after - before);
    let sets = client.annotation_sets(&dataset);
    assert_eq!(sets[0]["imageCount"], IMAGES);
    (wall, cpu)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
