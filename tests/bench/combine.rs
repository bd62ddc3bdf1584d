//! Importing and combining annotated datasets of one format, through the public API of a running server.

use crate::clock::{self, median};
use crate::support::{Client, Server, archives};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

pub const NAME: &str = "combine";

const SOURCES: u32 = 2;
const IMAGES: u32 = 2_000;
const BOXES_PER_IMAGE: u32 = 3;
const CLASSES: [&str; 5] = ["mass", "nodule", "effusion", "calcification", "fracture"];
const SIDE: u32 = 16;

/// One piece of work of the server.
struct Cost {
    wall_ms: f64,
    /// `None` where the system cannot tell.
    cpu_ms: Option<f64>,
}

pub fn measure(rounds: u32) -> Value {
    let server = Server::start();
    let client = server.admin();
    let (mut sources, mut imports) = (Vec::new(), Vec::new());
    for number in 0..SOURCES {
        let archive = archive(number);
        let (cost, source) = timed(&server, || import(&client, number, &archive));
        imports.push(cost);
        sources.push(source);
    }
    let blobs = server.data_dir().join("blobs");
    let before = stored(&blobs);
    let combines: Vec<Cost> = (0..rounds).map(|round| timed(&server, || combine(&client, &sources, round)).0).collect();
    let after = stored(&blobs);
    assert_eq!(before, after, "combining datasets of one format wrote files");
    report(&Cost::median(imports), &Cost::median(combines), rounds, after)
}

fn timed<T>(server: &Server, work: impl FnOnce() -> T) -> (Cost, T) {
    let (wall, cpu) = (Instant::now(), clock::of_process(server.process_id()));
    let done = work();
    let cpu = clock::of_process(server.process_id()).zip(cpu).map(|(after, before)| after - before);
    (Cost { wall_ms: ms(wall.elapsed()), cpu_ms: cpu.map(ms) }, done)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

impl Cost {
    fn median(costs: Vec<Self>) -> Self {
        let cpu: Option<Vec<f64>> = costs.iter().map(|cost| cost.cpu_ms).collect();
        let wall = costs.iter().map(|cost| cost.wall_ms).collect();
        Self { wall_ms: median(wall).unwrap_or_default(), cpu_ms: cpu.and_then(median) }
    }

    fn to_json(&self) -> Value {
        json!({ "wall_ms": self.wall_ms, "server_cpu_ms": self.cpu_ms })
    }

    fn cpu(&self) -> String {
        self.cpu_ms.map_or_else(|| "SKIPPED: no clock of another process here".to_owned(), |ms| format!("{ms:.0} ms"))
    }
}

/// Small PNGs, none like another, with boxes.
fn archive(number: u32) -> Vec<u8> {
    let mut rows = String::new();
    let mut entries = Vec::new();
    for index in 0..IMAGES {
        let path = format!("images/{index:05}.png");
        for each in 0..BOXES_PER_IMAGE {
            let class = CLASSES[(index + each * 2) as usize % CLASSES.len()];
            let (left, top) = (index % 8 + each, each * 3);
            writeln!(rows, "{path},{class},{left},{top},4,5").unwrap();
        }
        entries.push((path, archives::png(SIDE, SIDE, number * IMAGES + index)));
    }
    entries.push(("label.csv".to_owned(), rows.into_bytes()));
    archives::zip(&entries)
}

/// Dataset and its annotation set.
fn import(client: &Client, number: u32, archive: &[u8]) -> Value {
    let dataset = client.dataset(&format!("Source {number}"), archive);
    let sets = client.annotation_sets(&dataset);
    assert_eq!(sets[0]["annotationCount"], IMAGES * BOXES_PER_IMAGE);
    json!({ "dataset": dataset, "annotationSet": sets[0]["id"] })
}

fn combine(client: &Client, sources: &[Value], round: u32) {
    let input = json!({
        "name": format!("Combined {round}"),
        "sources": sources,
        "annotationType": "detection",
        "annotationSetName": "Boxes",
    });
    let (job, dataset) = client.combine(input);
    assert_eq!(job["state"], "SUCCEEDED", "{job}");
    let sets = client.annotation_sets(&dataset);
    let expected = json!([SOURCES * IMAGES, SOURCES * IMAGES * BOXES_PER_IMAGE]);
    assert_eq!(json!([sets[0]["imageCount"], sets[0]["annotationCount"]]), expected);
}

/// Files below a folder, and their bytes.
fn stored(folder: &Path) -> (u64, u64) {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.fold((0, 0), |(files, bytes), entry| {
        let metadata = entry.metadata().unwrap();
        let (more_files, more_bytes) = if metadata.is_dir() { stored(&entry.path()) } else { (1, metadata.len()) };
        (files + more_files, bytes + more_bytes)
    })
}

fn report(import: &Cost, combine: &Cost, rounds: u32, (files, bytes): (u64, u64)) -> Value {
    let images = SOURCES * IMAGES;
    println!(
        "\nImport of {IMAGES} PNGs of {SIDE} × {SIDE} with {} boxes, upload and counts included: {:.0} ms, server CPU \
         {}{}",
        IMAGES * BOXES_PER_IMAGE,
        import.wall_ms,
        import.cpu(),
        import.cpu_ms.map_or_else(String::new, |ms| format!(", {:.2} ms an image", ms / f64::from(IMAGES))),
    );
    println!(
        "Combine of {SOURCES} × {IMAGES} of them, {} boxes, median of {rounds} rounds: {:.0} ms, server CPU {}",
        images * BOXES_PER_IMAGE,
        combine.wall_ms,
        combine.cpu(),
    );
    println!("Files in the store before and after combining: {files} of {bytes} bytes, none written.");
    json!({
        "images_per_source": IMAGES,
        "sources": SOURCES,
        "boxes_per_image": BOXES_PER_IMAGE,
        "import": import.to_json(),
        "combine": combine.to_json(),
        "stored_files": files,
        "stored_bytes": bytes,
    })
}
